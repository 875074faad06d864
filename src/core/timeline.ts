import type { Cause } from './cause.ts';

/** The verdict on a slot: down, up, excluded, unknown (sla-math §2). */
export type SlotState = 'D' | 'U' | 'X' | '?';

/**
 * From `atMs` on, the check is in `state` until the next transition. Consecutive transitions differ in state, in
 * causes or in being contested.
 */
export interface Transition {
  readonly atMs: number;
  readonly state: SlotState;
  /** The causes seen in the slots of this run, sorted; empty unless D or X. */
  readonly causes: readonly Cause[];
  /** Whether vantages disagreed in these slots, which are final. */
  readonly contested: boolean;
}
