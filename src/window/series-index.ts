import type { CheckKey } from '../core/observation.ts';
import type { Series } from './series.ts';

/** Every series that was ever mentioned, by check and interval. */
export class SeriesIndex {
  readonly #byCheck = new Map<string, Map<number, Series>>();
  /** Undefined until somebody takes them. */
  #changedMs: Map<Series, number> | undefined;
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
  changed(series: Series, slot: number): number {
    const atMs = slot * series.intervalMs;
    if (this.#changedMs && atMs < (this.#changedMs.get(series) ?? Infinity))
      this.#changedMs.set(series, atMs);
    return atMs;
  }

  /** The earliest of a check's slots that were noted since they were last taken; undefined when there is none. */
  changedMs(check: string): number | undefined {
    const all = this.#byCheck.get(check)?.values() ?? [];
    const atMs = Math.min(...Array.from(all, (series) => this.#changedMs?.get(series) ?? Infinity));
    return atMs === Infinity ? undefined : atMs;
  }

  /** The earliest slot of those noted since the last call, and from the first one on; forgets them. */
  takeChanged(): ReadonlyMap<CheckKey, number> {
    const taken = this.#changedMs ?? new Map<Series, number>();
    this.#changedMs = new Map();
    return taken;
  }

  *all(): Generator<Series> {
    for (const intervals of this.#byCheck.values()) yield* intervals.values();
  }
}
