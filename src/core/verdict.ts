import type { Cause } from './cause.ts';

/** The states of a row member (sla-math §6). */
export const VERDICT_STATES = [
  'breached',
  'met',
  'on-track',
  'undecided',
  'not-applicable',
  'no-commitment',
] as const;
export type VerdictState = (typeof VERDICT_STATES)[number];

/** A half-open span of the contract's calendar with its name: `2026-03` or `2026`. */
export interface Period {
  readonly name: string;
  readonly fromMs: number;
  readonly toMs: number;
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
  /** ⌊(1 − target)·L⌋; null where nothing is promised. */
  readonly budgetMs: number | null;
  /** `raw`: the estimate before minimum length and deduction, clipped. */
  readonly downtimeMs: Bounds & { readonly raw: number };
  readonly excludedMs: number;
  readonly unknownMs: number;
  readonly contestedMs: number;
  /** Budget less the estimate; signed. */
  readonly remainingMs: number | null;
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
}
