import { getBit, type SlotBits } from '../../src/core/slots.ts';
import type { CheckKey, Observation, Outcome } from '../../src/core/observation.ts';
import type { Evidence } from '../../src/core/reading.ts';
import type { Mark, SeenRange, SlotRange } from '../../src/window/store.ts';

/** One vantage's bits of one slot, as text: what a store must answer, in a form that compares. */
export type SlotText = `${'' | 's'}${'' | 'b'}${'' | 'x'}`;

/** A mark, and all evidence that it may carry. */
export interface MarkAndEvidence {
  readonly mark: Mark;
  readonly evidence: readonly Evidence[];
}

/** What was put, slot by slot in plain maps: slow and obvious. */
export class ReferenceWindow {
  readonly #all: Observation[] = [];

  put(observations: readonly Observation[]): void {
    this.#all.push(...observations);
  }

  /** Every set bit in a range, by `slot vantage`. */
  bits(range: SlotRange): Map<string, SlotText> {
    const found = new Map<string, SlotText>();
    for (const [place, outcomes] of this.#outcomes(range)) {
      const has = (outcome: Outcome): boolean => outcomes.some((each) => each.outcome === outcome);
      found.set(place, `s${has('bad') ? 'b' : ''}${has('excluded') ? 'x' : ''}`);
    }
    return found;
  }

  /** The mark of each slot and vantage in a range, by slot, then vantage, and all evidence that it may carry. */
  marks(range: SlotRange): readonly MarkAndEvidence[] {
    return [...this.#outcomes(range).values()]
      .flatMap((observations): readonly MarkAndEvidence[] => {
        const worst: Mark['outcome'] = observations.some(({ outcome }) => outcome === 'excluded')
          ? 'excluded'
          : 'bad';
        const candidates = observations.filter(({ outcome }) => outcome === worst);
        const [cause] = candidates
          .map((each) => each.cause)
          .filter((each) => each !== undefined)
          .sort();
        const [first] = candidates;
        if (!first || cause === undefined) return [];
        const { vantage, slot } = first;
        const evidence = candidates
          .filter((each) => each.cause === cause)
          .map((each) => each.evidence)
          .filter((each) => each !== undefined);
        return [{ mark: { vantage, slot, outcome: worst, cause }, evidence }];
      })
      .sort((a, b) => a.mark.slot - b.mark.slot || (a.mark.vantage < b.mark.vantage ? -1 : 1));
  }

  /** The causes of a slot over all vantages, sorted, each once. */
  causesAt(key: CheckKey, slot: number): readonly string[] {
    const marks = this.marks({ ...key, fromSlot: slot, toSlot: slot + 1 });
    return [...new Set(marks.map(({ mark }) => mark.cause))].sort();
  }

  seen(key: CheckKey): SeenRange | undefined {
    const slots = this.#all.filter((each) => isOf(each, key)).map(({ slot }) => slot);
    return slots.length > 0 ? { firstSlot: Math.min(...slots), lastSlot: Math.max(...slots) } : undefined;
  }

  #outcomes(range: SlotRange): Map<string, Observation[]> {
    const { fromSlot, toSlot } = range;
    return Map.groupBy(
      this.#all.filter((each) => isOf(each, range) && each.slot >= fromSlot && each.slot < toSlot),
      ({ slot, vantage }) => `${slot} ${vantage}`,
    );
  }
}

function isOf(a: CheckKey, b: CheckKey): boolean {
  return a.check === b.check && a.intervalMs === b.intervalMs;
}

/** Every set bit of an answer in a range, by `slot vantage`. */
export function bitsOf(answer: SlotBits, { fromSlot, toSlot }: SlotRange): Map<string, SlotText> {
  const found = new Map<string, SlotText>();
  for (const { vantage, seen, bad, excluded } of answer.vantages) {
    for (let slot = fromSlot; slot < toSlot; slot++) {
      const i = slot - answer.baseSlot;
      const text: SlotText = `${getBit(seen, i) ? 's' : ''}${getBit(bad, i) ? 'b' : ''}${getBit(excluded, i) ? 'x' : ''}`;
      if (text !== '') found.set(`${slot} ${vantage}`, text);
    }
  }
  return found;
}
