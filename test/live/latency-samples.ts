import { encodeLatencyDay } from '../../src/window/latency-day.ts';
import { LatencySketch } from '../../src/window/latency-sketch.ts';
import type { LatencyDay } from '../../src/window/latency-store.ts';

export const HOUR_MS = 3_600_000;
export const DAY_MS = 24 * HOUR_MS;

/** A day of a check and a vantage with these latencies in ms, by hour of the day. */
export function dayOf(
  key: Pick<LatencyDay, 'check' | 'vantage' | 'day'>,
  hours: Readonly<Record<number, readonly number[]>>,
): LatencyDay {
  const encoded = Object.entries(hours).map(([hour, latencies]) => {
    const sketch = new LatencySketch();
    for (const latency of latencies) sketch.add(latency);
    return [Number(hour), sketch.encoded()] as const;
  });
  return { ...key, body: encodeLatencyDay(new Map(encoded), true) };
}
