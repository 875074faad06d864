import type { Check } from '../core/check.ts';
import type { RunResult } from '../schedule/scheduled-check.ts';
import type { LatencySeries, LatencyStretch } from '../web/latency-source.ts';
import { LatencySketch } from '../window/latency-sketch.ts';
import { stretchOf } from './latency-history.ts';

const STRETCH_MS = 600_000;
const MOST_STRETCHES = 144;
const NUMBERS = 6;

/** The latencies of one check from one vantage: the stretch that goes on as a sketch, those before as what they came to. */
interface Kept {
  readonly sketch: LatencySketch;
  sketchFromMs: number;
  /** Of each past stretch its numbers, in the order of {@link LatencyStretch}; grows as they come. */
  readonly past: number[];
}

/**
 * Latencies since the start of the process, in stretches of ten minutes of the last day: a closer look than what is kept
 * by the hour. For looking at, not for any verdict. Bounded by the checks that are watched.
 */
export class LatencyLog {
  /** By vantage, then check: vantages are few, and looking for one of them costs next to nothing. */
  readonly #kept = new Map<string, Map<string, Kept>>();
  #watched: ReadonlySet<string> = new Set();

  /** Keeps the latencies of these checks only; what is known of those that stay is kept. */
  watch(checks: readonly Check[]): void {
    this.#watched = new Set(checks.map(({ id }) => id));
    for (const kept of this.#kept.values())
      for (const check of kept.keys()) if (!this.#watched.has(check)) kept.delete(check);
  }

  note({
    check,
    vantage,
    slot,
    latencyMs,
  }: Pick<RunResult, 'check' | 'vantage' | 'slot' | 'latencyMs'>): void {
    if (latencyMs === undefined) return;
    const fromMs = Math.floor((slot * check.intervalMs) / STRETCH_MS) * STRETCH_MS;
    const kept = this.#kept.get(vantage)?.get(check.id) ?? this.#begin(check.id, vantage, fromMs);
    if (!kept) return;
    if (fromMs > kept.sketchFromMs) turn(kept, fromMs);
    kept.sketch.add(latencyMs);
  }

  /** What is known of some checks, in their order, then by vantage. */
  series(checks: readonly string[]): readonly LatencySeries[] {
    return this.#series(checks, (kept) => [...pastOf(kept), ...goingOn(kept)]);
  }

  /** {@link LatencyLog.series} with the stretch that goes on alone. */
  last(checks: readonly string[]): readonly LatencySeries[] {
    return this.#series(checks, goingOn);
  }

  #series(
    checks: readonly string[],
    stretchesOf: (kept: Kept) => readonly LatencyStretch[],
  ): readonly LatencySeries[] {
    const vantages = [...this.#kept];
    return checks.flatMap((check) =>
      vantages.flatMap(([vantage, byCheck]) => {
        const kept = byCheck.get(check);
        return kept ? [{ check, vantage, stretches: stretchesOf(kept) }] : [];
      }),
    );
  }

  #begin(check: string, vantage: string, fromMs: number): Kept | undefined {
    if (!this.#watched.has(check)) return undefined;
    const begun = { sketch: new LatencySketch(), sketchFromMs: fromMs, past: [] };
    const byCheck = this.#kept.get(vantage) ?? new Map<string, Kept>();
    this.#kept.set(vantage, byCheck.set(check, begun));
    return begun;
  }
}

function turn(kept: Kept, fromMs: number): void {
  for (const { fromMs: began, count, p50, p90, p99, max } of goingOn(kept))
    kept.past.push(began, count, p50, p90, p99, max);
  kept.past.splice(0, kept.past.length - (MOST_STRETCHES - 1) * NUMBERS);
  kept.sketch.clear();
  kept.sketchFromMs = fromMs;
}

function goingOn({ sketch, sketchFromMs: fromMs }: Kept): readonly LatencyStretch[] {
  return sketch.count === 0 ? [] : [stretchOf(sketch, fromMs, STRETCH_MS)];
}

function pastOf({ past }: Kept): readonly LatencyStretch[] {
  return Array.from({ length: past.length / NUMBERS }, (_, i) => {
    const [fromMs = 0, count = 0, p50 = 0, p90 = 0, p99 = 0, max = 0] = past.slice(
      i * NUMBERS,
      (i + 1) * NUMBERS,
    );
    return { fromMs, lengthMs: STRETCH_MS, count, p50, p90, p99, max };
  });
}
