/** The books of what people said and what was closed; a closed set. */
export const LEDGERS = ['exclusions', 'tickets', 'closings', 'audit'] as const;
export type LedgerName = (typeof LEDGERS)[number];

/** Something to be written into a ledger. */
export interface NewLedgerEntry {
  /** Names the statement: the same key is written once, however often it is said. */
  readonly key: string;
  /** When it was said, in milliseconds since the epoch. */
  readonly atMs: number;
  /** One JSON document; the ledger does not look into it. */
  readonly json: string;
}

/** A line of a ledger. */
export interface LedgerEntry extends NewLedgerEntry {
  /** Counts the lines of one ledger from 1; grows in the order of writing. */
  readonly sequence: number;
}

/**
 * Append-only books beside the windows. Laws:
 * - nothing is ever changed or dropped, by pruning neither; what is taken back is taken back by a further entry.
 * - `append` is idempotent by key: an entry whose key is there is left as it is, whatever else it says.
 * - what `append` resolved for is durable, and seen by every process that shares the store at its next `entries`.
 * - all entries of one call are written, or none.
 */
export interface Ledger {
  /** Appends; says of each entry, in order, whether it was written (true) or was there before (false). */
  append(ledger: LedgerName, entries: readonly NewLedgerEntry[]): Promise<readonly boolean[]>;

  /** The lines after this sequence number (0: all), in order. */
  entries(ledger: LedgerName, afterSequence: number): Promise<readonly LedgerEntry[]>;
}
