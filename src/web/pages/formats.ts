import type { Language } from './language.ts';

/** Keeps a number and its unit on one line. */
const NBSP = '\u00a0';

const UNITS_MS = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
] as const;

/** The largest unit that a duration is told in. Hours, where a day is not 24 of them: in working time. */
export type LargestUnit = 'd' | 'h';

const UNIT_NAMES: Readonly<Record<Language, Readonly<Record<'d' | 'h' | 'min' | 's', string>>>> = {
  en: { d: 'd', h: 'h', min: 'min', s: 's' },
  fr: { d: 'j', h: 'h', min: 'min', s: 's' },
};

/**
 * A span of whole milliseconds in words, exactly: `1 d 2 h 16 min 48 s`, `5 min 15.36 s`, `10 ms`; units that are 0 are
 * left out.
 */
export function durationText(ms: number, language: Language, largest: LargestUnit = 'd'): string {
  if (ms < 0) return `\u2212${durationText(-ms, language, largest)}`;
  if (ms > 0 && ms < 1000) return `${Math.round(ms)}${NBSP}ms`;
  const names = UNIT_NAMES[language];
  const parts: string[] = [];
  let rest = Math.round(ms);
  for (const [unit, size] of UNITS_MS.slice(largest === 'd' ? 0 : 1)) {
    const count = Math.floor(rest / size);
    if (count > 0) parts.push(`${count}${NBSP}${names[unit]}`);
    rest -= count * size;
  }
  if (rest > 0 || parts.length === 0) {
    const seconds = decimalMark(String(rest / 1000), language);
    parts.push(`${seconds}${NBSP}${names.s}`);
  }
  return parts.join(' ');
}

/** Of a percentage so many decimals are shown: a unit of the last is 3 ms of a year. */
const MOST_DECIMALS = 8;

/** A share as a decimal string (`"0.99998765"`) in percent: `99.998765 %`. What has more digits is cut, never rounded up. */
export function percentText(ratio: string, language: Language): string {
  const isNegative = ratio.startsWith('-');
  const [whole = '0', fraction = ''] = ratio.replace('-', '').split('.');
  const digits = fraction.padEnd(2, '0');
  const before = `${whole}${digits.slice(0, 2)}`.replace(/^0+(?=\d)/, '');
  const after = digits.slice(2, 2 + MOST_DECIMALS).replace(/0+$/, '');
  const number = after === '' ? before : `${before}.${after}`;
  return `${isNegative ? '\u2212' : ''}${decimalMark(number, language)}${NBSP}%`;
}

/** A share from 0 to 1 in percent with one decimal, rounded down: what is not all never reads 100 %. */
export function coverageText(share: number, language: Language): string {
  const tenths = Math.floor(share * 1000 + 1e-9);
  return `${decimalMark(String(tenths / 10), language)}${NBSP}%`;
}

/** A percentage as the contract writes it. */
export function targetText(target: string, language: Language): string {
  return `${decimalMark(target, language)}${NBSP}%`;
}

/** Milliseconds of a latency, to a tenth below 100. */
export function latencyText(ms: number, language: Language): string {
  const number = ms < 100 ? ms.toFixed(1) : ms.toFixed(0);
  return `${decimalMark(number, language)}${NBSP}ms`;
}

/** A number of things, its thousands apart. */
export function countText(count: number, language: Language): string {
  return new Intl.NumberFormat(language).format(count);
}

/** An instant on the wall clocks of a zone, with its offset from UTC: `2026-03-29 03:00:10 +02:00`. */
export function instantText(instant: string, zone: string): string {
  const local = Temporal.Instant.from(instant).toZonedDateTimeISO(zone);
  const ms = local.millisecond === 0 ? '' : `.${String(local.millisecond).padStart(3, '0')}`;
  return `${local.toPlainDate().toString()}${NBSP}${clockText(local)}${ms}${NBSP}${local.offset}`;
}

function clockText({ hour, minute, second }: Temporal.ZonedDateTime): string {
  return [hour, minute, second].map((part) => String(part).padStart(2, '0')).join(':');
}

/** The day of an instant in a zone: `2026-03-29`. */
export function dayText(instant: string, zone: string): string {
  return Temporal.Instant.from(instant).toZonedDateTimeISO(zone).toPlainDate().toString();
}

function decimalMark(number: string, language: Language): string {
  return language === 'fr' ? number.replace('.', ',') : number;
}
