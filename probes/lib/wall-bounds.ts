import type { Clock } from '../../src/core/clock.ts';

/** Between which two values "wall clock less monotonic clock" lies, in milliseconds. */
export interface WallBounds {
  readonly lowMs: number;
  readonly highMs: number;
}

/**
 * Bounds from one look at both clocks. The wall clock shows whole milliseconds, cut; reading it between two looks at
 * the monotonic one keeps the bounds true even when the process was suspended in between.
 */
export function wallBounds(clock: Clock): WallBounds {
  const beforeMs = clock.monotonicMs();
  const wallMs = clock.wallMs();
  const afterMs = clock.monotonicMs();
  return { lowMs: wallMs - afterMs, highMs: wallMs + 1 - beforeMs };
}

const STEP_MS = 1;

/**
 * The likeliest value of "wall less monotonic" that agrees with all bounds, in milliseconds: n looks at random moments
 * bring the error from half a millisecond down to about 1/(2n). Undefined when no value agrees within a millisecond:
 * the wall clock was stepped in between, and nothing that was measured against it holds. Also without any bounds.
 */
export function wallLessMonotonic(bounds: readonly WallBounds[]): number | undefined {
  if (bounds.length === 0) return undefined;
  const lowMs = Math.max(...bounds.map((each) => each.lowMs));
  const highMs = Math.min(...bounds.map((each) => each.highMs));
  return lowMs - highMs > STEP_MS ? undefined : (lowMs + highMs) / 2;
}
