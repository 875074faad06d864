import { DamagedBytes } from '../window/bytes.ts';
import { decodeLatencyDay } from '../window/latency-day.ts';
import { LatencySketch } from '../window/latency-sketch.ts';
import { dayAt, type LatencyDay, type LatencyStore } from '../window/latency-store.ts';
import type { LatencySeries, LatencyStretch } from '../web/latency-source.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** So many days of a check and a vantage are worked through in one turn: about a millisecond. */
const DAYS_A_TURN = 4;

/** Which latencies are wanted, and in stretches of what length: a whole number of hours that divides a day, or of days. */
export interface HistoryAsked {
  readonly checks: readonly string[];
  readonly fromMs: number;
  readonly toMs: number;
  readonly stepMs: number;
}

/**
 * What the store has of some checks, in their order, then by vantage: percentiles of stretches that begin at multiples of
 * their length since the epoch, made of the hours in them that overlap the span. A stretch without latencies is missing;
 * so is a day, or an hour of one, that cannot be read. Rejects with a WindowStoreError.
 */
export async function latencyHistory(
  store: LatencyStore,
  { checks, fromMs, toMs, stepMs }: HistoryAsked,
  breathe: () => Promise<void>,
): Promise<readonly LatencySeries[]> {
  if (toMs <= fromMs) return [];
  const series: LatencySeries[] = [];
  const span = { fromMs: Math.floor(fromMs / HOUR_MS) * HOUR_MS, toMs, stepMs };
  for (const check of checks) {
    const days = await store.read({
      checks: [check],
      fromDay: dayAt(span.fromMs),
      toDay: dayAt(toMs - 1) + 1,
    });
    for (const [vantage, own] of Map.groupBy(days, (one) => one.vantage)) {
      const stretches = new Stretches(span);
      for (const [i, day] of own.entries()) {
        stretches.add(day);
        if (i % DAYS_A_TURN === DAYS_A_TURN - 1) await breathe();
      }
      series.push({ check, vantage, stretches: stretches.all() });
    }
  }
  return series;
}

/** Hours put together, one stretch after the other. */
class Stretches {
  readonly #span: Omit<HistoryAsked, 'checks'>;
  readonly #sketch = new LatencySketch();
  #fromMs = NaN;
  readonly #done: LatencyStretch[] = [];

  constructor(span: Omit<HistoryAsked, 'checks'>) {
    this.#span = span;
  }

  /** Takes a day in, which follows those before. */
  add({ day, body }: LatencyDay): void {
    const { fromMs, toMs, stepMs } = this.#span;
    const hours = readable(body);
    for (const hour of [...hours.keys()].sort((a, b) => a - b)) {
      const atMs = day * DAY_MS + hour * HOUR_MS;
      const encoded = hours.get(hour);
      if (atMs < fromMs || atMs >= toMs || !encoded) continue;
      const stretchMs = Math.floor(atMs / stepMs) * stepMs;
      if (stretchMs !== this.#fromMs) this.#turn(stretchMs);
      this.#absorb(encoded);
    }
  }

  #absorb(encoded: Uint8Array): void {
    try {
      this.#sketch.absorb(encoded);
    } catch (error) {
      if (!(error instanceof DamagedBytes)) throw error;
    }
  }

  all(): readonly LatencyStretch[] {
    this.#turn(NaN);
    return this.#done;
  }

  #turn(nextMs: number): void {
    const lengthMs = this.#span.stepMs;
    if (this.#sketch.count > 0) this.#done.push(stretchOf(this.#sketch, this.#fromMs, lengthMs));
    this.#sketch.clear();
    this.#fromMs = nextMs;
  }
}

/** What a sketch comes to. */
export function stretchOf(sketch: LatencySketch, fromMs: number, lengthMs: number): LatencyStretch {
  return {
    fromMs,
    lengthMs,
    count: sketch.count,
    p50: sketch.quantileMs(0.5),
    p90: sketch.quantileMs(0.9),
    p99: sketch.quantileMs(0.99),
    max: sketch.maxMs,
  };
}

function readable(body: Uint8Array): ReadonlyMap<number, Uint8Array> {
  try {
    return decodeLatencyDay(body);
  } catch (error) {
    if (error instanceof DamagedBytes) return new Map();
    throw error;
  }
}
