const DAY_MS = 86_400_000;

/** The latencies that one vantage measured of one check on one UTC day. */
export interface LatencyDay {
  readonly check: string;
  readonly vantage: string;
  /** Days since the epoch. */
  readonly day: number;
  /** See src/window/latency-day.ts. */
  readonly body: Uint8Array;
}

/** Days [fromDay, toDay) of some checks. */
export interface LatencyRange {
  readonly checks: readonly string[];
  readonly fromDay: number;
  readonly toDay: number;
}

/**
 * Latencies beside the windows, for looking at: no verdict is made of them. Laws:
 * - a day of a check and a vantage is stored whole, over what was there: putting again what was put changes nothing.
 * - what `put` resolved for outlives the process being killed, and is seen by every process that shares the store.
 * - nothing here holds up slots or judgements for longer than it takes to store one call's worth; what fails here is told
 *   to the caller and to nobody else.
 * - months that ended before what the store's `prune` keeps of transitions are dropped with them.
 *
 * Every method rejects with a {@link WindowStoreError} when the store cannot be had; nothing is half-applied but a `put`,
 * of which some days may be stored.
 */
export interface LatencyStore {
  put(days: readonly LatencyDay[]): Promise<void>;

  /** What there is, by the order of the checks, then by day, then by vantage. */
  read(range: LatencyRange): Promise<readonly LatencyDay[]>;
}

/** The day that an instant (ms since the epoch) lies in. */
export function dayAt(instantMs: number): number {
  return Math.floor(instantMs / DAY_MS);
}

/** The first day of the month that an instant lies in: months that ended before it are dropped whole. */
export function firstKeptDay(instantMs: number): number {
  const at = new Date(instantMs);
  return Date.UTC(at.getUTCFullYear(), at.getUTCMonth()) / DAY_MS;
}
