import type { Check } from '../core/check.ts';
import { type SpanStore, memoryStore } from '../window/memory.ts';
import type { Mark, SlotRange } from '../window/store.ts';
import type { ObservationLine } from './observation-line.ts';

/**
 * The windows of a record, one check at a time: only its lines are kept, a year of bitmaps is made when a check is asked
 * for and dropped with the next.
 */
export class RecordedWindows {
  readonly #lines: ReadonlyMap<string, readonly ObservationLine[]>;
  readonly #atMs: number;
  #made: { readonly check: string; readonly store: SpanStore } | undefined;

  /** Nothing at or after `atMs` is used. */
  constructor(lines: readonly ObservationLine[], atMs: number) {
    this.#lines = Map.groupBy(lines, ({ check }) => check.id);
    this.#atMs = atMs;
  }

  /** What was recorded of a check. */
  storeOf({ id }: Pick<Check, 'id'>): SpanStore {
    if (this.#made?.check === id) return this.#made.store;
    const store = memoryStore();
    for (const { check, vantage, fromSlot, toSlot, outcome, cause } of this.#lines.get(id) ?? []) {
      const { intervalMs } = check;
      const endSlot = Math.min(toSlot, Math.ceil(this.#atMs / intervalMs));
      if (fromSlot < endSlot)
        store.putSpan({ check: id, intervalMs }, vantage, fromSlot, endSlot, outcome, cause);
    }
    this.#made = { check: id, store };
    return store;
  }

  /** The marks in a range, by slot, then vantage. */
  marks(range: SlotRange): Promise<readonly Mark[]> {
    return this.storeOf({ id: range.check }).marks(range);
  }
}
