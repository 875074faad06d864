import type { RedisCode } from './redis-code.ts';

/** How the shared windows stand, for metrics, readiness and the log. */
export interface RedisHealth {
  /** Whether they take writes and hold everything that this process has seen. */
  readonly isUp: boolean;
  /** Why they last did not: see src/window/redis-code.ts; also `REPLACED`, `CLOCK`. Undefined when they always did. */
  readonly lastCode: RedisCode | undefined;
  /** Since when it stands so: wall clock, milliseconds since the epoch. */
  readonly sinceMs: number;
  /** Slots that wait here to be merged. */
  readonly spillSlots: number;
  /** Slots that were lost: no room was left for them. */
  readonly droppedSlots: number;
  /** Slots that were not written because our clock is not that of Redis. */
  readonly refusedSlots: number;
  /** How often another master, or another history, was found. */
  readonly replacements: number;
  /** Our clock less that of Redis; undefined before it was measured. */
  readonly clockOffsetMs: number | undefined;
}
