import type { NewLedgerEntry } from '../window/ledger.ts';

/** Who writes, and from where: `cli`, `http 10.0.0.7`, `daemon`. */
export interface Writer {
  readonly author: string;
  readonly from: string;
  /** As whom the writer proved themselves, where that was asked for: the author is what they say. */
  readonly provenAs?: string;
}

/** What was done, as the audit tells it. */
export interface AuditedAct {
  readonly what: string;
  /** Of what: the id of an exclusion or of a ticket. */
  readonly about: string;
  readonly reason?: string;
}

/** A line of the audit: who, when, what, from where. Each act is a line of its own, so that its key is its `nonce`. */
export function auditEntry(act: AuditedAct, by: Writer, atMs: number, nonce: string): NewLedgerEntry {
  const { author: who, from, provenAs } = by;
  return { key: nonce, atMs, json: JSON.stringify({ who, from, provenAs, ...act }) };
}
