import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { latencyProbe } from '../../../probes/latency.ts';
import { latencyReading } from '../../../probes/lib/latency-reading.ts';
import { leastMs, type TimedExchange, watchLateness } from '../../../probes/lib/own-lateness.ts';
import { runRoundTrips } from '../../../probes/lib/round-trips.ts';
import type { Reading } from '../../../src/core/reading.ts';
import { LoopLag } from '../../../src/schedule/loop-lag.ts';
import { weigh } from '../../../src/schedule/weigh.ts';
import { FakeClock } from '../../fake-clock.ts';
import { ANSWER, scheduledCheck } from '../../schedule/scheduled.ts';

/**
 * A round trip that took so long in truth, was read so late, may have been so by what shows, and the worst that the loop
 * was late meanwhile.
 */
interface Trip {
  readonly trueMs: number;
  readonly lateMs: number;
  readonly shownMs: number;
  readonly worstMs: number;
}

const BOUND_MS = 10;
const kind = latencyProbe();
const specs = kind.values(kind.settings.parse({ host: '127.0.0.1' }));
const scheduled = {
  ...scheduledCheck(() => Promise.resolve(ANSWER), { expectations: { minMs: { atMost: BOUND_MS } } }),
  specs,
};
const ATTEMPT = { label: 'far', address: '127.0.0.1', resolveMs: undefined, seriesMs: 400 };

function exchangeOf({ trueMs, lateMs, shownMs, worstMs }: Trip): TimedExchange {
  return { ms: trueMs + lateMs, own: { atReplyMs: shownMs, worstMs } };
}

function readingOf(took: readonly TimedExchange[]): Reading {
  return latencyReading({ sent: took.length, took, failure: undefined, strays: 0 }, ATTEMPT);
}

/** What a series comes to, the loop having been late by the worst of it. */
function outcomeOf(trips: readonly Trip[]): string {
  const lagMs = Math.max(...trips.map(({ worstMs }) => worstMs));
  return weigh(scheduled, readingOf(trips.map(exchangeOf)), lagMs).outcome;
}

/** Times about the bound, in microseconds as the figures are told; late by up to ten times what decides. */
const micros = (most: number): fc.Arbitrary<number> => fc.nat(most * 1_000).map((us) => us / 1_000);
const trip = fc
  .record({ trueMs: micros(15), lateMs: micros(20), besidesMs: micros(20) })
  .map(({ trueMs, lateMs, besidesMs }) => {
    const shownMs = lateMs + besidesMs / 2;
    return { trueMs, lateMs, shownMs, worstMs: lateMs + besidesMs };
  });
const series = fc.array(trip, { minLength: 1, maxLength: 40 });
const trueMinOf = (trips: readonly Trip[]): number => Math.min(...trips.map(({ trueMs }) => trueMs));

describe('the smallest of a series under known lateness (SLA2)', () => {
  test('a true minimum is never bad within the bound', () => {
    fc.assert(
      fc.property(series, (trips) => {
        fc.pre(trueMinOf(trips) <= BOUND_MS);
        expect(outcomeOf(trips)).not.toBe('bad');
      }),
    );
  });

  test('a minimum within the bound is good however late we were', () => {
    fc.assert(
      fc.property(series, (trips) => {
        fc.pre(trips.some(({ trueMs, lateMs }) => trueMs + lateMs <= BOUND_MS));
        expect(outcomeOf(trips)).toBe('good');
      }),
    );
  });

  test('a path of a steady time within the bound is never bad, however late we were', () => {
    const rest = fc.array(trip, { minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(rest, micros(10), (trips, trueMs) => {
        expect(outcomeOf(trips.map((each) => ({ ...each, trueMs })))).not.toBe('bad');
      }),
    );
  });

  test('a machine that wakes us late every time is doubted by as much, though no reply shows it', () => {
    const slowToWake = Array.from({ length: 20 }, () => ({
      trueMs: 10.5,
      lateMs: 0,
      shownMs: 0,
      worstMs: 1.5,
    }));
    expect(outcomeOf(slowToWake)).toBe('absent');
    expect(outcomeOf([...slowToWake, { trueMs: 10.5, lateMs: 0, shownMs: 0, worstMs: 0.4 }])).toBe('bad');
  });

  test('what may be our own of a figure is never negative, nor more than all of it', () => {
    fc.assert(
      fc.property(fc.array(trip, { minLength: 1, maxLength: 40 }), (trips) => {
        const reading = readingOf(trips.map(exchangeOf));
        if (reading.kind !== 'answer') throw new Error(reading.detail);
        const { latency = -1, ...own } = reading.ownMs ?? {};
        expect(latency).toBe(own['minMs']);
        for (const [name, ms] of Object.entries(own)) {
          expect(ms).toBeGreaterThanOrEqual(0);
          expect(ms).toBeLessThanOrEqual(Number(reading.values?.[name]));
        }
      }),
    );
  });

  test('every figure tells how much smaller it may be', () => {
    const took = [20, 30, 40].map((ms, i) => ({ ms, own: { atReplyMs: 5 - i, worstMs: 5 } }));
    // The least of each: 15, 25 and 35 ms, for the loop was late by 5 ms about each of them.
    expect(readingOf(took)).toMatchObject({ ownMs: { latency: 5, minMs: 5, p50Ms: 5, p99Ms: 5, maxMs: 5 } });
    const calm = [...took, { ms: 50, own: { atReplyMs: 0, worstMs: 0 } }];
    expect(readingOf(calm)).toMatchObject({ ownMs: { latency: 5, minMs: 5, p50Ms: 4, p99Ms: 0, maxMs: 0 } });
  });

  test('nothing is told where lateness is not measured', () => {
    expect(leastMs([{ ms: 1, own: undefined }])).toBeUndefined();
    expect(readingOf([{ ms: 1, own: undefined }])).not.toHaveProperty('ownMs');
  });
});

describe('a series of round trips on a loop that stalls', () => {
  /** Three round trips, 100 ms apart; the loop stalls for 20 ms, each time so long after a departure. */
  async function seriesOf(trueMs: number, stallsAfterMs: readonly number[]): Promise<string> {
    const clock = new FakeClock();
    const lag = new LoopLag(clock);
    lag.start();
    await clock.advance(5);
    const context = { signal: new AbortController().signal, clock, random: () => 0.5, lag };
    const running = runRoundTrips({ count: 3, spacingMs: 100 }, context, async (_, within) => {
      const lateness = watchLateness(within);
      const sentMs = clock.monotonicMs();
      await new Promise<void>((resolve) => void clock.after(trueMs, resolve));
      return { kind: 'took', ms: clock.monotonicMs() - sentMs, own: lateness(), strays: 0 };
    });
    for (const afterMs of stallsAfterMs) {
      await clock.advance(afterMs);
      await clock.stall(20);
      await clock.advance(80 - afterMs);
    }
    await clock.advance(100);
    const lagMs = lag.worstSince(0);
    lag.stop();
    return weigh(scheduled, readingOf((await running).took), lagMs).outcome;
  }

  test.each([
    ['between round trips', 11, [50, 50, 50], 'bad'],
    ['as a reply came, by all that it was late', 11, [10, 50, 50], 'bad'],
    ['so that a reply may have come sooner', 11, [2, 50, 50], 'absent'],
    ['about two replies of three', 8, [2, 2, 50], 'good'],
    ['about every reply', 8, [2, 2, 2], 'absent'],
  ])('%s: %d ms, stalled so long after each departure: %j, is %s', async (_case, trueMs, stalls, outcome) => {
    expect(await seriesOf(trueMs, stalls)).toBe(outcome);
  });
});
