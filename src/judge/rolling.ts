import { type Fraction, toNumber } from '../core/fraction.ts';
import type { RollingFigures } from '../core/verdict.ts';
import type { RowTimeline } from './row-timeline.ts';

/** The rolling windows, by name, in milliseconds. */
export const ROLLING_WINDOWS: Readonly<Record<string, number>> = {
  '5m': 300_000,
  '30m': 1_800_000,
  '1h': 3_600_000,
  '2h': 7_200_000,
  '6h': 21_600_000,
  '1d': 86_400_000,
  '3d': 259_200_000,
  '30d': 2_592_000_000,
};
const WINDOWS = Object.entries(ROLLING_WINDOWS);

/**
 * Figures over windows that end where every check is settled: a slot that is still awaited is no sign of being up.
 * `share` is the share of time that the row bears.
 */
export function rollingFigures(
  timeline: RowTimeline,
  share: Fraction | null,
  horizonMs: number,
): Readonly<Record<string, RollingFigures>> {
  return Object.fromEntries(
    WINDOWS.map(([name, lengthMs]) => [name, windowFigures(timeline, share, horizonMs, lengthMs)]),
  );
}

function windowFigures(
  timeline: RowTimeline,
  share: Fraction | null,
  horizonMs: number,
  lengthMs: number,
): RollingFigures {
  const from = horizonMs - lengthMs;
  const downtimeMs = timeline.ledgers.estimate.counted.within(from, horizonMs);
  const unknownMs = timeline.unknown.within(from, horizonMs);
  const frozen = !share || share.num === 0n || unknownMs * 2 > lengthMs;
  return {
    downtimeMs,
    unknownMs,
    burnRate: frozen ? null : downtimeMs / (lengthMs - unknownMs) / toNumber(share),
    coverage: 1 - unknownMs / lengthMs,
  };
}
