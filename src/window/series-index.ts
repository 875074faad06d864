import type { CheckKey } from '../core/observation.ts';
import type { Series } from './series.ts';

/** Every series that was ever mentioned, by check and interval. */
export class SeriesIndex {
  readonly #byCheck = new Map<string, Map<number, Series>>();
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

  /** The checks of which a slot has changed since the last call. */
  takeChanged(): ReadonlySet<string> {
    const changed = new Set<string>();
    for (const series of this.all()) {
      if (series.hasChanged) changed.add(series.check);
      series.hasChanged = false;
    }
    return changed;
  }

  *all(): Generator<Series> {
    for (const intervals of this.#byCheck.values()) yield* intervals.values();
  }
}
