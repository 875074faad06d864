import { describe, expect, test } from 'vitest';
import type { Classification } from '../../src/core/expectation.ts';
import type { Reading } from '../../src/core/reading.ts';
import { phaseMs } from '../../src/schedule/phase.ts';
import type { FailedRun } from '../../src/schedule/scheduled-check.ts';
import { FakeClock } from '../fake-clock.ts';
import { ANSWER, REFUSED, scheduledCheck, untilAborted, watchedScheduler } from './scheduled.ts';

const START_MS = Date.parse('2026-03-01T00:00:00.000Z');
const SLOT = START_MS / 10_000;
const good = (): Promise<Reading> => Promise.resolve(ANSWER);
const refused = (): Promise<Reading> => Promise.resolve(REFUSED);

/** In the slot of the start, at the phase of the check `dns`, plus some. */
async function atPhase(clock: FakeClock, plusMs: number): Promise<void> {
  await clock.advance(phaseMs({ id: 'dns', intervalMs: 10_000, vantages: ['az-a'] }, 'az-a') + plusMs);
}

describe('Scheduler.update', () => {
  test('a check with the same fingerprint keeps its probe, its timing and its run under way', async () => {
    const clock = new FakeClock(START_MS);
    const { scheduler, results } = watchedScheduler(clock);
    const signals: AbortSignal[] = [];
    const answerIn = (latencyMs: number) =>
      scheduledCheck(({ signal, clock: lent }) => {
        signals.push(signal);
        return new Promise((resolve) => void lent.after(1_000, () => resolve({ kind: 'answer', latencyMs })));
      });
    scheduler.update([answerIn(1)]);
    await atPhase(clock, 500);
    scheduler.update([scheduledCheck(good, { id: 'new' }), answerIn(2)]);
    await clock.advance(10_500);
    const kept = results.filter(({ check }) => check.id === 'dns');
    expect(kept).toMatchObject([
      { slot: SLOT, latencyMs: 1 },
      { slot: SLOT + 1, latencyMs: 1, lateMs: 0 },
    ]);
    expect(signals.map(({ aborted }) => aborted)).toEqual([false, false]);
    expect(results.some(({ check }) => check.id === 'new')).toBe(true);
  });

  test('a removed check is stopped: its run is aborted and leaves nothing', async () => {
    const clock = new FakeClock(START_MS);
    const { scheduler, results, skipped } = watchedScheduler(clock);
    let signal: AbortSignal | undefined;
    scheduler.update([
      scheduledCheck((context) => {
        signal = context.signal;
        return untilAborted(context);
      }),
    ]);
    await atPhase(clock, 500);
    scheduler.update([]);
    expect(signal?.aborted).toBe(true);
    await clock.advance(30_000);
    expect([results, skipped, clock.pending]).toEqual([[], [], 0]);
  });

  test('a changed check tells the slot that was dropped, and is not run twice in it', async () => {
    const clock = new FakeClock(START_MS);
    const { scheduler, results, skipped } = watchedScheduler(clock);
    scheduler.update([scheduledCheck(untilAborted)]);
    await atPhase(clock, 500);
    clock.stepWall(-1_000);
    scheduler.update([scheduledCheck(good, {}, { fingerprint: '2' })]);
    await clock.advance(12_000);
    const key = { check: 'dns', intervalMs: 10_000, vantage: 'az-a' };
    expect(skipped).toEqual([{ ...key, fromSlot: SLOT, toSlot: SLOT + 1, reason: 'changed' }]);
    expect(results.map(({ slot }) => slot)).toEqual([SLOT + 1]);
  });

  test('a check given twice is refused, and what was running goes on', async () => {
    const clock = new FakeClock(START_MS);
    const { scheduler, results } = watchedScheduler(clock);
    scheduler.update([scheduledCheck(good)]);
    const twice = scheduledCheck(good, { id: 'twice' });
    expect(() => scheduler.update([twice, twice])).toThrow(RangeError);
    await clock.advance(10_000);
    expect(results.map(({ check }) => check.id)).toEqual(['dns']);
  });
});

