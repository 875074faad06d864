import type { ExclusionKind } from './exclusion.ts';
import type { Explanation } from './explanation.ts';
import type { TicketJson } from './ticket-json.ts';
import type { VerdictJson } from './verdict-json.ts';
import type { PeriodPart, VerdictState } from './verdict.ts';

/** The version of the layout of a closing. */
export const CLOSING_FORMAT = 1;

/** Which span of the contract's calendar a closing is of; instants are RFC 3339. */
export interface ClosedSpan {
  readonly name: string;
  readonly kind: 'month' | 'year';
  readonly from: string;
  readonly to: string;
  readonly part?: PeriodPart;
}

/** A row of the contract as it stood. */
export interface ClosedRow {
  readonly row: string;
  readonly clause: string;
  readonly title: string;
  readonly type: string;
  /** The percentage as the contract writes it; null where none is promised. */
  readonly target: string | null;
  readonly period: 'month' | 'year' | null;
  /** Whether it holds only for a deployment over every subregion (the star). */
  readonly starred: boolean;
  /** The most that a support clock or a round trip may take; null where time is not bound so. */
  readonly limitMs: number | null;
  /** What else the text says, for people. */
  readonly rules: readonly string[];
}

/** One thing that happened to an exclusion, and who did it. */
export interface ClosedExclusionStep {
  readonly event: 'declared' | 'proposed' | 'confirmed' | 'withdrawn';
  readonly at: string;
  readonly author: string;
  /** Null of the first: that is the reason of the exclusion. */
  readonly reason: string | null;
}

/** A declared exclusion that touches what was closed, with its life up to then; only those in force take time out. */
export interface ClosedExclusion {
  readonly id: string;
  readonly kind: ExclusionKind;
  readonly state: 'proposed' | 'in-force' | 'withdrawn';
  readonly rows?: readonly string[];
  readonly checks?: readonly string[];
  readonly scopes?: readonly string[];
  readonly reason: string;
  readonly author: string;
  readonly evidence?: string;
  readonly source: string;
  readonly afterTheFact: 'before' | 'begun' | 'ended' | 'unknown';
  readonly enteredAt: string | null;
  /** Those of its spans that touch what was closed. */
  readonly spans: readonly { readonly from: string; readonly to: string }[];
  readonly history: readonly ClosedExclusionStep[];
}

/** How a verdict of the closing came about; `row` … `period` name the verdict. */
export interface ClosedExplanation extends Omit<Explanation, 'samples' | 'verdict'> {
  readonly row: string;
  readonly scope: string;
  readonly reading: string;
  readonly period: string;
}

/** Part of a bill that is owed back: percent as a decimal string, and the amount where the contract file names a bill. */
export interface OwedJson {
  readonly credit: string;
  readonly amount: string | null;
}

/** What a breach is worth by the user's own terms (contract file); only where more than nothing may be owed. */
export interface ClosedPenalty {
  readonly row: string;
  readonly scope: string;
  readonly reading: string;
  readonly period: string;
  readonly rule: 'tiers' | 'promised-minus-observed';
  readonly certain: OwedJson;
  readonly estimate: OwedJson;
  readonly atMost: OwedJson;
  /** Until when it may be claimed; null where the contract file sets no term. */
  readonly claimBy: string | null;
}

/** SHA-256 of what the figures were made from, in hexadecimal digits. */
export interface ClosingInputs {
  /** By check: its judged timeline, from a week before the period up to `at`. */
  readonly checks: Readonly<Record<string, string>>;
  /** Of the exclusions that were in force. */
  readonly exclusions: string;
  /** Of the tickets as they stood. */
  readonly tickets: string;
}

/** SHA-256 of the rules that were judged by. */
export interface ClosingRules {
  /** Checks, compositions and deployment: the document that a closing is judged anew from. */
  readonly judged: string;
  /** The contract file, then those that it replaced. */
  readonly contracts: readonly string[];
  /** The configuration file. */
  readonly configuration: string;
}

/** One thing that was different when a period was looked at again. */
export type ClosingChange =
  /** What was seen has changed: observations came late. */
  | {
      readonly what: 'observations';
      readonly check: string;
      readonly was: string | null;
      readonly is: string | null;
    }
  | {
      readonly what: 'exclusion';
      readonly id: string;
      /** `changed` and `removed`: in the configuration, where nobody notes who and when. */
      readonly event: 'declared' | 'confirmed' | 'withdrawn' | 'changed' | 'removed';
      readonly author: string | null;
      readonly at: string | null;
      readonly reason: string | null;
    }
  | {
      readonly what: 'ticket';
      readonly ticket: string;
      /** What the audit tells of it since. */
      readonly acts: readonly { readonly at: string; readonly who: string; readonly act: string }[];
    };

/** The figures of a verdict that amendments compare. */
export type ComparedFigures = Pick<
  VerdictJson,
  'downtimeMs' | 'excludedMs' | 'unknownMs' | 'budgetMs' | 'remainingMs'
> & { readonly state: VerdictState; readonly availability: string | null };

/** A verdict that an amendment changed: both figures. */
export interface ChangedVerdict {
  readonly row: string;
  readonly scope: string;
  readonly reading: string;
  readonly period: string;
  readonly was: ComparedFigures;
  readonly is: ComparedFigures;
}

/** What an amendment says otherwise than the closing before it, which stays as it is. */
export interface Amendment {
  /** The number of the closing that it stands beside. */
  readonly of: number;
  readonly changes: readonly ClosingChange[];
  readonly figures: readonly ChangedVerdict[];
}

/**
 * What a period came to, once it is over: the same period closed under the same number has the same bytes for ever. Number
 * 0 is the original; amendments count from 1. A document without a number is provisional: the period was not closed yet.
 */
export interface ClosedPeriod {
  readonly record: 'closing';
  readonly format: typeof CLOSING_FORMAT;
  readonly period: ClosedSpan;
  readonly number: number | null;
  readonly madeAt: string;
  /** The instant that was judged at: nothing at or after it was used. */
  readonly at: string;
  /** The version of vigie that made it. */
  readonly vigie: string;
  readonly region: string;
  readonly contract: {
    readonly id: string;
    readonly version: string;
    readonly title: string | null;
    readonly timezone: string;
  };
  readonly rules: ClosingRules;
  readonly inputs: ClosingInputs;
  /** The first instant of what was seen and taken in: nothing before it plays a part. Null when nothing was seen. */
  readonly seenFrom: string | null;
  /** Up to which line of each ledger what people said was taken in. */
  readonly ledgers: { readonly exclusions: number; readonly tickets: number; readonly audit: number };
  /** In the order of the contract that held at the end of the period, then those of contracts that held before it. */
  readonly readings: readonly { readonly name: string; readonly title: string | null }[];
  /** Of every contract that held in the period, or when one of the tickets was opened; the latest first, in its order. */
  readonly rows: readonly ClosedRow[];
  /** In the shape and order of interfaces.md: those of this kind of period, under every reading. */
  readonly verdicts: readonly VerdictJson[];
  /** One for each verdict, in the same order. */
  readonly explanations: readonly ClosedExplanation[];
  /** Those that were open at any time in the period. */
  readonly tickets: readonly TicketJson[];
  readonly exclusions: readonly ClosedExclusion[];
  /** Not there where the contract file has no penalties. */
  readonly penalties?: readonly ClosedPenalty[];
  /** There for amendments. */
  readonly amends?: Amendment;
}
