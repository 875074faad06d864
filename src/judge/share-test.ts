import type { Fraction } from '../core/fraction.ts';

/** z² of the Wilson score interval at 95 %, z = 1.96, exactly. */
const Z_SQUARED: Fraction = { num: 2_401n, den: 625n };
const Z = 1.96;

/** The Wilson score interval of a share s/n, for figures; n > 0. Decisions are made by {@link shareState}. */
export function wilsonInterval(
  met: number,
  tests: number,
): { readonly lower: number; readonly upper: number } {
  const share = met / tests;
  const weight = (Z * Z) / tests;
  const centre = (share + weight / 2) / (1 + weight);
  const half = (Z * Math.sqrt((share * (1 - share)) / tests + weight / (4 * tests))) / (1 + weight);
  return { lower: Math.max(0, centre - half), upper: Math.min(1, centre + half) };
}

/** A share of tests against a target a/d, in whole numbers: distance s·d − a·n, and its square against the interval. */
export interface ShareTest {
  /** Negative when the share that was met is below the target. */
  readonly distance: bigint;
  readonly left: bigint;
  readonly right: bigint;
}

/**
 * The target lies outside the Wilson interval, or on its edge, when (s/n − T)² ≥ z²·T·(1 − T)/n; multiplied out, when
 * `left` ≥ `right`.
 */
export function shareTest(
  { met, tests }: { readonly met: number; readonly tests: number },
  target: Fraction,
): ShareTest {
  const n = BigInt(tests);
  const distance = BigInt(met) * target.den - target.num * n;
  return {
    distance,
    left: Z_SQUARED.den * distance * distance,
    right: Z_SQUARED.num * target.num * (target.den - target.num) * n,
  };
}

/**
 * What tests say of a promised share (sla-math §8): `breached` when the upper bound is below it, `met` when the period
 * is over and the lower bound is not. Exact: no floating point takes part.
 */
export function shareState(
  sample: { readonly met: number; readonly tests: number },
  target: Fraction,
  over: boolean,
): 'breached' | 'met' | 'undecided' {
  if (sample.tests === 0) return 'undecided';
  const { distance, left, right } = shareTest(sample, target);
  if (distance < 0n && left > right) return 'breached';
  return over && distance >= 0n && left >= right ? 'met' : 'undecided';
}