describe('Scheduler.stop', () => {
  test('aborts the runs under way and leaves no half observation, no timer and no run after it', async () => {
    const clock = new FakeClock(START_MS);
    const { scheduler, results, skipped } = watchedScheduler(clock);
    scheduler.update([
      scheduledCheck(untilAborted),
      scheduledCheck(() => new Promise(() => undefined), { id: 'stuck', vantages: ['az-a'] }),
    ]);
    await clock.advance(7_500);
    let stopped = false;
    const stopping = scheduler.stop().then(() => (stopped = true));
    results.length = 0;
    await clock.advance(250);
    expect(stopped).toBe(true);
    await stopping;
    scheduler.update([scheduledCheck(good)]);
    await clock.advance(30_000);
    expect([results, skipped, clock.pending]).toEqual([[], [], 0]);
    await scheduler.stop();
  });

  test('drops a run that waits between its attempts', async () => {
    const clock = new FakeClock(START_MS);
    const { scheduler, results } = watchedScheduler(clock);
    scheduler.update([scheduledCheck(refused, { attempts: 2 })]);
    await atPhase(clock, 500);
    await scheduler.stop();
    expect([results, clock.pending]).toEqual([[], 0]);
  });

  test('drops a run whose excuse is being asked for', async () => {
    const clock = new FakeClock(START_MS);
    let asked: AbortSignal | undefined;
    const { scheduler, results } = watchedScheduler(clock, (_failed, signal) => {
      asked = signal;
      return new Promise(() => undefined);
    });
    scheduler.update([scheduledCheck(refused)]);
    await atPhase(clock, 500);
    await scheduler.stop();
    expect([results, asked?.aborted]).toEqual([[], true]);
  });
});

describe('Scheduler: excuse', () => {
  const OURS: Classification = { outcome: 'absent', blind: 'local-network', detail: 'no network' };

  test('is asked about bad slots alone, with the attempt that decided', async () => {
    const clock = new FakeClock(START_MS);
    const asked: FailedRun[] = [];
    const { scheduler, results } = watchedScheduler(clock, (failed) => {
      asked.push(failed);
      return Promise.resolve(OURS);
    });
    const failing = scheduledCheck(refused, { id: 'failing' });
    scheduler.update([failing, scheduledCheck(good)]);
    await clock.advance(10_000);
    expect(asked).toMatchObject([{ scheduled: failing, slot: SLOT, reading: REFUSED }]);
    expect(asked[0]?.classification).toMatchObject({ outcome: 'bad', cause: 'refused' });
    expect(results.map(({ seen }) => seen.outcome).sort()).toEqual(['absent', 'good']);
  });

  test('does not hold up the slots that follow', async () => {
    const clock = new FakeClock(START_MS);
    const { scheduler, results, skipped } = watchedScheduler(clock, async ({ classification }) => {
      await new Promise<void>((resolve) => void clock.after(2_500, resolve));
      return classification;
    });
    scheduler.update([scheduledCheck(refused, { intervalMs: 1_000, timeoutMs: 500 })]);
    await clock.advance(12_500);
    expect([results.length, skipped.length]).toEqual([10, 0]);
    expect(results.every(({ seen }) => seen.outcome === 'bad')).toBe(true);
  });

  test('that rejects excuses nothing, and is told as a bug', async () => {
    const clock = new FakeClock(START_MS);
    const { scheduler, results } = watchedScheduler(clock, () => Promise.reject(new Error('mistake')));
    scheduler.update([scheduledCheck(refused)]);
    await clock.advance(10_000);
    expect(results).toMatchObject([{ bug: 'excuse-rejected', seen: { outcome: 'bad', cause: 'refused' } }]);
  });
});
