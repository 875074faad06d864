import type { Cause } from './cause.ts';

/** The states of a row member (sla-math §6); `not-falsified` is the best that a durability can be (§8). */
export const VERDICT_STATES = [
  'breached',
  'met',
  'on-track',
  'undecided',
  'not-falsified',
  'not-applicable',
  'no-commitment',
] as const;
export type VerdictState = (typeof VERDICT_STATES)[number];

/**
 * A half-open span of the contract's calendar with its name: `2026-03` or `2026`. Where the rules of a row change within
 * it, each part is a period of its own, named for the whole and its own first day: `2026@2026-07-01`.
 */
export interface Period {
  readonly name: string;
  readonly fromMs: number;
  readonly toMs: number;
  /** There for a part of a period. */
  readonly part?: PeriodPart;
}

/** Which part of a period something is. */
export interface PeriodPart {
  /** The name of the whole. */
  readonly of: string;
  /** From 1, in the order of time. */
  readonly index: number;
  readonly count: number;
}

/** One of the three nested timelines: best ≤ estimate ≤ worst (sla-math §3). */
export interface Bounds {
  readonly best: number;
  readonly estimate: number;
  readonly worst: number;
}

/** A maximal run of bad time with its merged gaps (sla-math §5), not clipped to any period. */
export interface Incident {
  readonly fromMs: number;
  readonly toMs: number;
  /** Bad time within it; gaps are not bad. */
  readonly badMs: number;
  /** What counts of it in the period, after minimum, deduction and clipping. */
  readonly countedMs: number;
  /** Every cause seen in its slots; sorted. */
  readonly causes: readonly Cause[];
}

/** Figures over the last W milliseconds. */
export interface RollingFigures {
  /** Counted downtime of the estimate, over the whole window. */
  readonly downtimeMs: number;
  readonly unknownMs: number;
  /** Multiple of the rate at which the budget would last exactly the period; null when more than half is unknown. */
  readonly burnRate: number | null;
  /** 1 − unknown share. */
  readonly coverage: number;
}

/** Tests of a row that promises a share of them, and the Wilson score interval of that share at 95 % (sla-math §8). */
export interface SampleFigures {
  /** Slots that settled as up or down: n. */
  readonly tests: number;
  /** Those that were up: s. */
  readonly met: number;
  /** s/n, from 0 to 1; null, as the interval is, before the first test. */
  readonly share: number | null;
  readonly lower: number | null;
  readonly upper: number | null;
  /** Share of the elapsed period that the tests stand for, from 0 to 1, over all checks. */
  readonly coverage: number;
}

/** What watching objects says of their durability, which it can disprove and never prove (sla-math §8). */
export interface DurabilityFigures {
  /** N: objects watched, times the time they were seen to be there, in years of 365 days. */
  readonly objectYears: number;
  /** 1 − 0.05^(1/N): without a loss, at 95 % confidence no greater share of the objects is lost a year. */
  readonly yearlyLossBound: number;
  /** N without a loss that it would take to show the target in the same way. */
  readonly objectYearsNeeded: number;
  /** In one sentence, for people. */
  readonly statement: string;
}

/** What one row amounts to for one scope, under one reading, in one period, at one instant (sla-math §6). */
export interface Verdict {
  readonly row: string;
  readonly scope: string;
  readonly reading: string;
  readonly state: VerdictState;
  /** The percentage as the contract writes it; null where nothing is promised. */
  readonly target: string | null;
  /** Whether the deployment meets what the row requires; null when that cannot be known. */
  readonly eligible: boolean | null;
  readonly period: Period;
  readonly atMs: number;
  /** ⌊(1 − target)·L⌋; null where nothing is promised, or no share of time. */
  readonly budgetMs: number | null;
  /** `raw`: the estimate before minimum length and deduction, clipped. */
  readonly downtimeMs: Bounds & { readonly raw: number };
  readonly excludedMs: number;
  readonly unknownMs: number;
  readonly contestedMs: number;
  /** Budget less the estimate; signed. */
  readonly remainingMs: number | null;
  /** Null where no single outage decides: without a budget, or where a share of tests is promised. */
  readonly timeToBreachMs: number | null;
  /** Decimal strings; null when there is nothing to say yet. */
  readonly availability: {
    readonly toDate: string | null;
    readonly bestAchievable: string | null;
    readonly final: string | null;
    readonly worst: string | null;
  };
  /** Share of the budget used over share of the period elapsed; null before both are known. */
  readonly pace: number | null;
  readonly incidents: readonly Incident[];
  /** The incident that is going on at `atMs`, if one is. */
  readonly openIncident: Incident | null;
  /** By window name: 5m, 30m, 1h, 2h, 6h, 1d, 3d, 30d. */
  readonly rolling: Readonly<Record<string, RollingFigures>>;
  /** There for rows that promise a share of tests. */
  readonly sample?: SampleFigures;
  /** There for rows that promise durability. */
  readonly durability?: DurabilityFigures;
}
