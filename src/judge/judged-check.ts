import type { RowRules } from '../contract/rules.ts';
import type { Check } from '../core/check.ts';
import { CheckBounds, type SlotSense } from './check-bounds.ts';
import type { CheckTimeline } from './check-timeline.ts';
import { LOSSES } from './durability.ts';

/** A check with its judged life, and what rows made of it. */
export interface JudgedCheck {
  readonly check: Check;
  readonly timeline: CheckTimeline;
  /** By how a row and reading take the slots. */
  readonly bounds: Map<string, CheckBounds>;
}

/** The bounds of a check as a row and reading take it; those that take its slots alike share them. */
export function boundsFor(state: JudgedCheck, rules: RowRules): CheckBounds {
  const sense = senseOf(state.check, rules);
  const key = [sense.confirm, ...(sense.only ?? []), '-', ...[...sense.excused].sort()].join(' ');
  const known = state.bounds.get(key);
  if (known) return known;
  const bounds = new CheckBounds(state.timeline, sense);
  bounds.refresh(0);
  state.bounds.set(key, bounds);
  return bounds;
}

/** Every slot is a test of its own where tests are counted, and where one loss is one too many. */
function senseOf({ confirm }: Check, { type, excusedCauses: excused }: RowRules): SlotSense {
  switch (type) {
    case 'durability':
      return { excused, only: LOSSES, confirm: 1 };
    case 'sampled-share':
      return { excused, confirm: 1 };
    case 'availability':
    case 'latency-bound':
    case 'none':
      return { excused, confirm };
  }
}
