import type { Check } from '../core/check.ts';
import type { Clock } from '../core/clock.ts';
import type { Classification } from '../core/expectation.ts';
import type { Reading } from '../core/reading.ts';
import { attempt, type AttemptEnd } from './attempt.ts';
import type { Cancel } from '../core/cancellation.ts';
import { IDENTICAL_GAP_MS, type IdenticalGuard } from './identical-guard.ts';
import { type Leave, leaveOf } from './leave.ts';
import type { LagMeter } from './loop-lag.ts';
import type { Due, Reserve, RunBug, ScheduledCheck } from './scheduled-check.ts';
import { weigh } from './weigh.ts';

/** What every run shares. */
export interface RunnerOptions {
  readonly clock: Clock;
  /** Uniform in [0, 1); lent to probes. */
  readonly random: () => number;
  readonly guard: IdenticalGuard;
  readonly lag: LagMeter;
  /** No other process sends what this one does when absent. */
  readonly reserve?: Reserve;
  /** Every reading, as it arrives. */
  readonly onReading?: (scheduled: ScheduledCheck, reading: Reading) => void;
}

/** One attempt that was made and what it amounts to. */
export interface WeighedAttempt {
  readonly classification: Classification;
  readonly reading: Reading;
  /** The longest that the event loop was late meanwhile. */
  readonly lagMs: number;
  readonly startedWallMs: number;
  /** Monotonic, as is `endedMs`. */
  readonly startedMs: number;
  readonly endedMs: number;
  /** From when on the guard allowed it; -Infinity when nothing stood against it. Monotonic. */
  readonly freeAtMs: number;
  readonly bug: RunBug | undefined;
}

/** A check is in step while the guard holds its runs back by no more than this. */
export const IN_STEP_MS = 15;

/** The last instant (monotonic ms) at which an attempt may begin and still end before the next run is due. */
export function lastStartMs(check: Check, dueMs: number): number {
  return dueMs + check.intervalMs - check.timeoutMs;
}

/**
 * One run of a check in one slot: its attempts with their deadlines. The first begins before this returns, unless the
 * guard holds it back or other processes are to be asked. Never rejects. Resolves with undefined when `cancel` was
 * aborted: a run that was cut short leaves nothing. Resolves with no attempt when none could begin in time.
 *
 * An attempt is followed by another only if it was bad or absent and there is time; attempts of a slot, like all
 * identical requests, begin a second apart.
 */
export async function run(
  options: RunnerOptions,
  scheduled: ScheduledCheck,
  due: Due,
  cancel: Cancel,
): Promise<readonly WeighedAttempt[] | undefined> {
  const { clock, random, guard, lag } = options;
  const { check, probe } = scheduled;
  const attempts: WeighedAttempt[] = [];
  let leave: Leave = 'now';
  while (attempts.length < check.attempts) {
    const latestMs = latestStartMs(check, due, clock.monotonicMs(), attempts.length === 0);
    let freeAtMs = guard.freeAtMs(probe.identity);
    let waitMs = takeTurn(options, probe.identity, latestMs);
    while (waitMs > 0) {
      if (waitMs === Infinity) return attempts;
      await wait(clock, waitMs, cancel);
      if (cancel.aborted) return undefined;
      freeAtMs = guard.freeAtMs(probe.identity);
      waitMs = takeTurn(options, probe.identity, latestMs);
    }
    const reserved = options.reserve?.(probe.identity);
    if (reserved) {
      const lastMs = lastStartMs(check, due.dueMs);
      leave = await leaveOf(options, probe.identity, { reserved, lastMs, before: leave });
      if (cancel.aborted) return undefined;
      if (leave === 'never') return attempts;
      if (leave !== 'now') continue;
    }
    // In the turn of the guard's grant: a request that left later would not be a second before the next.
    const begun = { startedMs: clock.monotonicMs(), startedWallMs: clock.wallMs(), freeAtMs };
    const end = await attempt({ probe, timeoutMs: check.timeoutMs, clock, random, lag, cancel });
    if (cancel.aborted) return undefined;
    const next = weighed(options, scheduled, begun, end);
    attempts.push(next);
    options.onReading?.(scheduled, next.reading);
    if (isFinal(next)) break;
  }
  return attempts;
}

/** Resolves after `delayMs`, or at once at the abort; the caller looks which. */
function wait(clock: Clock, delayMs: number, cancel: Cancel): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      stop();
      cancel.removeEventListener('abort', end);
      resolve();
    };
    const stop = clock.after(delayMs, end);
    cancel.addEventListener('abort', end, { once: true });
  });
}

function isFinal({ classification: { outcome }, bug }: WeighedAttempt): boolean {
  // After an ignored abort the last request may still be leaving; a second would not be a second apart.
  return outcome === 'good' || outcome === 'excluded' || bug === 'ignored-abort';
}

/** 0 when the guard lets the request leave now, else how long to wait; Infinity when that is after `latestMs`. */
function takeTurn({ clock, guard }: RunnerOptions, identity: string, latestMs: number): number {
  const nowMs = clock.monotonicMs();
  if (nowMs > latestMs) return Infinity;
  const waitMs = guard.take(identity, nowMs);
  return nowMs + waitMs > latestMs ? Infinity : waitMs;
}

type Begun = Pick<WeighedAttempt, 'startedMs' | 'startedWallMs' | 'freeAtMs'>;

function weighed(
  { clock, lag }: RunnerOptions,
  scheduled: ScheduledCheck,
  begun: Begun,
  { reading, bug }: AttemptEnd,
): WeighedAttempt {
  const lagMs = lag.worstSince(begun.startedMs);
  const classification = weigh(scheduled, reading, lagMs);
  return { ...begun, classification, reading, lagMs, endedMs: clock.monotonicMs(), bug };
}

/**
 * The last instant at which an attempt may begin. It ends before the next run is due, and begins a second before, so
 * as not to hold the next run back. With an interval of a second or little more a run waits for the guard no longer
 * than a little: how long it is held back was known when it was armed (scheduler.ts).
 */
function latestStartMs(check: Check, { dueMs }: Due, nowMs: number, isFirst: boolean): number {
  const undisturbingMs = dueMs + check.intervalMs - IDENTICAL_GAP_MS;
  const patienceMs = isFirst ? Math.max(nowMs + IN_STEP_MS, undisturbingMs) : undisturbingMs;
  return Math.min(lastStartMs(check, dueMs), patienceMs);
}
