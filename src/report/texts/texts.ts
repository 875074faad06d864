import type { ExclusionKind } from '../../core/exclusion.ts';
import type { SupportClockState } from '../../core/ticket.ts';
import type { VerdictState } from '../../core/verdict.ts';
import type { ReportLanguage } from '../figures.ts';
import { en } from './en.ts';
import { fr } from './fr.ts';

/** What a sentence on a verdict is made of; durations and shares in words. */
export interface VerdictWords {
  readonly state: VerdictState;
  readonly reading: string;
  readonly counted: string;
  readonly budget: string | null;
  readonly unknown: string | null;
  readonly target: string | null;
}

/** All words of a report, in one language. */
export interface ReportTexts {
  readonly language: ReportLanguage;
  readonly title: (contract: string, period: string) => string;
  readonly provisional: string;
  readonly amended: (number: number) => string;
  readonly span: (from: string, to: string) => string;
  readonly judgedAt: (at: string, version: string) => string;
  readonly states: Readonly<Record<VerdictState, string>>;
  readonly clockStates: Readonly<Record<SupportClockState, string>>;
  readonly kinds: Readonly<Record<ExclusionKind, string>>;
  readonly afterTheFact: Readonly<Record<'before' | 'begun' | 'ended' | 'unknown', string>>;
  readonly exclusionStates: Readonly<Record<'proposed' | 'in-force' | 'withdrawn', string>>;
  /** The verdict in one sentence. */
  readonly verdict: (words: VerdictWords) => string;
  /** Of a row that is not judged over this kind of period. */
  readonly otherPeriod: Readonly<Record<'month' | 'year', string>>;
  readonly ofTickets: (met: number, breached: number, going: number) => string;
  readonly noTickets: string;
  readonly headings: Readonly<Record<Heading, string>>;
  readonly columns: Readonly<Record<Column, string>>;
  readonly nothing: string;
  readonly promised: (target: string, period: 'month' | 'year' | null) => string;
  readonly limit: (limit: string) => string;
  readonly star: string;
  readonly honoured: Readonly<Record<'yes' | 'no', string>>;
  readonly open: string;
  readonly changes: {
    readonly observations: (check: string) => string;
    readonly exclusion: (id: string, event: string, author: string, at: string, reason: string) => string;
    readonly ticket: (ticket: string, acts: string) => string;
    readonly nobody: string;
  };
  readonly method: readonly string[];
  readonly methodOfRow: (parameters: {
    readonly length: string;
    readonly borne: string;
    readonly mergeGap: string;
    readonly minimum: string;
    readonly deduct: string;
  }) => string;
}

/** The headings of a report. */
export type Heading =
  | 'cover'
  | 'rows'
  | 'measured'
  | 'incidents'
  | 'exclusions'
  | 'kinds'
  | 'tickets'
  | 'penalties'
  | 'amendment'
  | 'changedFigures'
  | 'method'
  | 'digests';

/** The headings of the columns of its tables. */
export type Column =
  | 'clause'
  | 'promise'
  | 'scope'
  | 'reading'
  | 'period'
  | 'state'
  | 'target'
  | 'budget'
  | 'best'
  | 'estimate'
  | 'worst'
  | 'raw'
  | 'excluded'
  | 'unknown'
  | 'coverage'
  | 'availability'
  | 'from'
  | 'to'
  | 'duration'
  | 'bad'
  | 'deducted'
  | 'outside'
  | 'counted'
  | 'causes'
  | 'checks'
  | 'id'
  | 'kind'
  | 'spans'
  | 'author'
  | 'reason'
  | 'entered'
  | 'effect'
  | 'covers'
  | 'with'
  | 'without'
  | 'ticket'
  | 'title'
  | 'severity'
  | 'clock'
  | 'limit'
  | 'elapsed'
  | 'deadline'
  | 'certain'
  | 'likely'
  | 'atMost'
  | 'claimBy'
  | 'was'
  | 'is'
  | 'what'
  | 'digest'
  | 'parameters';

/** The words of a language. */
export function reportTexts(language: ReportLanguage): ReportTexts {
  return { en, fr }[language];
}
