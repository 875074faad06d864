import { type Fraction, formatDecimal, parseDecimal, parsePercent } from '../core/fraction.ts';
import type { Bounds, VerdictState } from '../core/verdict.ts';
import type { Penalty } from './penalty-schema.ts';
import { contractAt, type ContractVersion } from './rule-history.ts';

/** What one row amounted to in a period: what a penalty is computed from. */
export interface PenaltyBasis {
  readonly row: string;
  /** The promised percentage as written. */
  readonly target: string;
  /** End of the period, in milliseconds since the epoch. */
  readonly periodEndMs: number;
  /** L: the length that downtime is measured against. */
  readonly lengthMs: number;
  /** Counted downtime. */
  readonly downtimeMs: Bounds;
}

/** Part of a bill that is owed back. */
export interface Owed {
  /** Percent of the period’s bill, as a decimal string. */
  readonly credit: string;
  /** In the currency of the bill, cut to whole cents; null where the contract file names no bill. */
  readonly amount: string | null;
}

/** What one penalty of the contract comes to. */
export interface PenaltyDue {
  readonly rule: 'tiers' | 'promised-minus-observed';
  /** What is owed whatever we did not see. */
  readonly certain: Owed;
  readonly estimate: Owed;
  /** What would be owed if all that we did not see was bad. */
  readonly atMost: Owed;
  /** Until when a claim may be made, in milliseconds since the epoch; null where the contract file sets no term. */
  readonly claimByMs: number | null;
}

const HUNDRED = 100n;
/** Decimals of a printed credit that is not exact. */
const CREDIT_DIGITS = 6;
const CENTS = 2;

/** A verdict as far as it decides what is owed. */
export interface OwingVerdict extends Omit<PenaltyBasis, 'target' | 'lengthMs'> {
  /** The promised percentage as written; null where none is promised. */
  readonly target: string | null;
  readonly state: VerdictState;
  /** L, where time is borne, and null elsewhere; asked only where a penalty is written for the row. */
  readonly lengthMs: () => number | null;
}

/**
 * What is owed for a verdict by the user’s own terms: those of the contract that holds at the end of its period, or of the
 * part of one. Credits are of time: for a share of tests, for durability and for a row that may not be claimed none is
 * owed, and the list is empty, as where no penalty is written for the row.
 */
export function penaltiesOwed(
  versions: readonly ContractVersion[],
  { row, target, state, periodEndMs, downtimeMs, lengthMs: lengthOf }: OwingVerdict,
): readonly PenaltyDue[] {
  const { penalties = [] } = contractAt(versions, periodEndMs - 1);
  if (target === null || state === 'not-applicable') return [];
  const lengthMs = penalties.some((one) => isFor(one, row)) ? lengthOf() : null;
  return lengthMs === null ? [] : penaltiesDue(penalties, { row, target, periodEndMs, lengthMs, downtimeMs });
}

/** What is owed for a row by the user’s own table or formula; empty where there is none for it. */
export function penaltiesDue(penalties: readonly Penalty[], basis: PenaltyBasis): readonly PenaltyDue[] {
  return penalties
    .filter((penalty) => isFor(penalty, basis.row))
    .map((penalty) => ({
      rule: penalty.tiers ? 'tiers' : 'promised-minus-observed',
      certain: owed(penalty, basis, basis.downtimeMs.best),
      estimate: owed(penalty, basis, basis.downtimeMs.estimate),
      atMost: owed(penalty, basis, basis.downtimeMs.worst),
      claimByMs: penalty.claimWithin === undefined ? null : basis.periodEndMs + penalty.claimWithin,
    }));
}

function isFor({ rows }: Penalty, row: string): boolean {
  return rows?.includes(row) ?? true;
}

function owed(penalty: Penalty, basis: PenaltyBasis, downtimeMs: number): Owed {
  const observed = { num: BigInt(basis.lengthMs - downtimeMs), den: BigInt(Math.max(1, basis.lengthMs)) };
  const due = penalty.tiers ? tierOf(penalty.tiers, observed) : shortfall(percent(basis.target), observed);
  const credit = atMost(due, penalty.cap === undefined ? undefined : percent(penalty.cap));
  return {
    credit: formatDecimal({ num: credit.num * HUNDRED, den: credit.den }, CREDIT_DIGITS),
    amount: penalty.bill === undefined ? null : amountOf(credit, penalty.bill),
  };
}

/** The tier with the lowest edge that the observed share is below. */
function tierOf(tiers: NonNullable<Penalty['tiers']>, observed: Fraction): Fraction {
  const applying = tiers
    .map(({ below, credit }) => ({ below: percent(below), credit: percent(credit) }))
    .filter(({ below }) => isLess(observed, below));
  const lowest = applying.reduce<(typeof applying)[number] | undefined>(
    (least, tier) => (least && !isLess(tier.below, least.below) ? least : tier),
    undefined,
  );
  return lowest?.credit ?? { num: 0n, den: 1n };
}

function shortfall(promised: Fraction, observed: Fraction): Fraction {
  if (!isLess(observed, promised)) return { num: 0n, den: 1n };
  return {
    num: promised.num * observed.den - observed.num * promised.den,
    den: promised.den * observed.den,
  };
}

function atMost(due: Fraction, cap: Fraction | undefined): Fraction {
  return cap && isLess(cap, due) ? cap : due;
}

function amountOf(credit: Fraction, bill: string): string {
  const whole = parseDecimal(bill);
  if (!whole) throw new Error(`not an amount: ${bill}`);
  const exact = { num: credit.num * whole.num, den: credit.den * whole.den };
  const cents = (exact.num * HUNDRED) / exact.den;
  const [units, decimals = ''] = formatDecimal({ num: cents, den: HUNDRED }, CENTS).split('.');
  return `${units}.${decimals.padEnd(CENTS, '0')}`;
}

function isLess(a: Fraction, b: Fraction): boolean {
  return a.num * b.den < b.num * a.den;
}

function percent(text: string): Fraction {
  const share = parsePercent(text);
  if (!share) throw new Error(`not a percentage: ${text}`);
  return share;
}
