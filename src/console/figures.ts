const SECOND_MS = 1_000;
const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;
const IN_SECONDS_BELOW_MS = 10 * MINUTE_MS;

/** What stands where there is no figure. */
export const NOTHING = '–';

/**
 * A duration for a narrow column. Below ten minutes in seconds with every millisecond (`435.36s`); above, its two
 * largest units, the rest cut off (`43m12s`, `1h26m`, `22d3h`). Signed.
 */
export function compactDuration(ms: number): string {
  if (ms < 0) return `-${compactDuration(-ms)}`;
  const whole = Math.trunc(ms);
  if (whole < IN_SECONDS_BELOW_MS) return `${whole / SECOND_MS}s`;
  if (whole < HOUR_MS) return twoUnits(whole, MINUTE_MS, 'm', SECOND_MS, 's');
  if (whole < DAY_MS) return twoUnits(whole, HOUR_MS, 'h', MINUTE_MS, 'm');
  return twoUnits(whole, DAY_MS, 'd', HOUR_MS, 'h');
}

function twoUnits(ms: number, largeMs: number, large: string, smallMs: number, small: string): string {
  const rest = Math.floor((ms % largeMs) / smallMs);
  return `${Math.floor(ms / largeMs)}${large}${rest === 0 ? '' : `${rest}${small}`}`;
}

const LEAST_DECIMALS = 6;
const DECIMALS_PAST_TARGET = 3;

/**
 * A ratio, given as a decimal string, in percent, cut and never rounded up: with three decimals more than the target
 * has, and six at least, so that a second in a year shows. `target` is a percentage as the contract writes it.
 */
export function percentOf(ratio: string, target: string | null): string {
  const past = (target?.split('.')[1]?.length ?? 0) + DECIMALS_PAST_TARGET;
  return `${cutDecimals(shiftedTwo(ratio), Math.max(LEAST_DECIMALS, past))}%`;
}

function shiftedTwo(ratio: string): string {
  const [whole = '0', decimals = ''] = ratio.split('.');
  const filled = decimals.padEnd(2, '0');
  return `${`${whole}${filled.slice(0, 2)}`.replace(/^0+(?=\d)/, '')}.${filled.slice(2)}`;
}

/** Zeros at the end are dropped only where nothing else was cut: what is short is exact. */
function cutDecimals(decimal: string, most: number): string {
  const [whole = '', decimals = ''] = decimal.split('.');
  const kept = decimals.slice(0, most);
  const exact = /^0*$/.test(decimals.slice(most));
  const shown = exact ? kept.replace(/0+$/, '') : kept;
  return shown === '' ? whole : `${whole}.${shown}`;
}

/** A share of at most 1 in percent with one decimal, cut: 100% only for the whole; `<0.1%` for what is not nothing. */
export function shareOf(part: number, whole: number): string {
  if (whole <= 0) return NOTHING;
  const permille = Math.floor((part * 1000) / whole);
  if (permille <= 0) return part > 0 ? '<0.1%' : '0%';
  return `${permille / 10}%`;
}

/** A latency in milliseconds for people: three digits that matter (`0.41ms`, `12.3ms`, `870ms`, `1.25s`). */
export function latencyText(ms: number): string {
  if (ms < 10) return `${ms.toFixed(2)}ms`;
  if (ms < 100) return `${ms.toFixed(1)}ms`;
  return ms < SECOND_MS ? `${Math.round(ms)}ms` : `${(ms / SECOND_MS).toFixed(2)}s`;
}

/** The time of day of an instant (milliseconds since the epoch, or RFC 3339), in UTC: `10:14:08Z`. */
export function timeOfDay(instant: number | string): string {
  return `${new Date(instant).toISOString().slice(11, 19)}Z`;
}
