import type { TicketJson } from '../../core/ticket-json.ts';
import type { RowJson } from '../contract-source.ts';

/** A promise of the contract, and the most that a support clock or a round trip of it may take; null without such. */
export interface PromiseFacts extends RowJson {
  readonly limitMs: number | null;
}

/** What one vantage saw of a slot; `waiting` until it could have been heard. */
export type SlotOutcome = 'good' | 'bad' | 'excluded' | 'absent' | 'waiting';

/** The latest slots of one check, by each vantage that is expected. */
export interface SlotStrip {
  readonly check: string;
  readonly intervalMs: number;
  /** Start of the first slot, RFC 3339. */
  readonly from: string;
  readonly vantages: readonly { readonly vantage: string; readonly slots: readonly SlotOutcome[] }[];
}

/** Latencies in milliseconds of the answers that came in a stretch of time. */
export interface LatencyStretch {
  /** Its start, milliseconds since the epoch. */
  readonly fromMs: number;
  readonly count: number;
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly max: number;
}

/** Latencies of one check as one vantage of this process measured them, in the order of time. */
export interface LatencySeries {
  readonly check: string;
  readonly vantage: string;
  readonly stretches: readonly LatencyStretch[];
}

/** What the pages show beside what the API tells; there where verdicts are. */
export interface PageSources {
  tickets(): readonly TicketJson[];
  /** The most that a support clock or a round trip of a row may take; null where time is not bound so. */
  limitMs(row: string): number | null;
  latencies(checks: readonly string[]): readonly LatencySeries[];
  /** Reads the windows: may take a while. Rejects when the store is broken. */
  strips(checks: readonly string[]): Promise<readonly SlotStrip[]>;
}
