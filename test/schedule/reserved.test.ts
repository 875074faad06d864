import { describe, expect, test } from 'vitest';
import type { Check } from '../../src/core/check.ts';
import type { Reading } from '../../src/core/reading.ts';
import { phaseMs } from '../../src/schedule/phase.ts';
import type { Reserve, RunResult } from '../../src/schedule/scheduled-check.ts';
import { Scheduler } from '../../src/schedule/scheduler.ts';
import { FakeClock } from '../fake-clock.ts';
import { ANSWER, REFUSED, scheduledCheck } from './scheduled.ts';

const START_MS = Date.parse('2026-03-01T00:00:00.000Z');

function stage(
  reserve: (clock: FakeClock) => Reserve,
  reading: Reading = ANSWER,
  attempts = 1,
  times: Partial<Pick<Check, 'intervalMs' | 'timeoutMs'>> = {},
) {
  const clock = new FakeClock(START_MS);
  const startsMs: number[] = [];
  const results: RunResult[] = [];
  const check = scheduledCheck(
    () => {
      startsMs.push(clock.monotonicMs());
      return Promise.resolve(reading);
    },
    { attempts, ...times },
  );
  const scheduler = new Scheduler({
    clock,
    random: () => 0.5,
    reserve: reserve(clock),
    sink: { onResult: (result) => results.push(result), onSkipped: () => undefined },
  });
  scheduler.update([check]);
  return { clock, scheduler, startsMs, results, phase: phaseMs(check.check, check.vantage) };
}

/** The answer comes after so long. */
const after =
  (delayMs: number, answerMs: number) =>
  (clock: FakeClock): Reserve =>
  () =>
    new Promise((resolve) => clock.after(delayMs, () => resolve(answerMs)));

describe('Scheduler: requests that other processes send, too', () => {
  test('a request that may leave leaves when the answer is there', async () => {
    const { clock, results } = stage(after(30, 0));
    await clock.advance(20_000);
    expect(results.map(({ lateMs, seen }) => [lateMs, seen.outcome])).toEqual([
      [30, 'good'],
      [30, 'good'],
    ]);
  });

  test('one that another process has just sent waits as long as it is told, and asks again', async () => {
    const answers = [700, 0];
    const { clock, results } = stage(() => () => Promise.resolve(answers.shift() ?? 0));
    await clock.advance(10_000);
    expect(results).toMatchObject([{ lateMs: 700, heldMs: 700, attempts: 1 }]);
    expect(answers).toEqual([]);
  });

  test('a slot in which it can never leave is a hole', async () => {
    const { clock, startsMs, results } = stage(() => () => Promise.resolve(900));
    await clock.advance(20_000);
    expect(startsMs).toEqual([]);
    expect(results[0]?.seen).toMatchObject({ outcome: 'absent', blind: 'skipped' });
  });

  test('who does not answer within 200 ms is not waited for', async () => {
    const { clock, results } = stage(after(60_000, 5_000));
    await clock.advance(10_000);
    expect(results).toMatchObject([{ lateMs: 200, seen: { outcome: 'good' } }]);
  });

  test('an answer that the event loop came to late is asked for again', async () => {
    const askedMs: number[] = [];
    const { clock, startsMs, phase } = stage((clock) => () => {
      askedMs.push(clock.monotonicMs());
      return new Promise((resolve) => clock.after(15, () => resolve(0)));
    });
    await clock.advance(phase + 10);
    await clock.stall(900);
    await clock.advance(1_000);
    expect(askedMs.map((ms) => ms - (askedMs[0] ?? 0))).toEqual([0, 910]);
    expect(startsMs.map((ms) => ms - (askedMs[0] ?? 0))).toEqual([925]);
  });

  test('a slot whose last instant to begin has gone by when the answer is come to is a hole', async () => {
    const { clock, startsMs, results, phase } = stage(after(30, 0));
    await clock.advance(phase + 10);
    await clock.stall(9_000);
    await clock.advance(500);
    expect(startsMs).toEqual([]);
    expect(results[0]?.seen).toMatchObject({ outcome: 'absent', blind: 'skipped' });
  });

  test('nothing leaves past the last instant at which it would end in time, although it may', async () => {
    const { clock, startsMs, results } = stage(after(190, 0), ANSWER, 1, {
      intervalMs: 2_000,
      timeoutMs: 1_900,
    });
    await clock.advance(10_000);
    expect(startsMs).toEqual([]);
    expect(results[0]?.seen).toMatchObject({ outcome: 'absent', blind: 'skipped' });
  });

  test('who does not answer is asked once more after a stall of ours, and then no longer waited for', async () => {
    const asked: number[] = [];
    const { clock, startsMs, phase } = stage((clock) => () => {
      asked.push(clock.monotonicMs());
      return new Promise(() => undefined);
    });
    await clock.advance(phase + 10);
    await clock.stall(900);
    await clock.advance(190);
    await clock.stall(300);
    await clock.advance(500);
    expect(startsMs).toHaveLength(1);
    expect(asked.filter((ms) => ms < (startsMs[0] ?? 0))).toHaveLength(2);
  });

  test('one that leaves late is told once more, so that others count from when it left', async () => {
    const asked: number[] = [];
    const { clock, startsMs } = stage((clock) => () => {
      asked.push(clock.monotonicMs());
      return new Promise((resolve) => clock.after(asked.length % 2 === 1 ? 60 : 0, () => resolve(0)));
    });
    await clock.advance(10_000);
    expect(asked.map((ms) => ms - (startsMs[0] ?? 0))).toEqual([-60, 0]);
  });

  test('two checks that send the identical request stay a second apart through a stall', async () => {
    const clock = new FakeClock(START_MS);
    const startsMs: number[] = [];
    const run = (): Promise<Reading> => {
      startsMs.push(clock.monotonicMs());
      return Promise.resolve(ANSWER);
    };
    const checks = Array.from({ length: 9 }, (_, i) =>
      scheduledCheck(run, { id: `c${i}` }, { identity: 'same' }),
    );
    const reserve: Reserve = () => new Promise((resolve) => clock.after(30, () => resolve(0)));
    const sink = { onResult: () => undefined, onSkipped: () => undefined };
    const scheduler = new Scheduler({ clock, random: () => 0.5, reserve, sink });
    scheduler.update(checks);
    for (let i = 0; i < 40; i++) {
      await clock.advance(10 + 37 * i);
      await clock.stall(1_300);
    }
    const gaps = startsMs.slice(1).map((ms, i) => ms - (startsMs[i] ?? 0));
    expect(gaps.length).toBeGreaterThan(20);
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(1_000);
  });

  test('attempts are a second apart counted from when they left, not from when they asked', async () => {
    const delays = [150, 20];
    const asked = (clock: FakeClock): Reserve => {
      return () => new Promise((resolve) => clock.after(delays.shift() ?? 0, () => resolve(0)));
    };
    const { clock, startsMs } = stage(asked, REFUSED, 2);
    await clock.advance(10_000);
    expect((startsMs[1] ?? 0) - (startsMs[0] ?? 0)).toBeGreaterThanOrEqual(1_000);
  });

  test('nothing leaves once the check is dropped while the answer is awaited', async () => {
    const { clock, scheduler, startsMs, results, phase } = stage(after(100, 0));
    await clock.advance(phase + 50);
    expect(clock.pending).toBeGreaterThan(0);
    scheduler.update([]);
    await clock.advance(10_000);
    expect([startsMs, results]).toEqual([[], []]);
  });
});
