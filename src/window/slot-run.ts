import type { Cause } from '../core/cause.ts';
import type { CheckKey, Observation, Outcome } from '../core/observation.ts';
import type { Evidence } from '../core/reading.ts';

/** What one vantage says of slots [fromSlot, toSlot) of a check: the same of each. */
export interface SlotRun extends CheckKey {
  readonly vantage: string;
  readonly fromSlot: number;
  readonly toSlot: number;
  readonly outcome: Outcome;
  readonly cause?: Cause;
  readonly evidence?: Evidence;
}

/** An observation as a run of its one slot. */
export function runOf({ slot, ...rest }: Observation): SlotRun {
  return { ...rest, fromSlot: slot, toSlot: slot + 1 };
}

/** Number of slots of runs; one that several speak of counts for each. */
export function slotsOf(runs: readonly SlotRun[]): number {
  return runs.reduce((sum, { fromSlot, toSlot }) => sum + toSlot - fromSlot, 0);
}

type Part = Omit<SlotRun, 'check' | 'intervalMs' | 'vantage' | 'toSlot'> & { toSlot: number };

/**
 * A bag of runs. What follows on the last run of its vantage and says the same without evidence becomes part of
 * it, so that a quiet hour costs as much as a quiet slot.
 */
export class SlotRuns {
  readonly #parts = new Map<string, Map<number, Map<string, Part[]>>>();
  #size = 0;
  #slots = 0;

  /** Number of runs. */
  get size(): number {
    return this.#size;
  }

  /** Number of slots of the runs. */
  get slots(): number {
    return this.#slots;
  }

  add({ check, intervalMs, vantage, ...part }: SlotRun): void {
    const intervals = at(this.#parts, check, () => new Map<number, Map<string, Part[]>>());
    const vantages = at(intervals, intervalMs, () => new Map<string, Part[]>());
    const parts = at(vantages, vantage, (): Part[] => []);
    this.#slots += part.toSlot - part.fromSlot;
    const last = parts.at(-1);
    if (last && follows(last, part)) {
      last.toSlot = part.toSlot;
      return;
    }
    parts.push(part);
    this.#size++;
  }

  addAll(runs: Iterable<SlotRun>): void {
    for (const run of runs) this.add(run);
  }

  /** All runs, those of a check together. */
  all(): readonly SlotRun[] {
    const runs: SlotRun[] = [];
    for (const [check, intervals] of this.#parts) {
      for (const [intervalMs, vantages] of intervals) {
        for (const [vantage, parts] of vantages) {
          for (const part of parts) runs.push({ check, intervalMs, vantage, ...part });
        }
      }
    }
    return runs;
  }

  /** All runs; the bag is empty then. */
  take(): readonly SlotRun[] {
    const runs = this.all();
    // The maps stay: what was in them will be again.
    for (const intervals of this.#parts.values()) {
      for (const vantages of intervals.values()) for (const parts of vantages.values()) parts.length = 0;
    }
    this.#size = 0;
    this.#slots = 0;
    return runs;
  }
}

function follows(last: Part, next: Part): boolean {
  return (
    last.toSlot === next.fromSlot &&
    last.outcome === next.outcome &&
    last.cause === next.cause &&
    last.evidence === undefined &&
    next.evidence === undefined
  );
}

function at<Key, Value>(map: Map<Key, Value>, key: Key, make: () => Value): Value {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  map.set(key, made);
  return made;
}
