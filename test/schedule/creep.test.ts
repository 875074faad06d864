import { describe, expect, test } from 'vitest';
import type { CancelTimer, Clock } from '../../src/core/clock.ts';
import type { Reading } from '../../src/core/reading.ts';
import { FakeClock } from '../fake-clock.ts';
import { ANSWER, scheduledCheck, watchedScheduler } from './scheduled.ts';

/** A clock whose timers are late by as much as the test says, as those of every machine are. */
class LateClock implements Clock {
  readonly hand = new FakeClock();
  readonly #lateMs: () => number;

  constructor(lateMs: () => number) {
    this.#lateMs = lateMs;
  }

  wallMs(): number {
    return this.hand.wallMs();
  }

  monotonicMs(): number {
    return this.hand.monotonicMs();
  }

  after(delayMs: number, fire: () => void): CancelTimer {
    return this.hand.after(Math.max(0, delayMs) + this.#lateMs(), fire);
  }
}

/** So many seconds of a check of one second. */
async function run(seconds: number, timeoutMs: number, lateMs: () => number) {
  const clock = new LateClock(lateMs);
  const { scheduler, results, skipped } = watchedScheduler(clock);
  const sentMs: number[] = [];
  const send = (): Promise<Reading> => {
    sentMs.push(clock.monotonicMs());
    return Promise.resolve(ANSWER);
  };
  scheduler.update([scheduledCheck(send, { intervalMs: 1_000, timeoutMs })]);
  await clock.hand.advance(seconds * 1_000);
  const stopping = scheduler.stop();
  await clock.hand.advance(250);
  await stopping;
  const gaps = sentMs.slice(1).map((atMs, i) => atMs - (sentMs[i] ?? 0));
  const seen = results.filter(({ attempts }) => attempts > 0);
  return { results, skipped, seen, unseen: seconds - seen.length, leastGapMs: Math.min(...gaps) };
}

describe('Scheduler: a check of one second whose every timer is late by a little', () => {
  test('loses a slot in 500 at the most, and no two requests leave within a second', async () => {
    const { unseen, leastGapMs, skipped } = await run(2_000, 500, () => 0.7);
    expect(leastGapMs).toBeGreaterThanOrEqual(1_000);
    expect(unseen).toBeGreaterThan(0);
    expect(unseen).toBeLessThanOrEqual(2_000 / 500 + 1);
    expect(skipped).toEqual([]);
  });

  test('is back in step after the slot that it gave up', async () => {
    const { results } = await run(700, 500, () => 0.7);
    const lost = results.findIndex(({ seen }) => seen.outcome === 'absent');
    expect(results[lost]).toMatchObject({ attempts: 0, lateMs: undefined, heldMs: 0 });
    expect(results[lost - 1]?.lateMs).toBeGreaterThan(15);
    expect(results[lost + 1]).toMatchObject({ heldMs: 0 });
    expect(results[lost + 1]?.lateMs).toBeLessThan(2);
  });

  test('tells how much of its lateness was the guard, and how much its own', async () => {
    const { seen } = await run(300, 500, () => 0.7);
    const own = seen.map(({ lateMs = Infinity, heldMs }) => lateMs - heldMs);
    expect(Math.min(...own)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...own)).toBeLessThan(2);
    expect(Math.max(...seen.map(({ heldMs }) => heldMs))).toBeGreaterThan(15);
  });

  test('never begins so late that its timeout would reach the next run: it rather loses slots', async () => {
    const { seen, leastGapMs, unseen } = await run(1_000, 950, () => 0.7);
    expect(leastGapMs).toBeGreaterThanOrEqual(1_000);
    expect(Math.max(...seen.map(({ lateMs = 0 }) => lateMs))).toBeLessThanOrEqual(50);
    expect(unseen).toBeLessThan(25);
  });

  test('is moved by a pause, and back in step a slot later, when one may be lost', async () => {
    let timers = 0;
    const { unseen, seen } = await run(600, 500, () => (Math.trunc(++timers / 4) === 25 ? 200 : 0));
    expect(Math.max(...seen.map(({ lateMs = 0 }) => lateMs))).toBeGreaterThanOrEqual(200);
    expect(unseen).toBe(1);
    expect(seen.at(-1)?.lateMs).toBe(0);
  });
});
