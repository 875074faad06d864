import type { Check } from '../../src/core/check.ts';
import type { Clock } from '../../src/core/clock.ts';
import type { ProbeContext } from '../../src/core/probe.ts';
import type { Reading } from '../../src/core/reading.ts';
import type { Excuse, RunResult, ScheduledCheck, SkippedSlots } from '../../src/schedule/scheduled-check.ts';
import { Scheduler } from '../../src/schedule/scheduler.ts';

export const ANSWER: Reading = { kind: 'answer', latencyMs: 5 };
export const REFUSED: Reading = { kind: 'fault', fault: 'refused', detail: 'connection refused' };

type Run = (context: ProbeContext) => Promise<Reading>;

/** A check as the scheduler gets it; every 10 s within 3 s, one attempt, from one vantage, unless said. */
export function scheduledCheck(
  run: Run,
  over: Partial<Check> = {},
  {
    vantage = 'az-a',
    identity,
    fingerprint = '1',
  }: { vantage?: string; identity?: string; fingerprint?: string } = {},
): ScheduledCheck {
  const check: Check = {
    id: 'dns',
    probe: 'dns',
    row: 'sla3.dns',
    scope: 'region',
    intervalMs: 10_000,
    timeoutMs: 3_000,
    attempts: 1,
    confirm: 2,
    vantages: ['az-a'],
    settings: {},
    expectations: {},
    ...over,
  };
  const probe = { identity: identity ?? check.id, run };
  return { check, vantage, probe, specs: {}, fingerprint };
}

/** Resolves when the signal is aborted, with what a probe then says. */
export function untilAborted({ signal }: ProbeContext): Promise<Reading> {
  return new Promise((resolve) => {
    signal.addEventListener('abort', () => resolve({ kind: 'blind', blind: 'bug', detail: 'aborted' }));
  });
}

/** A scheduler on a clock driven by hand, and what it told. */
export function watchedScheduler(clock: Clock, excuse?: Excuse) {
  const results: RunResult[] = [];
  const skipped: SkippedSlots[] = [];
  const sink = {
    onResult: (result: RunResult) => void results.push(result),
    onSkipped: (slots: SkippedSlots) => void skipped.push(slots),
  };
  const scheduler = new Scheduler({ clock, random: () => 0.5, sink, ...(excuse ? { excuse } : {}) });
  return { scheduler, results, skipped };
}
