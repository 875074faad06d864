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
