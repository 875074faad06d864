import type { SlotState } from '../core/timeline.ts';

/** How many of the expected vantages observed a slot as what. */
export interface SlotCounts {
  readonly good: number;
  readonly bad: number;
  readonly excluded: number;
}

/** q = ⌊V/2⌋ + 1 of V expected vantages. */
export function quorumOf(expected: number): number {
  return Math.floor(expected / 2) + 1;
}

/**
 * The verdict on one slot from what its vantages saw (sla-math §2). `pastWatermark`: nothing more is awaited.
 * D and U are final as soon as they are reached, because bits only grow; X and ? wait for the watermark.
 */
export function slotState(
  counts: SlotCounts,
  expected: number,
  pastWatermark: boolean,
): SlotState | 'pending' {
  const { good, bad, excluded } = counts;
  const quorum = quorumOf(expected);
  if (bad >= quorum) return 'D';
  if (good >= expected - quorum + 1) return 'U';
  if (!pastWatermark) return 'pending';
  if (excluded >= quorum) return 'X';
  if (good + bad + excluded < quorum) return '?';
  return bad > good ? 'D' : 'U';
}
