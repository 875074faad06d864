import type { Clock } from '../core/clock.ts';
import type { LedgerName, NewLedgerEntry } from './ledger.ts';
import { type SlotRun, SlotRuns } from './slot-run.ts';

/** For how long everything that was written can be written again, at the least. */
export const KEPT_MS = 600_000;

interface Generation {
  readonly slots: SlotRuns;
  readonly entries: (readonly [LedgerName, NewLedgerEntry])[];
}

/**
 * What this process has written in the last ten to twenty minutes: a Redis that takes over may lack what its
 * predecessor had acknowledged, and is given it again. Time is counted from the writing, not from the slots.
 */
export class RecentWrites {
  readonly #clock: Clock;
  #current = empty();
  #previous = empty();
  #turnedMs: number;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#turnedMs = clock.monotonicMs();
  }

  addSlots(runs: Iterable<SlotRun>): void {
    this.#turn();
    this.#current.slots.addAll(runs);
  }

  addEntries(ledger: LedgerName, entries: readonly NewLedgerEntry[]): void {
    this.#turn();
    for (const entry of entries) this.#current.entries.push([ledger, entry]);
  }

  /** All slots, the older ones first. */
  slots(): readonly SlotRun[] {
    return [...this.#previous.slots.all(), ...this.#current.slots.all()];
  }

  /** All entries of ledgers, in the order of writing. */
  entries(): readonly (readonly [LedgerName, NewLedgerEntry])[] {
    return [...this.#previous.entries, ...this.#current.entries];
  }

  #turn(): void {
    const nowMs = this.#clock.monotonicMs();
    if (nowMs - this.#turnedMs < KEPT_MS) return;
    this.#previous = this.#current;
    this.#current = empty();
    this.#turnedMs = nowMs;
  }
}

function empty(): Generation {
  return { slots: new SlotRuns(), entries: [] };
}
