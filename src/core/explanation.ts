import type { Cause } from './cause.ts';
import type { Composition } from './composition.ts';
import type { ExclusionKind } from './exclusion.ts';
import type { Evidence } from './reading.ts';
import type { Bounds } from './verdict.ts';
import type { VerdictJson } from './verdict-json.ts';

/** How bad time became counted downtime, for one of the three bounds (sla-math §5), in milliseconds. */
export interface CountingSteps {
  /** Bad time of all runs that touch the period, whole. */
  readonly badMs: number;
  /** Of runs that are too short to be incidents. */
  readonly tooShortMs: number;
  /** Taken off the beginnings of incidents. */
  readonly deductedMs: number;
  /** What is left of incidents before or after the period. */
  readonly outsideMs: number;
  /** D: what is left of all. */
  readonly countedMs: number;
  /** Whether D · denominator > L · numerator. Whole numbers as decimal text; null where no share of time is borne. */
  readonly comparison: { readonly used: string; readonly allowed: string; readonly over: boolean } | null;
}

/** The arithmetic of a period in the clear (sla-math §6). */
export interface Arithmetic {
  /** L, less what is removed. */
  readonly lengthMs: number;
  /** Excluded time that the contract removes from the period. */
  readonly removedMs: number;
  readonly elapsedMs: number;
  /** 1 − T* as a fraction in whole numbers, as decimal text; null where time cannot use it up. */
  readonly borne: { readonly numerator: string; readonly denominator: string } | null;
  readonly mergeGapMs: number;
  readonly minimumMs: number;
  readonly deductMs: number;
  readonly bounds: Readonly<Record<keyof Bounds, CountingSteps>>;
  /**
   * For a share a/d of n tests of which s were met: (s·d − a·n)²·625 against 2401·a·(d − a)·n, the Wilson interval at
   * z = 1.96 in whole numbers as decimal text. Null where no share of tests is promised.
   */
  readonly shareTest: {
    readonly distance: string;
    readonly left: string;
    readonly right: string;
  } | null;
}

/** What one check contributed in the period so far. */
export interface ExplainedCheck {
  readonly check: string;
  readonly probe: string;
  readonly intervalMs: number;
  readonly vantages: readonly string[];
  /** How many of them must agree that a slot is down. */
  readonly quorum: number;
  /** Down slots in a row before one vantage alone is believed; null where several look. */
  readonly confirm: number | null;
  readonly downMs: number;
  readonly excludedMs: number;
  readonly unknownMs: number;
  readonly contestedMs: number;
  /** Time of the slots that were down or excluded, by each cause that was seen in them. */
  readonly causes: readonly {
    readonly cause: Cause;
    readonly state: 'down' | 'excluded';
    readonly ms: number;
  }[];
}

/** A run of bad time of the estimate that touches the period, whole, instants in RFC 3339. */
export interface ExplainedIncident {
  readonly from: string;
  readonly to: string;
  readonly badMs: number;
  /** Too short to count as an incident. */
  readonly tooShort: boolean;
  readonly deductedMs: number;
  readonly outsideMs: number;
  readonly countedMs: number;
  readonly causes: readonly Cause[];
  /** The checks that were down in it. */
  readonly checks: readonly string[];
}

/** A declared exclusion that concerns the member and touches the period so far. */
export interface ExplainedExclusion {
  readonly id: string;
  readonly kind: ExclusionKind;
  readonly from: string;
  readonly to: string;
  readonly checks: readonly string[] | null;
  readonly reason: string;
  readonly author: string;
  readonly enteredAt: string | null;
  readonly evidence: string | null;
  /** Whether the reading takes it out. */
  readonly honoured: boolean;
  /** Bad time of the estimate that it covers, by itself; taken out where it is honoured. */
  readonly coversMs: number;
}

/** The figures with one kind of declared exclusion read the one way and the other. */
export interface ExplainedKind {
  readonly kind: ExclusionKind;
  readonly honoured: boolean;
  readonly excluded: Pick<VerdictJson, 'state' | 'downtimeMs' | 'budgetMs'>;
  readonly counted: Pick<VerdictJson, 'state' | 'downtimeMs' | 'budgetMs'>;
}

/** What one vantage noted of one slot that was not good. */
export interface ExplainedSample {
  readonly check: string;
  readonly vantage: string;
  readonly at: string;
  readonly outcome: 'bad' | 'excluded';
  readonly cause: Cause;
  readonly evidence: Evidence | null;
}

/** How a verdict came about; ready for JSON. */
export interface Explanation {
  readonly verdict: VerdictJson;
  readonly clause: string;
  readonly title: string;
  readonly type: string;
  /** What else the text of the contract says. */
  readonly rules: readonly string[];
  readonly arithmetic: Arithmetic;
  /** How the member is made of checks. */
  readonly composition: Composition;
  readonly checks: readonly ExplainedCheck[];
  readonly incidents: readonly ExplainedIncident[];
  readonly exclusions: readonly ExplainedExclusion[];
  readonly kinds: readonly ExplainedKind[];
  /** The longest spans that nobody saw, in the order of time; there may be more. */
  readonly unknown: readonly { readonly from: string; readonly to: string }[];
  /** Notes of the latest incidents, with what the probes kept as evidence. */
  readonly samples: readonly ExplainedSample[];
}
