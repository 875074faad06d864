import type { Cause } from '../../src/core/cause.ts';
import type { Outcome } from '../../src/core/observation.ts';
import { setBit, type SlotBits } from '../../src/core/slots.ts';

/** Observations by vantage and slot: the plainest window there is. */
export class SlotTable {
  readonly check: string;
  readonly intervalMs: number;
  readonly #rows = new Map<string, Map<number, { outcome: Outcome; cause?: Cause }>>();

  constructor(check: string, intervalMs: number) {
    this.check = check;
    this.intervalMs = intervalMs;
  }

  put(vantage: string, slot: number, outcome: Outcome, cause?: Cause): void {
    const row = this.#rows.get(vantage) ?? new Map<number, { outcome: Outcome; cause?: Cause }>();
    row.set(slot, { outcome, ...(cause ? { cause } : {}) });
    this.#rows.set(vantage, row);
  }

  outcome(vantage: string, slot: number): Outcome | undefined {
    return this.#rows.get(vantage)?.get(slot)?.outcome;
  }

  bits(fromSlot: number, toSlot: number): SlotBits {
    const baseSlot = fromSlot - (fromSlot % 8);
    const bytes = Math.ceil((toSlot - baseSlot) / 8) + 1;
    const vantages = [...this.#rows].map(([vantage, row]) => {
      const seen = new Uint8Array(bytes);
      const bad = new Uint8Array(bytes);
      const excluded = new Uint8Array(bytes);
      for (const [slot, { outcome }] of row) {
        if (slot < baseSlot || slot >= toSlot) continue;
        setBit(seen, slot - baseSlot);
        if (outcome === 'bad') setBit(bad, slot - baseSlot);
        if (outcome === 'excluded') setBit(excluded, slot - baseSlot);
      }
      return { vantage, seen, bad, excluded };
    });
    const causesAt: SlotBits['causesAt'] = (slot, outcome) => {
      const marks = [...this.#rows.values()].flatMap((row) => row.get(slot) ?? []);
      const asked = marks.filter((mark) => (outcome ?? mark.outcome) === mark.outcome);
      return [...new Set(asked.flatMap(({ cause }) => cause ?? []))].sort();
    };
    return { check: this.check, intervalMs: this.intervalMs, baseSlot, vantages, causesAt };
  }
}
