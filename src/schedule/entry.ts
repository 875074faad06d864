import { Cancellation } from '../core/cancellation.ts';
import { phaseMs } from './phase.ts';
import type { ScheduledCheck } from './scheduled-check.ts';
import { SlotBag } from './slot-bag.ts';
import { SlotMemory } from './slot-memory.ts';
import type { Alarm, TimerHeap } from './timer-heap.ts';

/** A check in the schedule, from the update that brought it to the one that changes or removes it. */
export interface Entry {
  readonly scheduled: ScheduledCheck;
  readonly phaseMs: number;
  readonly memory: SlotMemory;
  /** The next slot to run. */
  slot: number;
  /** The first slot aimed at, or the last that was given up to get back in step. */
  inStepSinceSlot: number;
  /** Goes off at the next slot. */
  readonly alarm: Alarm;
  /** Whether attempts are being made. */
  running: boolean;
  /** Slots that were begun and are not told yet. */
  readonly untold: SlotBag;
  /** Ends whatever is under way when the check is dropped. */
  readonly cancel: Cancellation;
}

/** A check that takes its place; the one it replaces hands on which slots were run. */
export function enter(
  scheduled: ScheduledCheck,
  former: Entry | undefined,
  timers: Pick<TimerHeap, 'alarm'>,
  onDue: (entry: Entry) => void,
): Entry {
  const { check, vantage, probe } = scheduled;
  // Slots are numbered in the interval: those of another interval say nothing.
  const comparable = former?.scheduled.check.intervalMs === check.intervalMs;
  const entry: Entry = {
    scheduled,
    phaseMs: phaseMs(check, vantage, probe),
    memory: comparable ? former.memory : new SlotMemory(check.intervalMs),
    slot: 0,
    running: false,
    untold: new SlotBag(),
    cancel: new Cancellation(),
    inStepSinceSlot: 0,
    alarm: timers.alarm(() => onDue(entry)),
  };
  return entry;
}

/** The instant by the wall clock (ms since the epoch) at which a slot is to be run. */
export function dueWallMs(entry: Entry, slot: number): number {
  return slot * entry.scheduled.check.intervalMs + entry.phaseMs;
}
