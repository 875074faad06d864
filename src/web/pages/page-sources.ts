import type { TicketJson } from '../../core/ticket-json.ts';
import type { RowJson } from '../contract-source.ts';
import type { ShownLatencies } from '../latency-source.ts';

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

/** A span of time, [fromMs, toMs), in milliseconds since the epoch. */
export interface LatencySpan {
  readonly fromMs: number;
  readonly toMs: number;
}

/** What the pages show beside what the API tells; there where verdicts are. */
export interface PageSources {
  tickets(): readonly TicketJson[];
  /** The most that a support clock or a round trip of a row may take; null where time is not bound so. */
  limitMs(row: string): number | null;
  /** Of a span that is over, or lately; of as many checks as a page can bear. Reads the windows: may take a while. */
  latencies(checks: readonly string[], span?: LatencySpan): Promise<ShownLatencies>;
  /** Reads the windows: may take a while. Rejects when the store is broken. */
  strips(checks: readonly string[]): Promise<readonly SlotStrip[]>;
}
