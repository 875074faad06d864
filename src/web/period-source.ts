import type { Amendment, ClosedPeriod } from '../core/closed-period.ts';

/** A closing in the list of all: without its verdicts. */
export interface ListedClosing {
  readonly period: ClosedPeriod['period'];
  /** 0 for the original; amendments count from 1. */
  readonly number: number;
  readonly madeAt: string;
  /** The instant that was judged at. */
  readonly at: string;
  /** What was changed and by whom; null for originals. */
  readonly changes: Amendment['changes'] | null;
}

/** The closed periods. All may take a while, and reject when ledger or windows are broken. */
export interface PeriodSource {
  /** All closings, in the order in which they were made. */
  closings(): Promise<readonly ListedClosing[]>;
  /**
   * A closing, the latest unless a number is given; of a period that is not closed what it comes to so far. Undefined when
   * there is none, or no such period.
   */
  closing(period: string, number?: number): Promise<ClosedPeriod | undefined>;
  /** How checks were judged within [fromMs, toMs): transitions as lines of JSON. */
  timelines(checks: readonly string[], fromMs: number, toMs: number): Promise<readonly string[]>;
}
