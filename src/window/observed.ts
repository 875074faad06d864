import type { Observation } from '../core/observation.ts';

/**
 * Throws a RangeError unless every observation can be stored: a whole slot number and a positive interval. Anything
 * else is a bug of the caller, and must not leave half of a list behind.
 */
export function assertStorable(observations: readonly Observation[]): void {
  for (const { check, slot, intervalMs } of observations) {
    if (!Number.isSafeInteger(slot) || !Number.isSafeInteger(intervalMs) || intervalMs <= 0) {
      throw new RangeError(`observation of ${check}: slot ${slot} of interval ${intervalMs} ms`);
    }
  }
}
