import type { CheckKey } from '../core/observation.ts';
import type { Series } from './series.ts';

/** Every series that was ever mentioned, by check and interval. */
export class SeriesIndex {
  readonly #byCheck = new Map<string, Map<number, Series>>();
  /** Undefined until somebody takes them. */
  #changedMs: Map<string, number> | undefined;
  #count = 0;

  /** Number of series. */
  get size(): number {
    return this.#count;
  }

  find(key: CheckKey): Series | undefined {
    return this.#byCheck.get(key.check)?.get(key.intervalMs);
  }

  /** Adds a series under its id; ids are given out by {@link SeriesIndex.size} + 1. */
  add(series: Series): Series {
    const intervals = this.#byCheck.get(series.check) ?? new Map<number, Series>();
    this.#byCheck.set(series.check, intervals.set(series.intervalMs, series));
    this.#count++;
    return series;
  }

  /** Notes that a slot has changed. Returns the instant at which it begins. */
  changed({ check, intervalMs }: CheckKey, slot: number): number {
    const atMs = slot * intervalMs;
    this.#changedMs?.set(check, Math.min(atMs, this.#changedMs.get(check) ?? Infinity));
    return atMs;
  }

  /** The earliest of a check's slots that were noted since they were last taken; undefined when there is none. */
  changedMs(check: string): number | undefined {
    return this.#changedMs?.get(check);
  }

  /** The earliest slot by check of those noted since the last call, and from the first one on; forgets them. */
  takeChanged(): ReadonlyMap<string, number> {
    const taken = this.#changedMs ?? new Map<string, number>();
    this.#changedMs = new Map();
    return taken;
  }

  *all(): Generator<Series> {
    for (const intervals of this.#byCheck.values()) yield* intervals.values();
  }
}
