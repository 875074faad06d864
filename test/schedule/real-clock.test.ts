import { expect, test } from 'vitest';
import { systemClock, systemRandom } from '../../src/clock.ts';
import type { RunResult } from '../../src/schedule/scheduled-check.ts';
import { Scheduler } from '../../src/schedule/scheduler.ts';
import { ANSWER, scheduledCheck, untilAborted } from './scheduled.ts';

// The machine may be busy: what is asserted of its clock is loose, and what never may happen is strict.

/** Runs checks until that many results are there. */
async function results(count: number, checks: readonly ReturnType<typeof scheduledCheck>[]) {
  const seen: RunResult[] = [];
  const enough = Promise.withResolvers<void>();
  const scheduler = new Scheduler({
    clock: systemClock,
    random: systemRandom,
    sink: {
      onResult: (result) => {
        if (result.attempts > 0) seen.push(result);
        if (seen.length === count) enough.resolve();
      },
      onSkipped: () => undefined,
    },
  });
  scheduler.update(checks);
  await enough.promise;
  await scheduler.stop();
  return seen;
}

test('Scheduler aborts at the deadline: never before it, and soon after', async () => {
  const lateMs: number[] = [];
  const checks = Array.from({ length: 50 }, (_, i) =>
    scheduledCheck(
      async (context) => {
        const dueMs = performance.now() + 300;
        const reading = await untilAborted(context);
        // Those after the hundredth may have been aborted by the stop.
        if (lateMs.length < 100) lateMs.push(performance.now() - dueMs);
        return reading;
      },
      { id: `check-${i}`, intervalMs: 1_000, timeoutMs: 300 },
    ),
  );
  await results(100, checks);
  lateMs.sort((a, b) => a - b);
  // The deadline is set just before the probe is called; a busy machine may pause in between.
  expect(lateMs[0]).toBeGreaterThanOrEqual(-10);
  expect(lateMs[10]).toBeGreaterThanOrEqual(-0.5);
  expect(lateMs[50]).toBeLessThan(50);
});

test('Scheduler starts runs in the slot, at the phase, never early', async () => {
  const checks = Array.from({ length: 50 }, (_, i) =>
    scheduledCheck(() => Promise.resolve(ANSWER), { id: `check-${i}`, intervalMs: 1_000, timeoutMs: 500 }),
  );
  const seen = await results(150, checks);
  const late = seen.flatMap((one) => one.lateMs ?? []).sort((a, b) => a - b);
  expect(late[0]).toBeGreaterThanOrEqual(-1);
  expect(late[Math.floor(late.length / 2)]).toBeLessThan(50);
});

test('a timeout under a blocked event loop is a hole, not an outage', async () => {
  const blocked = scheduledCheck(
    (context) => {
      const answer = untilAborted(context);
      setImmediate(() => {
        const untilMs = performance.now() + 400;
        while (performance.now() < untilMs);
      });
      return answer;
    },
    { intervalMs: 1_000, timeoutMs: 300 },
  );
  const [seen] = await results(1, [blocked]);
  expect(seen?.seen).toMatchObject({ outcome: 'absent', blind: 'loop-late' });
  expect(seen?.lagMs).toBeGreaterThan(300);
});
