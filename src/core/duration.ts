const UNIT_MS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

const SHORT = /^(?:\d+(?:ms|s|m|h|d))+$/;
const SHORT_PART = /(\d+)(ms|s|m|h|d)/g;
const ISO =
  /^P(?=\d|T\d)(?:(?<d>\d+)D)?(?:T(?=\d)(?:(?<h>\d+)H)?(?:(?<m>\d+)M)?(?:(?<s>\d+)(?:\.(?<f>\d{1,3}))?S)?)?$/;

/** What a duration looks like, for messages. */
export const DURATION_EXPECTED = 'a duration like "10s", "1h30m", "500ms" or "PT10S"';

/**
 * Milliseconds of a duration written as `10s`, `1h30m`, `500ms` or ISO 8601 without years, months and weeks
 * (`PT10S`, `P1DT2H`). Undefined when the text is anything else. A day is 24 hours.
 */
export function parseDuration(text: string): number | undefined {
  if (SHORT.test(text)) {
    let total = 0;
    for (const [, count, unit] of text.matchAll(SHORT_PART))
      total += Number(count) * (UNIT_MS[unit ?? ''] ?? 0);
    return Number.isSafeInteger(total) ? total : undefined;
  }
  const iso = ISO.exec(text)?.groups;
  if (!iso) return undefined;
  const whole = (name: string): number => Number(iso[name] ?? 0);
  const total =
    whole('d') * 86_400_000 +
    whole('h') * 3_600_000 +
    whole('m') * 60_000 +
    whole('s') * 1_000 +
    Number((iso['f'] ?? '').padEnd(3, '0'));
  return Number.isSafeInteger(total) ? total : undefined;
}

/** A duration for people: the largest units first, no unit that is zero, milliseconds kept (`1h30m`, `2s500ms`). */
export function formatDuration(ms: number): string {
  if (ms < 0) return `-${formatDuration(-ms)}`;
  let rest = Math.round(ms);
  let text = '';
  for (const unit of ['d', 'h', 'm', 's', 'ms']) {
    const size = UNIT_MS[unit] ?? 1;
    const count = Math.floor(rest / size);
    if (count > 0) text += `${count}${unit}`;
    rest -= count * size;
  }
  return text || '0s';
}
