import type { Answer, Evidence, Reading } from '../../src/core/reading.ts';
import { faultReading, timedOut } from './fault-reading.ts';
import { leastMs } from './own-lateness.ts';
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
  if (trips.took.length === 0) {
    const evidence = { address, sent: trips.sent, received: 0 };
    return faultReading({ label, latencyMs: seriesMs, phases, evidence }, troubleOf(trips));
  }
  const tookMs = trips.took.map(({ ms }) => ms);
  const latencyMs = Math.min(...tookMs);
  const figures = { ...timesOf(tookMs), ...countsOf(trips) };
  const evidence: Evidence = { address, ...figures };
  return {
    kind: 'answer',
    latencyMs,
    phases: { ...phases, exchange: latencyMs },
    values: { ...figures, address },
    evidence,
    ...ownLateness(trips, tookMs),
  };
}

/** By how much each figure would be smaller, had every round trip taken the least that it can have taken. */
function ownLateness({ took }: RoundTrips, tookMs: readonly number[]): Pick<Answer, 'ownMs'> {
  const least = leastMs(took);
  if (!least) return {};
  const [told, atLeast] = [timesOf(tookMs), timesOf(least)];
  const ownMs = {
    minMs: told.minMs - atLeast.minMs,
    p50Ms: told.p50Ms - atLeast.p50Ms,
    p99Ms: told.p99Ms - atLeast.p99Ms,
    maxMs: told.maxMs - atLeast.maxMs,
  };
  return { ownMs: { ...ownMs, latency: ownMs.minMs } };
}

function timesOf(tookMs: readonly number[]) {
  const sorted = tookMs.toSorted((a, b) => a - b);
  return {
    minMs: microseconds(nearestRank(sorted, 0)),
    p50Ms: microseconds(nearestRank(sorted, 0.5)),
    p99Ms: microseconds(nearestRank(sorted, 0.99)),
    maxMs: microseconds(nearestRank(sorted, 1)),
  };
}

function countsOf({ sent, took }: RoundTrips) {
  return { lossRatio: (sent - took.length) / sent, sent, received: took.length };
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
