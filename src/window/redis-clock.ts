import type { Clock } from '../core/clock.ts';
import type { RedisLink } from './redis-link.ts';

const EXCHANGES = 5;

/** How far the machine's clock is from that of Redis. */
export interface ClockOffset {
  /** Ours less theirs, in milliseconds. */
  readonly offsetMs: number;
  /** By how much that may be off: half the shortest round trip. */
  readonly errorMs: number;
}

/** Measures the offset by the quickest of a few exchanges. Rejects with a RedisFailure. */
export async function measureOffset(link: RedisLink, clock: Clock): Promise<ClockOffset> {
  let best: ClockOffset | undefined;
  for (let i = 0; i < EXCHANGES; i++) {
    const sentMs = clock.monotonicMs();
    const sentWallMs = clock.wallMs();
    const theirsMs = await link.timeMs();
    const errorMs = (clock.monotonicMs() - sentMs) / 2;
    if (!best || errorMs < best.errorMs) best = { offsetMs: sentWallMs + errorMs - theirsMs, errorMs };
  }
  return best ?? { offsetMs: 0, errorMs: Infinity };
}

/** Whether slots of this length may be labelled by our clock: it is certainly not off by more than a quarter of one. */
export function mayLabel({ offsetMs, errorMs }: ClockOffset, intervalMs: number): boolean {
  return Math.abs(offsetMs) - errorMs <= intervalMs / 4;
}
