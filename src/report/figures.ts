/** The languages that a report is written in. */
export const REPORT_LANGUAGES = ['en', 'fr'] as const;
export type ReportLanguage = (typeof REPORT_LANGUAGES)[number];

const UNITS_MS = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
] as const;

/** Milliseconds in words, exactly: `1 d 2 h 16 min 48 s`, `5 min 15.36 s`; units that are 0 are left out. */
export function durationText(ms: number, language: ReportLanguage): string {
  if (ms < 0) return `−${durationText(-ms, language)}`;
  const parts: string[] = [];
  let rest = Math.round(ms);
  for (const [unit, size] of UNITS_MS) {
    const count = Math.floor(rest / size);
    if (count > 0) parts.push(`${count} ${unit === 'd' && language === 'fr' ? 'j' : unit}`);
    rest -= count * size;
  }
  if (rest > 0 || parts.length === 0) parts.push(`${decimal(String(rest / 1_000), language)} s`);
  return parts.join(' ');
}

/** A share as a decimal string (`0.99998765`) in percent, all of its digits: nothing is rounded. */
export function percentText(ratio: string, language: ReportLanguage): string {
  const isNegative = ratio.startsWith('-');
  const [whole = '0', fraction = ''] = ratio.replace('-', '').split('.');
  const digits = fraction.padEnd(2, '0');
  const before = `${whole}${digits.slice(0, 2)}`.replace(/^0+(?=\d)/, '');
  const after = digits.slice(2);
  return `${isNegative ? '−' : ''}${decimal(after === '' ? before : `${before}.${after}`, language)} %`;
}

/** A part of a whole in percent with two decimals, cut: what is not all never reads 100 %. */
export function shareText(part: number, whole: number, language: ReportLanguage): string {
  const hundredths = whole > 0 ? (BigInt(part) * 10_000n) / BigInt(whole) : 0n;
  return `${decimal(String(Number(hundredths) / 100), language)} %`;
}

/** A decimal number as the language writes it. */
export function decimal(number: string, language: ReportLanguage): string {
  return language === 'fr' ? number.replace('.', ',') : number;
}

/** An RFC 3339 instant in a zone, with its offset: `2026-03-10 13:00:00 +01:00`; a fraction of a second where there is one. */
export function instantText(instant: string, zone: string): string {
  const local = Temporal.Instant.from(instant).toZonedDateTimeISO(zone);
  const time = local
    .toPlainTime()
    .toString({ smallestUnit: local.millisecond === 0 ? 'second' : 'millisecond' });
  return `${local.toPlainDate().toString()} ${time} ${local.offset}`;
}
