import type { Check } from '../core/check.ts';
import { sleep, type Clock } from '../core/clock.ts';
import type { Classification } from '../core/expectation.ts';
import type { Reading } from '../core/reading.ts';
import { attempt } from './attempt.ts';
import { IDENTICAL_GAP_MS, type IdenticalGuard } from './identical-guard.ts';
import type { LagMeter } from './loop-lag.ts';
import type { Due, RunBug, ScheduledCheck } from './scheduled-check.ts';
import { weigh } from './weigh.ts';

/** What every run shares. */
export interface RunnerOptions {
  readonly clock: Clock;
  /** Uniform in [0, 1); lent to probes. */
  readonly random: () => number;
  readonly guard: IdenticalGuard;
  readonly lag: LagMeter;
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
  readonly bug: RunBug | undefined;
}

/** How much a check with an interval around a second may be moved by the guard before it gives a slot up instead. */
const IN_STEP_MS = 15;

/** The last instant (monotonic ms) at which an attempt may begin and still end before the next run is due. */
export function lastStartMs(check: Check, dueMs: number): number {
  return dueMs + check.intervalMs - check.timeoutMs;
}

/**
 * One run of a check in one slot: its attempts with their deadlines. The first begins before this returns, unless the
 * guard holds it back. Never rejects. Resolves with undefined when `cancel` was aborted: a run that was cut short
 * leaves nothing. Resolves with no attempt when none could begin in time.
 *
 * An attempt is followed by another only if it was bad or absent and there is time; attempts of a slot, like all
 * identical requests, begin a second apart.
 */
export async function run(
  options: RunnerOptions,
  scheduled: ScheduledCheck,
  due: Due,
  cancel: AbortSignal,
): Promise<readonly WeighedAttempt[] | undefined> {
  const attempts: WeighedAttempt[] = [];
  while (attempts.length < scheduled.check.attempts) {
    const nowMs = options.clock.monotonicMs();
    const latestMs = latestStartMs(scheduled.check, due, nowMs, attempts.length === 0);
    const next = await attemptBy(latestMs, options, scheduled, cancel);
    if (cancel.aborted) return undefined;
    if (!next) break;
    attempts.push(next);
    options.onReading?.(scheduled, next.reading);
    if (isFinal(next)) break;
  }
  return attempts;
}

function isFinal({ classification: { outcome }, bug }: WeighedAttempt): boolean {
  // After an ignored abort the last request may still be leaving; a second would not be a second apart.
  return outcome === 'good' || outcome === 'excluded' || bug === 'ignored-abort';
}

/** The attempt, begun as soon as the guard lets it; undefined when that is after `latestMs`, or cancelled before. */
async function attemptBy(
  latestMs: number,
  options: RunnerOptions,
  scheduled: ScheduledCheck,
  cancel: AbortSignal,
): Promise<WeighedAttempt | undefined> {
  const { clock, guard } = options;
  for (let nowMs = clock.monotonicMs(); nowMs <= latestMs; nowMs = clock.monotonicMs()) {
    const waitMs = guard.take(scheduled.probe.identity, nowMs);
    // In the turn of the guard's grant: a request that left later would not be a second before the next.
    if (waitMs === 0) return attemptNow(options, scheduled, cancel);
    if (nowMs + waitMs > latestMs) return undefined;
    await sleep(clock, waitMs, cancel);
    if (cancel.aborted) return undefined;
  }
  return undefined;
}

async function attemptNow(
  { clock, random, lag }: RunnerOptions,
  scheduled: ScheduledCheck,
  cancel: AbortSignal,
): Promise<WeighedAttempt> {
  const { probe, check } = scheduled;
  const [startedMs, startedWallMs] = [clock.monotonicMs(), clock.wallMs()];
  const { reading, bug } = await attempt({ probe, timeoutMs: check.timeoutMs, clock, random, cancel });
  const lagMs = lag.worstSince(startedMs);
  const classification = weigh(scheduled, reading, lagMs);
  return { classification, reading, lagMs, startedWallMs, startedMs, endedMs: clock.monotonicMs(), bug };
}

/**
 * The last instant at which an attempt may begin. It ends before the next run is due, and begins a second before: a
 * later start would hold the next run back, and with an interval of one second every one after it, for ever. A run
 * that is late by more than a little then gives its slot up, and the check is back in step.
 */
function latestStartMs(check: Check, { dueMs }: Due, nowMs: number, isFirst: boolean): number {
  const undisturbingMs = dueMs + check.intervalMs - IDENTICAL_GAP_MS;
  const patienceMs = isFirst ? Math.max(nowMs + IN_STEP_MS, undisturbingMs) : undisturbingMs;
  return Math.min(lastStartMs(check, dueMs), patienceMs);
}
