const RFC3339 = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?(?:Z|[+-]\d{2}:\d{2})$/i;

/** What an instant looks like, for messages. */
export const INSTANT_EXPECTED = 'an instant with an offset, like "2026-03-01T00:00:00.000Z"';

/**
 * Milliseconds since the epoch of an RFC 3339 instant with any offset; what is finer than a millisecond is cut.
 * Undefined for anything else, dates that do not exist included.
 */
export function parseInstant(text: string): number | undefined {
  if (!RFC3339.test(text)) return undefined;
  try {
    return Temporal.Instant.from(text).epochMilliseconds;
  } catch {
    return undefined;
  }
}
