/** An exact rational number. `den` is positive; the two need not be coprime. */
export interface Fraction {
  readonly num: bigint;
  readonly den: bigint;
}

const DECIMAL = /^(\d+)(?:\.(\d+))?$/;

/** The exact value of a decimal string such as `99.999`. Undefined for signs, exponents, commas and blanks. */
export function parseDecimal(text: string): Fraction | undefined {
  const match = DECIMAL.exec(text);
  if (!match) return undefined;
  const digits = match[2] ?? '';
  return { num: BigInt((match[1] ?? '') + digits), den: 10n ** BigInt(digits.length) };
}

/** The exact fraction of a percentage: `99.999` is 99999/100000 (sla-math: no floating point in a verdict). */
export function parsePercent(text: string): Fraction | undefined {
  const value = parseDecimal(text);
  return value && { num: value.num, den: value.den * 100n };
}

/** 1 − f. */
export function complement(f: Fraction): Fraction {
  return { num: f.den - f.num, den: f.den };
}

/** ⌊f · n⌋ for a whole, non-negative n. */
export function floorOf(f: Fraction, n: number): number {
  return Number((f.num * BigInt(n)) / f.den);
}

/** The nearest double; for metrics and screens only. */
export function toNumber(f: Fraction): number {
  const scaled = (f.num * 10n ** 18n) / f.den;
  return Number(scaled) / 1e18;
}

/**
 * The value as a decimal string with at most `digits` decimals, cut (not rounded) towards zero so that a figure
 * just under a target never prints as the target. Trailing zeros are dropped only when nothing was cut, so an
 * exact value is short and an inexact one always shows all its decimals.
 */
export function formatDecimal(f: Fraction, digits: number): string {
  const negative = f.num < 0n;
  const scaled = (negative ? -f.num : f.num) * 10n ** BigInt(digits);
  const text = (scaled / f.den).toString().padStart(digits + 1, '0');
  const whole = text.slice(0, text.length - digits);
  let decimals = text.slice(text.length - digits);
  if (scaled % f.den === 0n) decimals = decimals.replace(/0+$/, '');
  return (negative ? '-' : '') + (decimals ? `${whole}.${decimals}` : whole);
}
