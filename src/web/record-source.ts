import type { Cause } from '../core/cause.ts';
import type { ExplainedExclusion } from '../core/explanation.ts';
import type { Outcome } from '../core/observation.ts';
import type { Evidence } from '../core/reading.ts';

/** Which incident is meant, and from where on its samples are to be shown. */
export interface IncidentQuery {
  readonly row: string;
  readonly scope: string;
  /** When it began, or any instant within it; milliseconds since the epoch. */
  readonly fromMs: number;
  /** How many samples are shown at the most. */
  readonly limit: number;
  /** The `next` of the page before; the beginning when absent. */
  readonly after?: string;
}

/** What one reading of the contract makes of an incident: how its bad time became counted time (sla-math §5). */
export interface IncidentReadingJson {
  readonly reading: string;
  /** The name of the period, or of the part of one, that this is counted in. */
  readonly period: string;
  readonly from: string;
  readonly to: string;
  readonly badMs: number;
  /** Too short to count as an incident. */
  readonly tooShort: boolean;
  readonly deductedMs: number;
  /** What is left of it before or after the period. */
  readonly outsideMs: number;
  readonly countedMs: number;
  /** The rules that this follows from. */
  readonly mergeGapMs: number;
  readonly minimumMs: number;
  readonly deductMs: number;
}

/** What one vantage noted of a slot of an incident. */
export interface SampleJson {
  readonly check: string;
  readonly vantage: string;
  readonly at: string;
  readonly outcome: Exclude<Outcome, 'good'>;
  readonly cause: Cause;
  readonly evidence: Evidence | null;
}

/** An incident with all that a claim is made of; instants in RFC 3339. */
export interface IncidentDetailsJson {
  readonly row: string;
  readonly scope: string;
  readonly clause: string;
  readonly title: string;
  /** Under the first reading that sees it. */
  readonly from: string;
  readonly to: string;
  readonly durationMs: number;
  /** Whether it is still going on. */
  readonly open: boolean;
  readonly causes: readonly Cause[];
  /** The checks that were down in it. */
  readonly checks: readonly string[];
  /** In the order of the contract; those that do not see the incident are not there. */
  readonly readings: readonly IncidentReadingJson[];
  /** Declared exclusions that overlap it, honoured or not by the first reading. */
  readonly exclusions: readonly ExplainedExclusion[];
  /** Support tickets that were linked to it. */
  readonly tickets: readonly string[];
  /** By which the provider finds the requests in its own record; each once. */
  readonly requestIds: readonly string[];
  readonly samples: {
    /** How many there are; where `complete` is false, how many were looked at. */
    readonly count: number;
    /** False where the incident has more samples than are looked at. */
    readonly complete: boolean;
    /** In the order of time. */
    readonly shown: readonly SampleJson[];
    /** For `after`, to have the next page; null on the last. */
    readonly next: string | null;
  };
}

/** An incident, or why it cannot be shown: `absent` when there is none then. */
export type IncidentAnswer =
  | { readonly ok: true; readonly incident: IncidentDetailsJson }
  | { readonly ok: false; readonly why: 'absent' | 'not-possible'; readonly detail: string };

/** Which observations are asked for: those of slots that start in the span. */
export interface ObservationQuery {
  /** All checks when empty. */
  readonly checks: readonly string[];
  /** All vantages when empty. */
  readonly vantages: readonly string[];
  readonly fromMs: number;
  readonly toMs: number;
  /** How many lines are given at the most. */
  readonly limit: number;
  /** The `next` of the page before; the beginning when absent. */
  readonly after?: string;
}

/** A page of observations in the shape of interfaces.md, a line of JSON each, by check, then time, then vantage. */
export type ObservationAnswer =
  | {
      readonly ok: true;
      readonly lines: readonly string[];
      /** For `after`; null on the last page. A page may be short of its limit and not be the last. */
      readonly next: string | null;
    }
  | { readonly ok: false; readonly detail: string };

/** What was recorded, as far back as it is kept. All read the windows and may take a while; reject when they are broken. */
export interface RecordSource {
  incident(query: IncidentQuery): Promise<IncidentAnswer>;
  observations(query: ObservationQuery): Promise<ObservationAnswer>;
}
