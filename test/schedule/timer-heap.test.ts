import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { TimerHeap } from '../../src/schedule/timer-heap.ts';
import { FakeClock } from '../fake-clock.ts';

describe('TimerHeap', () => {
  test('fires what was not cancelled, each once, at its instant, in the order due, then set', async () => {
    const plan = fc.array(
      fc.record({
        delay: fc.integer({ min: -5, max: 40 }),
        cancelAt: fc.option(fc.integer({ min: 1, max: 40 })),
      }),
    );
    await fc.assert(
      fc.asyncProperty(plan, async (timers) => {
        const clock = new FakeClock();
        const heap = new TimerHeap(clock);
        const startMs = clock.monotonicMs();
        const fired: [atMs: number, timer: number][] = [];
        timers.forEach(({ delay, cancelAt }, i) => {
          const cancel = heap.after(delay, () => fired.push([clock.monotonicMs() - startMs, i]));
          if (cancelAt !== null) clock.after(cancelAt - 0.5, cancel);
        });
        await clock.advance(60);
        const expected = timers
          .map(({ delay, cancelAt }, i) => ({ atMs: Math.max(0, delay), cancelAt: cancelAt ?? Infinity, i }))
          .filter(({ atMs, cancelAt }) => atMs < cancelAt)
          .sort((a, b) => a.atMs - b.atMs || a.i - b.i);
        expect(fired).toEqual(expected.map(({ atMs, i }) => [atMs, i]));
        expect([heap.pending, clock.pending]).toEqual([0, 0]);
      }),
      { numRuns: 100 },
    );
  });

  test('an alarm fires when it was last set to, once, among the others, and not when it was cancelled', async () => {
    const plan = fc.array(
      fc.record({
        alarm: fc.integer({ min: 0, max: 3 }),
        atMs: fc.integer({ min: 0, max: 40 }),
        delayMs: fc.option(fc.integer({ min: 1, max: 20 })),
      }),
    );
    await fc.assert(
      fc.asyncProperty(plan, async (steps) => {
        const clock = new FakeClock();
        const heap = new TimerHeap(clock);
        const startMs = clock.monotonicMs();
        const fired: [alarm: number, atMs: number][] = [];
        const alarms = Array.from({ length: 4 }, (_, i) =>
          heap.alarm(() => fired.push([i, clock.monotonicMs() - startMs])),
        );
        const inOrder = steps.toSorted((a, b) => a.atMs - b.atMs);
        for (const { alarm, atMs, delayMs } of inOrder) {
          clock.after(atMs, () => {
            if (delayMs === null) alarms[alarm]?.cancel();
            else alarms[alarm]?.set(delayMs + 0.5);
          });
        }
        await clock.advance(80);
        const expected = inOrder.flatMap(({ alarm, atMs, delayMs }, i) => {
          const next = inOrder.slice(i + 1).find((step) => step.alarm === alarm);
          if (delayMs === null || (next && next.atMs < atMs + delayMs + 0.5)) return [];
          return [[alarm, atMs + delayMs + 0.5] as const];
        });
        const byInstant = ([a, aMs]: readonly number[], [b, bMs]: readonly number[]): number =>
          (aMs ?? 0) - (bMs ?? 0) || (a ?? 0) - (b ?? 0);
        expect(fired.toSorted(byInstant)).toEqual(expected.toSorted(byInstant));
        expect([heap.pending, clock.pending]).toEqual([0, 0]);
      }),
      { numRuns: 100 },
    );
  });

  test('an alarm set again fires after those that were set for the same instant meanwhile', async () => {
    const clock = new FakeClock();
    const heap = new TimerHeap(clock);
    const fired: string[] = [];
    const first = heap.alarm(() => fired.push('first'));
    first.set(10);
    heap.alarm(() => fired.push('second')).set(10);
    first.set(10);
    await clock.advance(10);
    expect(fired).toEqual(['second', 'first']);
  });

  test('an alarm that sets itself at once fires once a turn', async () => {
    const clock = new FakeClock();
    const heap = new TimerHeap(clock);
    let turns = 0;
    let firedInTurn = 0;
    let most = 0;
    const alarm = heap.alarm(() => {
      most = Math.max(most, ++firedInTurn);
      if (++turns < 5) alarm.set(0);
      void Promise.resolve().then(() => (firedInTurn = 0));
    });
    alarm.set(1);
    await clock.advance(10);
    expect([turns, most]).toEqual([5, 1]);
  });

  test('keeps the order when the gap of a cancelled timer is filled from another branch', async () => {
    const clock = new FakeClock();
    const heap = new TimerHeap(clock);
    const startMs = clock.monotonicMs();
    const firedMs: number[] = [];
    const cancels = [1, 10, 2, 11, 12, 3, 4, 13, 14, 15, 16, 6, 7, 8, 5].map((delayMs) =>
      heap.after(delayMs, () => firedMs.push(clock.monotonicMs() - startMs)),
    );
    cancels[7]?.();
    await clock.advance(20);
    expect(firedMs).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 10, 11, 12, 14, 15, 16]);
  });

  test('uses one timer of the clock beneath, and none when nothing is pending', () => {
    const clock = new FakeClock();
    const heap = new TimerHeap(clock);
    const cancels = Array.from({ length: 1_000 }, (_, i) => heap.after((i * 37) % 1_000, () => undefined));
    expect([heap.pending, clock.pending]).toEqual([1_000, 1]);
    for (const cancel of cancels) cancel();
    expect([heap.pending, clock.pending]).toEqual([0, 0]);
  });

  test('cancelling twice, or after it fired, touches no other timer', async () => {
    const clock = new FakeClock();
    const heap = new TimerHeap(clock);
    const fired: string[] = [];
    const cancel = heap.after(10, () => fired.push('first'));
    heap.after(20, () => fired.push('second'));
    await clock.advance(10);
    cancel();
    cancel();
    await clock.advance(10);
    expect(fired).toEqual(['first', 'second']);
  });

  test('a timer cancelled by one that is due with it does not fire', async () => {
    const clock = new FakeClock();
    const heap = new TimerHeap(clock);
    const fired: string[] = [];
    heap.after(10, () => cancel());
    const cancel = heap.after(20, () => fired.push('cancelled'));
    await clock.stall(30);
    expect(fired).toEqual([]);
  });

  test('a zero delay set while firing waits for the next turn', async () => {
    const clock = new FakeClock();
    const heap = new TimerHeap(clock);
    const order: string[] = [];
    heap.after(0, () => {
      void Promise.resolve().then(() => order.push('end of the turn'));
      heap.after(0, () => order.push('set while firing'));
    });
    heap.after(0, () => order.push('set before'));
    await clock.advance(0);
    expect(order).toEqual(['set before', 'end of the turn', 'set while firing']);
  });

  test('goes on after a timer that threw', async () => {
    const clock = new FakeClock();
    const heap = new TimerHeap(clock);
    const fired: string[] = [];
    heap.after(10, () => {
      throw new Error('mistake');
    });
    heap.after(10, () => fired.push('next'));
    await expect(clock.advance(10)).rejects.toThrow('mistake');
    await clock.advance(10);
    expect(fired).toEqual(['next']);
  });
});
