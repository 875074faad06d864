import type { Transition } from '../core/timeline.ts';
import type { EvidenceNote } from './evidence-notes.ts';
import type { JudgementHead } from './judgements.ts';
import type { LatencyDay, LatencyRange } from './latency-store.ts';
import type { StoreTrouble } from './store-error.ts';

/** A series as it is stored, with the range ever seen. */
export interface StoredSeries {
  readonly id: number;
  readonly check: string;
  readonly intervalMs: number;
  readonly firstSlot: number;
  readonly lastSlot: number;
}

/** A judgement to be stored: all transitions at or after `changedFromMs` are replaced by `transitions`. */
export interface StoredJudgement extends JudgementHead {
  /** Infinity when only the cursor moved. */
  readonly changedFromMs: number;
  readonly transitions: readonly Transition[];
}

/** What is written in one transaction. */
export interface Batch {
  /** Series that are new. */
  readonly series: readonly StoredSeries[];
  /** Journal lines, see src/window/journal-line.ts; empty when there are none. */
  readonly lines: string;
  readonly judgements: readonly StoredJudgement[];
  /** The earliest late instant per check; null when it was taken. */
  readonly late: readonly (readonly [check: string, ms: number | null])[];
  readonly facts: readonly (readonly [name: string, value: string])[];
}

/** What is read when a file is opened; everything else is read when it is asked for. */
export interface OpenedFile {
  readonly series: readonly StoredSeries[];
  readonly heads: readonly JudgementHead[];
  readonly late: readonly (readonly [check: string, ms: number])[];
  readonly facts: readonly (readonly [name: string, value: string])[];
}

/** One vantage's page in the form of src/window/page-codec.ts. */
export interface StoredPage {
  readonly page: number;
  readonly vantage: string;
  readonly body: Uint8Array;
}

/** What the thread that owns the file is asked; it answers in the order of asking. Page and slot ranges are half-open. */
export type StoreRequest =
  | { readonly op: 'open'; readonly path: string }
  | { readonly op: 'append'; readonly batch: Batch }
  | { readonly op: 'load'; readonly series: number; readonly fromPage: number; readonly toPage: number }
  | { readonly op: 'evidence'; readonly series: number; readonly fromSlot: number; readonly toSlot: number }
  | { readonly op: 'transitions'; readonly checks: readonly string[] }
  | { readonly op: 'fold' }
  | { readonly op: 'put-latencies'; readonly days: readonly LatencyDay[] }
  | { readonly op: 'read-latencies'; readonly range: LatencyRange }
  | { readonly op: 'prune'; readonly slotsBeforeMs: number; readonly transitionsBeforeMs: number }
  | { readonly op: 'close' };

/** Its answers. */
export type StoreReply =
  | { readonly op: 'open'; readonly opened: OpenedFile }
  | { readonly op: 'append' }
  | { readonly op: 'load'; readonly pages: readonly StoredPage[] }
  | { readonly op: 'evidence'; readonly notes: readonly EvidenceNote[] }
  | { readonly op: 'transitions'; readonly byCheck: readonly (readonly Transition[])[] }
  /** `done`: all that was appended before the fold began is in pages. */
  | { readonly op: 'fold'; readonly done: boolean }
  | { readonly op: 'put-latencies' }
  | { readonly op: 'read-latencies'; readonly days: readonly LatencyDay[] }
  | { readonly op: 'prune'; readonly dropped: number }
  | { readonly op: 'close' }
  | { readonly op: 'failed'; readonly trouble: StoreTrouble; readonly message: string };

export type StoreOp = StoreRequest['op'];
export type RequestOf<Op extends StoreOp> = Extract<StoreRequest, { readonly op: Op }>;
export type ReplyTo<Op extends StoreOp> = Extract<StoreReply, { readonly op: Op }>;
