import type { CheckKey } from '../core/observation.ts';
import type { Series } from './series.ts';

/** Every series that was ever mentioned, by check and interval. */
export class SeriesIndex {
  /** By interval, then check: intervals are few, and looking for one of them costs next to nothing. */
  readonly #byInterval = new Map<number, Map<string, Series>>();
  /** Undefined until somebody takes them. */
  #changed: Series[] | undefined;
  #count = 0;

  /** Number of series. */
  get size(): number {
    return this.#count;
  }

  find(key: CheckKey): Series | undefined {
    return this.#byInterval.get(key.intervalMs)?.get(key.check);
  }

  /** Adds a series under its id; ids are given out by {@link SeriesIndex.size} + 1. */
  add(series: Series): Series {
    const checks = this.#byInterval.get(series.intervalMs) ?? new Map<string, Series>();
    this.#byInterval.set(series.intervalMs, checks.set(series.check, series));
    this.#count++;
    return series;
  }

  /** Notes that a slot has changed. Returns the instant at which it begins. */
  changed(series: Series, slot: number): number {
    const atMs = slot * series.intervalMs;
    if (this.#changed && atMs < series.changedMs) {
      if (series.changedMs === Infinity) this.#changed.push(series);
      series.changedMs = atMs;
    }
    return atMs;
  }

  /** The earliest of a check's slots that were noted since they were last taken; undefined when there is none. */
  changedMs(check: string): number | undefined {
    let atMs = Infinity;
    for (const checks of this.#byInterval.values())
      atMs = Math.min(atMs, checks.get(check)?.changedMs ?? Infinity);
    return atMs === Infinity ? undefined : atMs;
  }

  /** The earliest slot of those noted since the last call, and from the first one on; forgets them. */
  takeChanged(): ReadonlyMap<CheckKey, number> {
    const taken = new Map<CheckKey, number>();
    for (const series of this.#changed ?? []) {
      taken.set(series, series.changedMs);
      series.changedMs = Infinity;
    }
    this.#changed = [];
    return taken;
  }

  *all(): Generator<Series> {
    for (const checks of this.#byInterval.values()) yield* checks.values();
  }
}
