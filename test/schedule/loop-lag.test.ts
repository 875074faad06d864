import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { LoopLag } from '../../src/schedule/loop-lag.ts';
import { FakeClock } from '../fake-clock.ts';

function beating() {
  const clock = new FakeClock();
  const lag = new LoopLag(clock);
  lag.start();
  return { clock, lag, startMs: clock.monotonicMs() };
}

describe('LoopLag.worstSince', () => {
  test('is 0 on a loop that was never late', async () => {
    const { clock, lag, startMs } = beating();
    await clock.advance(1_000);
    expect(lag.worstSince(startMs)).toBe(0);
  });

  test('tells a stall from its first beat missed', async () => {
    const { clock, lag, startMs } = beating();
    await clock.advance(100);
    await clock.stall(300);
    await clock.advance(1_000);
    expect(lag.worstSince(startMs)).toBe(290);
  });

  test('tells a stall before the late beat has come to fire', async () => {
    const { clock, lag, startMs } = beating();
    let seen = 0;
    await clock.stall(60);
    await clock.advance(35);
    clock.after(1, () => (seen = lag.worstSince(startMs)));
    await clock.stall(300);
    expect(seen).toBe(295);
  });

  test('counts only what fell into the span', async () => {
    const { clock, lag, startMs } = beating();
    await clock.advance(100);
    await clock.stall(300);
    await clock.advance(200);
    expect(lag.worstSince(startMs + 350)).toBe(50);
    expect(lag.worstSince(startMs + 400)).toBe(0);
  });

  test('is the lateness of the beats in the span, whatever came before', async () => {
    const stalls = fc.array(fc.integer({ min: 0, max: 200 }), { maxLength: 20 });
    await fc.assert(
      fc.asyncProperty(stalls, fc.nat(2_000), async (lengths, fromMs) => {
        const { clock, lag, startMs } = beating();
        const beats: [dueMs: number, firedMs: number][] = [];
        for (const length of lengths) {
          const dueMs = clock.monotonicMs() - startMs + 10;
          await clock.stall(length);
          const firedMs = clock.monotonicMs() - startMs;
          if (firedMs >= dueMs) beats.push([dueMs, firedMs]);
          else await clock.advance(dueMs - firedMs);
        }
        const lateness = beats.map(([dueMs, firedMs]) =>
          firedMs > fromMs ? firedMs - Math.max(dueMs, fromMs) : 0,
        );
        expect(lag.worstSince(startMs + fromMs)).toBe(Math.max(0, ...lateness));
      }),
      { numRuns: 60 },
    );
  });

  test('nothing beats after stop', async () => {
    const { clock, lag, startMs } = beating();
    lag.stop();
    expect(clock.pending).toBe(0);
    await clock.stall(500);
    expect(lag.worstSince(startMs)).toBe(0);
  });
});

describe('LoopLag.waitedMs', () => {
  /** What it tells when something that arrives `arriveMs` from now is come to, the loop being stalled meanwhile. */
  async function toldAt(clock: FakeClock, lag: LoopLag, arriveMs: number, stallMs: number): Promise<number> {
    let told = Number.NaN;
    clock.after(arriveMs, () => (told = lag.waitedMs(0)));
    await clock.stall(stallMs);
    return told;
  }

  test('is 0 on a loop in time, and soon after a stall: what had waited was come to at its end', async () => {
    const { clock, lag } = beating();
    await clock.advance(105);
    expect(lag.waitedMs(0)).toBe(0);
    await clock.stall(300);
    expect(await toldAt(clock, lag, 0, 0)).toBe(0);
  });

  test.each([
    ['before the beat was due', 2],
    ['after it was due', 60],
  ])('tells a stall to what arrived %s', async (_case, arriveMs) => {
    const { clock, lag } = beating();
    await clock.advance(105);
    expect(await toldAt(clock, lag, arriveMs, 100)).toBe(95);
  });

  test('tells it until the turn is over, though the late beat has fired and the next is not due', async () => {
    const { clock, lag, startMs } = beating();
    const told: number[] = [];
    const look = (): void => void told.push(lag.waitedMs(0));
    clock.after(10, look);
    clock.after(30, look);
    clock.after(30, () => clock.after(0, look));
    await clock.stall(30);
    expect([told, lag.worstSince(startMs)]).toEqual([[20, 20, 0], 20]);
  });

  test('counts only what fell into the span', async () => {
    const { clock, lag } = beating();
    const told: number[] = [];
    await clock.stall(30);
    const endMs = clock.monotonicMs();
    clock.after(0, () => told.push(lag.waitedMs(endMs)));
    clock.after(25, () => told.push(lag.waitedMs(endMs), lag.waitedMs(endMs + 15)));
    await clock.stall(30);
    // The beat was due 10 ms after the first stall.
    expect(told).toEqual([20, 20, 15]);
  });

  test('does not count a late beat for what departed after it, in the same turn', async () => {
    const { clock, lag } = beating();
    let told = Number.NaN;
    clock.after(30, () => {
      const departedMs = clock.monotonicMs();
      void clock.stall(5);
      told = lag.waitedMs(departedMs);
    });
    await clock.stall(30);
    expect(told).toBe(0);
  });

  test('is at least what was waited less one beat, and at most the stall', async () => {
    const stalls = fc.array(fc.tuple(fc.nat(50), fc.nat(50), fc.nat(200)), { minLength: 1, maxLength: 10 });
    await fc.assert(
      fc.asyncProperty(stalls, async (each) => {
        const { clock, lag } = beating();
        for (const [pauseMs, arriveMs, stallMs] of each) {
          await clock.advance(pauseMs);
          const told = await toldAt(clock, lag, Math.min(arriveMs, stallMs), stallMs);
          const waitedMs = Math.max(0, stallMs - arriveMs);
          expect(told).toBeGreaterThanOrEqual(waitedMs - 10);
          expect(told).toBeLessThanOrEqual(stallMs);
        }
      }),
      { numRuns: 60 },
    );
  });

  test('is 0 after stop', async () => {
    const { clock, lag } = beating();
    await clock.stall(30);
    lag.stop();
    expect([clock.pending, lag.waitedMs(0)]).toEqual([0, 0]);
  });
});
