import { complement, formatDecimal, type Fraction, toNumber } from '../core/fraction.ts';
import type { SampleFigures, Verdict, VerdictState } from '../core/verdict.ts';
import type { RowRules } from '../contract/rules.ts';
import type { Bound } from './row-timeline.ts';
import { shareState } from './share-test.ts';

/** Decimals of a printed availability that is not exact: twelve nines must show. */
const AVAILABILITY_DIGITS = 15;

/** What the period's arithmetic is made of, at one instant (sla-math §6). */
export interface Figures {
  readonly atMs: number;
  /** L */
  readonly lengthMs: number;
  /** E */
  readonly elapsedMs: number;
  /** U */
  readonly unknownMs: number;
  /** Time in the elapsed period that was seen: neither unknown nor still awaited. */
  readonly seenMs: number;
  /** D of each bound. */
  readonly downtime: Readonly<Record<Bound, number>>;
  /** Whether the period is over and nothing is awaited for it. */
  readonly over: boolean;
  /** There for a row that promises a share of tests. */
  readonly sample?: SampleFigures;
  /** Object-years watched, for a row that promises durability. */
  readonly objectYears?: number;
}

/** The share of time that a row bears; null where it promises nothing, or nothing that time can use up. */
export function borneShare({ type, allowed }: RowRules): Fraction | null {
  return type === 'durability' ? null : allowed;
}

/** The share of time that decides on the state; null where something else does. */
export function decisiveShare({ type, allowed }: RowRules): Fraction | null {
  return type === 'availability' || type === 'latency-bound' ? allowed : null;
}

/** The state of a row member (sla-math §6, §8). */
export function stateOf(rules: RowRules, figures: Figures, eligible: boolean | null): VerdictState {
  const { type, allowed, starred } = rules;
  if (!allowed) return 'no-commitment';
  if (starred && eligible === false) return 'not-applicable';
  const { sample, downtime, lengthMs, over } = figures;
  if (type === 'sampled-share') return sample ? shareState(sample, complement(allowed), over) : 'undecided';
  if (type === 'durability') return durabilityState(figures);
  if (exceeds(downtime.best, lengthMs, allowed)) return 'breached';
  if (exceeds(downtime.worst, lengthMs, allowed)) return 'undecided';
  return over ? 'met' : 'on-track';
}

/** One loss is one too many; and none is no proof, least of all where nobody looked. */
function durabilityState({ downtime, objectYears = 0 }: Figures): VerdictState {
  if (downtime.estimate > 0) return 'breached';
  return objectYears > 0 ? 'not-falsified' : 'undecided';
}

/** Whether D > B, exactly: D · den > L · num. Equal to the budget is not over it. */
export function exceeds(downtimeMs: number, lengthMs: number, allowed: Fraction): boolean {
  return BigInt(downtimeMs) * allowed.den > BigInt(lengthMs) * allowed.num;
}

/**
 * Where nothing was seen at all there is no figure: an availability of 100 % would be a guess. Of tests it is the share
 * that was met; of durability there is none.
 */
export function availabilityOf({ type }: RowRules, figures: Figures): Verdict['availability'] {
  const { downtime, lengthMs, elapsedMs, unknownMs, seenMs, over, sample } = figures;
  if (type === 'durability') return { toDate: null, bestAchievable: null, final: null, worst: null };
  if (sample) {
    const share = ratio(sample.met, sample.tests);
    return { toDate: share, bestAchievable: null, final: over ? share : null, worst: null };
  }
  return {
    toDate: seenMs > 0 ? upShare(downtime.estimate, elapsedMs - unknownMs) : null,
    bestAchievable: upShare(downtime.best, lengthMs),
    final: over && seenMs > 0 ? upShare(downtime.estimate, lengthMs) : null,
    worst: upShare(downtime.worst, lengthMs),
  };
}

function upShare(downtimeMs: number, ofMs: number): string | null {
  return ratio(ofMs - downtimeMs, ofMs);
}

function ratio(part: number, whole: number): string | null {
  return whole > 0 ? formatDecimal({ num: BigInt(part), den: BigInt(whole) }, AVAILABILITY_DIGITS) : null;
}

/** Share of the budget used over share of the period elapsed; null before both are known. */
export function paceOf(share: Fraction | null, { downtime, lengthMs, elapsedMs }: Figures): number | null {
  if (!share || share.num === 0n || elapsedMs <= 0 || lengthMs <= 0) return null;
  return downtime.estimate / (lengthMs * toNumber(share)) / (elapsedMs / lengthMs);
}
