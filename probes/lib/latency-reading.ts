import type { Evidence, Reading } from '../../src/core/reading.ts';
import { faultReading, timedOut } from './fault-reading.ts';
import type { RoundTrips } from './round-trips.ts';

/** What is known of a series of round trips besides its figures. */
export interface LatencyAttempt {
  /** Host and port as configured, for people. */
  readonly label: string;
  readonly address: string;
  /** How long finding the address of the name took; undefined when there was no name. */
  readonly resolveMs: number | undefined;
  /** From the first departure to the end. */
  readonly seriesMs: number;
}

/** What a series amounts to: an answer as soon as one came back, the latency being the smallest (sla-math §8). */
export function latencyReading(trips: RoundTrips, attempt: LatencyAttempt): Reading {
  const { label, address, resolveMs, seriesMs } = attempt;
  const phases = resolveMs === undefined ? {} : { resolve: resolveMs };
  const sorted = trips.tookMs.toSorted((a, b) => a - b);
  const [minMs] = sorted;
  if (minMs === undefined) {
    const evidence = { address, sent: trips.sent, received: 0 };
    return faultReading({ label, latencyMs: seriesMs, phases, evidence }, troubleOf(trips));
  }
  const figures = figuresOf(trips, sorted);
  const evidence: Evidence = { address, ...figures };
  return {
    kind: 'answer',
    latencyMs: minMs,
    phases: { ...phases, exchange: minMs },
    values: { ...figures, address },
    evidence,
  };
}

function figuresOf({ sent }: RoundTrips, sorted: readonly number[]) {
  return {
    minMs: microseconds(nearestRank(sorted, 0)),
    p50Ms: microseconds(nearestRank(sorted, 0.5)),
    p99Ms: microseconds(nearestRank(sorted, 0.99)),
    maxMs: microseconds(nearestRank(sorted, 1)),
    lossRatio: (sent - sorted.length) / sent,
    sent,
    received: sorted.length,
  };
}

/** The smallest member that at least this share of all does not exceed. */
function nearestRank(sorted: readonly number[], share: number): number {
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
}

function troubleOf({ failure, sent, strays }: RoundTrips) {
  if (failure) return { kind: 'failed', error: failure } as const;
  const ignored = strays === 0 ? '' : `; datagrams that answer none, ignored: ${strays}`;
  return timedOut(`waiting for one of ${sent} to come back${ignored}`);
}

function microseconds(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}
