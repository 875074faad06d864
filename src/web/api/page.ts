/** A part of a list. */
export interface Page<T> {
  readonly items: readonly T[];
  /** For `after`, to have the next page; null on the last. */
  readonly next: string | null;
}

/**
 * The items after the one that the cursor names; those from the first on without a cursor. Undefined where the cursor
 * names none of them (any more).
 */
export function pageOf<T>(
  all: readonly T[],
  keyOf: (item: T) => string,
  { limit, after }: { readonly limit: number; readonly after?: string | undefined },
): Page<T> | undefined {
  const key = after === undefined ? undefined : cursorKey(after);
  const last = key === undefined ? -1 : all.findIndex((item) => keyOf(item) === key);
  if (after !== undefined && last < 0) return undefined;
  const items = all.slice(last + 1, last + 1 + limit);
  const end = items.at(-1);
  const isLast = last + 1 + items.length >= all.length;
  return { items, next: isLast || end === undefined ? null : cursorOf(keyOf(end)) };
}

/** A cursor that may stand in a URL as it is. */
export function cursorOf(key: string): string {
  return Buffer.from(key).toString('base64url');
}

/** What a cursor names. */
export function cursorKey(cursor: string): string {
  return Buffer.from(cursor, 'base64url').toString();
}
