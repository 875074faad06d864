import type { Clock } from '../core/clock.ts';
import type { RedisLink } from './redis-link.ts';

const EXCHANGES = 5;
const LOOK_MS = 60_000;

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

/** Compares our clock with that of Redis every minute, and tells which slots it may label. */
export class ClockWatch {
  readonly #link: RedisLink;
  readonly #clock: Clock;
  #offset: ClockOffset | undefined;
  #dueMs = -Infinity;
  #shortestMs = Infinity;

  constructor(link: RedisLink, clock: Clock) {
    this.#link = link;
    this.#clock = clock;
  }

  /** Ours less theirs, in milliseconds; undefined before it was measured. */
  get offsetMs(): number | undefined {
    return this.#offset?.offsetMs;
  }

  /** Whether slots of every length that was labelled so far may still be: those of a wrong clock wait for someone to look. */
  get mayLabelAll(): boolean {
    return this.#shortestMs === Infinity || this.mayLabel(this.#shortestMs);
  }

  /** Whether slots of this length may be labelled by our clock, as far as is known. */
  mayLabel(intervalMs: number): boolean {
    return !this.#offset || mayLabel(this.#offset, intervalMs);
  }

  /** A slot of this length was labelled. */
  labelled(intervalMs: number): void {
    this.#shortestMs = Math.min(this.#shortestMs, intervalMs);
  }

  /** Measures, if it is time or Redis was away. Rejects with a RedisFailure. */
  async look(isUp: boolean): Promise<void> {
    if (isUp && this.#clock.monotonicMs() < this.#dueMs) return;
    this.#offset = await measureOffset(this.#link, this.#clock);
    this.#dueMs = this.#clock.monotonicMs() + LOOK_MS;
  }
}
