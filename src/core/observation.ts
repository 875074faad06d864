import type { Blind, Cause } from './cause.ts';
import type { Evidence } from './reading.ts';

/** Outcomes that are recorded; a slot without an observation is absent. */
export type Outcome = 'good' | 'bad' | 'excluded';

/** A check as the windows know it. Slots are counted in its interval, so the interval is part of the key. */
export interface CheckKey {
  readonly check: string;
  /** T in milliseconds; divides one hour. */
  readonly intervalMs: number;
}

/**
 * One vantage's verdict on one slot. Its identity is (check, vantage, slot): the instant the run was due, so that
 * a retry or a second delivery never counts twice (sla-math §1).
 */
export interface Observation extends CheckKey {
  readonly vantage: string;
  /** Slot number k: the slot covers [k·T, (k+1)·T) since the epoch. */
  readonly slot: number;
  readonly outcome: Outcome;
  /** Present exactly when the outcome is bad or excluded. */
  readonly cause?: Cause;
  /** Of a slot that is not good: nobody will ask how a good one came about. */
  readonly evidence?: Evidence;
}

/** A slot that we did not see, and why. Never stored as an outcome: only counted and shown. */
export interface Hole extends CheckKey {
  readonly vantage: string;
  readonly slot: number;
  readonly outcome: 'absent';
  readonly blind: Blind;
  readonly detail: string;
}

/** The number of the slot that an instant (ms since the epoch) lies in. */
export function slotAt(instantMs: number, intervalMs: number): number {
  return Math.floor(instantMs / intervalMs);
}

const OUTCOME_RANK: Readonly<Record<Outcome, number>> = { good: 0, bad: 1, excluded: 2 };

/**
 * Which of two marks on the same (check, vantage, slot) stands: excluded over bad over good; between equals the
 * cause that sorts first. Commutative and idempotent, so the order of arrival never matters.
 */
export function strongerMark<M extends { readonly outcome: Outcome; readonly cause?: string }>(
  a: M,
  b: M,
): M {
  const rank = OUTCOME_RANK[a.outcome] - OUTCOME_RANK[b.outcome];
  if (rank !== 0) return rank > 0 ? a : b;
  return (a.cause ?? '') <= (b.cause ?? '') ? a : b;
}
