import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Clock } from '../../src/core/clock.ts';
import type { Reading } from '../../src/core/reading.ts';
import { phaseMs } from '../../src/schedule/phase.ts';
import type { RunResult, ScheduledCheck } from '../../src/schedule/scheduled-check.ts';
import { Scheduler } from '../../src/schedule/scheduler.ts';
import { FakeClock } from '../fake-clock.ts';
import { ANSWER, REFUSED, scheduledCheck, untilAborted, watchedScheduler } from './scheduled.ts';

const START_MS = Date.parse('2026-03-01T00:00:00.000Z');
const SLOT = START_MS / 10_000;
const good = (): Promise<Reading> => Promise.resolve(ANSWER);
const refused = (): Promise<Reading> => Promise.resolve(REFUSED);
const phaseOf = ({ check, vantage }: ScheduledCheck): number => phaseMs(check, vantage);

function begin(...checks: readonly ScheduledCheck[]) {
  const clock = new FakeClock(START_MS);
  const watched = watchedScheduler(clock);
  watched.scheduler.update(checks);
  return { clock, ...watched };
}

const slots = (results: readonly RunResult[]): readonly number[] => results.map(({ slot }) => slot - SLOT);
const holes = (skipped: readonly { fromSlot: number; toSlot: number; reason: string }[]): readonly string[] =>
  skipped.map(({ fromSlot, toSlot, reason }) => `${reason} [${fromSlot - SLOT}, ${toSlot - SLOT})`);

describe('Scheduler: cadence', () => {
  test('runs every slot at its phase, and tells what was seen', async () => {
    const scheduled = scheduledCheck(good);
    const { clock, results, skipped } = begin(scheduled);
    await clock.advance(30_000);
    expect(slots(results)).toEqual([0, 1, 2]);
    expect(skipped).toEqual([]);
    const { seen, ...rest } = results[1] ?? {};
    expect(seen).toEqual({
      check: 'dns',
      intervalMs: 10_000,
      vantage: 'az-a',
      slot: SLOT + 1,
      outcome: 'good',
    });
    expect(rest).toMatchObject({
      startedWallMs: START_MS + 10_000 + phaseOf(scheduled),
      lateMs: 0,
      lagMs: 0,
      latencyMs: 5,
      attempts: 1,
      bug: undefined,
    });
  });

  test('does not drift over a day of late timers', async () => {
    const clock = new FakeClock(START_MS);
    let turn = 0;
    const late: Clock = {
      wallMs: () => clock.wallMs(),
      monotonicMs: () => clock.monotonicMs(),
      after: (delayMs, fire) => clock.after(delayMs + (turn++ % 4), fire),
    };
    const { scheduler, results, skipped } = watchedScheduler(late);
    const scheduled = scheduledCheck(good);
    scheduler.update([scheduled]);
    await clock.advance(86_400_000);
    expect(results).toHaveLength(8_640);
    expect(skipped).toEqual([]);
    for (const { startedWallMs, lateMs } of results) {
      const inSlot = ((startedWallMs ?? 0) - START_MS) % 10_000;
      expect(inSlot - phaseOf(scheduled)).toBeLessThanOrEqual(4);
      expect(lateMs).toBe(inSlot - phaseOf(scheduled));
    }
  });

  test('runs what takes little at the phase of what takes little', async () => {
    const ordinary = scheduledCheck(good, { intervalMs: 1_000, timeoutMs: 500 });
    const light = { ...ordinary, probe: { ...ordinary.probe, light: true } };
    const phase = phaseMs(light.check, light.vantage, light.probe);
    expect(phase).not.toBe(phaseOf(light));
    const { clock, results } = begin(light);
    await clock.advance(1_000);
    expect(results.map(({ startedWallMs }) => startedWallMs)).toEqual([START_MS + phase]);
  });

  test('vantages of one check that one process runs are T/V apart', async () => {
    const vantages = ['az-a', 'az-b', 'az-c', 'outside'];
    const { clock, results } = begin(
      ...vantages.map((vantage) => scheduledCheck(good, { vantages }, { vantage })),
    );
    await clock.advance(100_000);
    const starts = results.map(({ startedWallMs }) => startedWallMs ?? 0);
    expect(results).toHaveLength(40);
    expect(starts.slice(1).map((at, i) => at - (starts[i] ?? 0))).toEqual(
      Array.from({ length: 39 }, () => 2_500),
    );
  });

  test('a check may be looked at in every slot of a second', async () => {
    const { clock, results, skipped } = begin(scheduledCheck(good, { intervalMs: 1_000, timeoutMs: 900 }));
    await clock.advance(60_000);
    expect([results.length, skipped.length]).toEqual([60, 0]);
  });
});

describe('Scheduler: holes', () => {
  test('a slot in which the run before is still under way is an overlap', async () => {
    // It ignores its abort, so that the run takes 250 ms more than its timeout: past the next due instant.
    const stuck = scheduledCheck(() => new Promise(() => undefined), { timeoutMs: 9_900 });
    const { clock, results, skipped } = begin(stuck);
    await clock.advance(30_200 + phaseOf(stuck));
    expect(slots(results)).toEqual([0, 2]);
    expect(holes(skipped)).toEqual(['overlap [1, 2)', 'overlap [3, 4)']);
    expect(results[0]).toMatchObject({ bug: 'ignored-abort', seen: { outcome: 'bad', cause: 'timeout' } });
  });

  test('a run that begins late belongs to the slot it was due in', async () => {
    const scheduled = scheduledCheck(good);
    const { clock, results, skipped } = begin(scheduled);
    await clock.stall(phaseOf(scheduled) + 7_000);
    expect(results).toMatchObject([{ slot: SLOT, lateMs: 7_000 }]);
    await clock.advance(3_000);
    expect(results).toMatchObject([{ slot: SLOT }, { slot: SLOT + 1, lateMs: 0 }]);
    expect(skipped).toEqual([]);
  });

  test('a run that could not end before the next is due is missed', async () => {
    const scheduled = scheduledCheck(good);
    const { clock, results, skipped } = begin(scheduled);
    await clock.stall(phaseOf(scheduled) + 7_001);
    await clock.advance(3_000);
    expect(slots(results)).toEqual([1]);
    expect(holes(skipped)).toEqual(['missed [0, 1)']);
  });

  test('a machine that slept an hour misses its slots, each once', async () => {
    const scheduled = scheduledCheck(good);
    const { clock, results, skipped } = begin(scheduled);
    await clock.advance(10_000);
    await clock.stall(3_600_000);
    await clock.advance(10_000);
    const missed = skipped.reduce((sum, { fromSlot, toSlot }) => sum + toSlot - fromSlot, 0);
    expect(new Set(slots(results)).size).toBe(results.length);
    expect(missed + results.length).toBe(362);
    expect(skipped.length).toBeLessThanOrEqual(2);
  });
});

describe('Scheduler: steps of the wall clock', () => {
  test.each([-1, -999, -10_000, -25_000, -3_600_000, 1, 4_999, 10_000, 25_000, 3_600_000, 31_536_000_000])(
    'by %d ms: no slot is run twice, none is run outside of itself, and none is lost without a word',
    async (stepMs) => {
      const scheduled = scheduledCheck(good);
      const { clock, results, skipped } = begin(scheduled);
      await clock.advance(60_000);
      clock.stepWall(stepMs);
      await clock.advance(Math.max(0, -stepMs) + 120_000);
      const told = [
        ...slots(results),
        ...skipped.flatMap(({ fromSlot, toSlot }) => [fromSlot - SLOT, toSlot - SLOT - 1]),
      ];
      expect(new Set(slots(results)).size).toBe(results.length);
      for (const { startedWallMs, slot, lateMs } of results) {
        expect(startedWallMs).toBe(slot * 10_000 + phaseOf(scheduled) + (lateMs ?? 0));
        expect(lateMs).toBeLessThanOrEqual(7_000);
      }
      const missed = skipped.reduce((sum, { fromSlot, toSlot }) => sum + toSlot - fromSlot, 0);
      expect(results.length + missed).toBe(Math.max(...told) - Math.min(...told) + 1);
    },
  );

  test('back by a year after starting in the future: goes on at once', async () => {
    const { clock, results } = begin(scheduledCheck(good));
    await clock.advance(60_000);
    clock.stepWall(-31_536_000_000);
    await clock.advance(70_000);
    expect(results).toHaveLength(13);
  });

  test('forward and back again: what was jumped over is run after all', async () => {
    const { clock, results } = begin(scheduledCheck(good));
    await clock.advance(60_000);
    clock.stepWall(86_400_000);
    await clock.advance(60_000);
    clock.stepWall(-86_400_000);
    await clock.advance(60_000);
    expect(slots(results).filter((slot) => slot < 100)).toEqual(expect.arrayContaining([14, 15, 16]));
  });

  test('a machine that sleeps through slots it had run before the clock went back misses none of them', async () => {
    const { clock, results, skipped } = begin(scheduledCheck(good));
    await clock.advance(120_000);
    clock.stepWall(-100_000);
    await clock.advance(20_000);
    await clock.stall(50_000);
    await clock.advance(100_000);
    expect(skipped).toEqual([]);
    expect(slots(results)).toEqual(Array.from({ length: 19 }, (_, i) => i));
  });

  test('an hourly check is not run before its phase', async () => {
    const hourly = scheduledCheck(good, { intervalMs: 3_600_000 });
    const { clock, results } = begin(hourly);
    await clock.advance(phaseOf(hourly) - 1);
    expect(results).toEqual([]);
    await clock.advance(1);
    expect(results).toHaveLength(1);
  });

  test('is noticed within a minute however long the interval', async () => {
    const hourly = scheduledCheck(good, { intervalMs: 3_600_000 });
    const { clock, results } = begin(hourly);
    clock.stepWall(phaseOf(hourly) - 1);
    await clock.advance(60_000);
    expect(results).toHaveLength(1);
  });
});

describe('Scheduler: attempts', () => {
  test.each([
    ['all bad: bad', ['bad', 'bad', 'bad'], 3, { outcome: 'bad', cause: 'refused' }],
    ['one good: good, and no more are made', ['bad', 'good', 'bad'], 2, { outcome: 'good' }],
    [
      'one blind, the others bad: absent',
      ['bad', 'blind', 'bad'],
      3,
      { outcome: 'absent', blind: 'local-resource' },
    ],
    ['refused service: excluded, and not asked again', ['bad', 'excluded'], 2, { outcome: 'excluded' }],
  ])('%s', async (_case, script, attempts, seen) => {
    const readings: Record<string, Reading> = {
      good: ANSWER,
      bad: REFUSED,
      blind: { kind: 'blind', blind: 'local-resource', detail: 'no descriptor left' },
      excluded: { kind: 'answer', latencyMs: 1, refusal: 'throttled' },
    };
    const left = script.values();
    const run = (): Promise<Reading> => Promise.resolve(readings[left.next().value ?? ''] ?? ANSWER);
    const { clock, results } = begin(scheduledCheck(run, { attempts: 3 }));
    await clock.advance(10_000 + 2_500);
    expect(results[0]).toMatchObject({ attempts, seen });
  });

  test('begin a second apart, and each has the whole timeout', async () => {
    const startsMs: number[] = [];
    const { clock, results } = begin(
      scheduledCheck(
        (context) => {
          startsMs.push(clock.monotonicMs());
          return startsMs.length === 1 ? refused() : untilAborted(context);
        },
        { attempts: 3 },
      ),
    );
    await clock.advance(17_000);
    expect(startsMs.slice(0, 3).map((at) => at - (startsMs[0] ?? 0))).toEqual([0, 1_000, 4_000]);
    expect(results[0]).toMatchObject({ attempts: 3, seen: { outcome: 'bad', cause: 'timeout' } });
  });

  test('are not begun where they could not end in the slot, or would hold up the next', async () => {
    const { clock, results } = begin(
      scheduledCheck(untilAborted, { id: 'slow', attempts: 4 }),
      scheduledCheck(refused, { id: 'quick', attempts: 4, intervalMs: 2_000, timeoutMs: 100 }),
    );
    await clock.advance(40_000);
    expect(new Set(results.filter((one) => one.check.id === 'slow').map((one) => one.attempts))).toEqual(
      new Set([3]),
    );
    const quick = results.filter((one) => one.check.id === 'quick');
    expect(new Set(quick.map((one) => `${one.attempts} ${one.lateMs}`))).toEqual(new Set(['2 0']));
  });

  test('are given up as soon as it is clear that there is no time for another', async () => {
    const quick = scheduledCheck(refused, { attempts: 4, intervalMs: 2_000, timeoutMs: 100 });
    const { clock, results } = begin(quick);
    await clock.advance(phaseOf(quick) + 1_000);
    expect(results).toMatchObject([{ attempts: 2, seen: { outcome: 'bad' } }]);
  });

  test('end with one that ignored its abort: its request may still be leaving', async () => {
    const { clock, results } = begin(scheduledCheck(() => new Promise(() => undefined), { attempts: 2 }));
    await clock.advance(20_000);
    expect(results[0]).toMatchObject({ attempts: 1, bug: 'ignored-abort', seen: { outcome: 'bad' } });
  });

  test('tell their readings one by one, as they arrive', async () => {
    const clock = new FakeClock(START_MS);
    const readings: [check: string, reading: Reading][] = [];
    const results: RunResult[] = [];
    const scheduler = new Scheduler({
      clock,
      random: () => 0.5,
      sink: {
        onReading: ({ check }, reading) => readings.push([check.id, reading]),
        onResult: (result) => results.push(result),
        onSkipped: () => undefined,
      },
    });
    const scheduled = scheduledCheck(refused, { attempts: 2 });
    scheduler.update([scheduled]);
    await clock.advance(phaseOf(scheduled));
    expect([readings, results]).toEqual([[['dns', REFUSED]], []]);
    await clock.advance(1_000);
    expect([readings.length, results.length]).toEqual([2, 1]);
  });

  test('a bad one while the loop was late is a hole, not an outage', async () => {
    const silent = scheduledCheck(untilAborted);
    const { clock, results } = begin(silent);
    await clock.advance(phaseOf(silent) + 100);
    await clock.stall(3_500);
    await clock.advance(10_000);
    const outcomes = results.map(({ seen }) => (seen.outcome === 'absent' ? seen.blind : seen.outcome));
    expect(outcomes).toEqual(['loop-late', 'bad']);
  });

  test('a time too slow is bad though the loop was late, where the probe says that it was not for that one', async () => {
    const answer: Reading = { kind: 'answer', latencyMs: 203 };
    const late = scheduledCheck(
      async (context) => {
        const reading = await new Promise<Reading>(
          (resolve) => void context.clock.after(203, () => resolve(answer)),
        );
        return context.lag ? { ...answer, ownMs: { latency: context.lag.worstSince(Infinity) } } : reading;
      },
      { expectations: { latency: { below: 200 } } },
    );
    const { clock, results } = begin(late);
    await clock.advance(phaseOf(late) + 100);
    await clock.stall(60);
    await clock.advance(5_000);
    expect(results[0]?.seen).toMatchObject({ outcome: 'bad', cause: 'slow' });
  });

  test('a probe that rejects leaves a hole by a bug, and the next slot is run', async () => {
    const { clock, results } = begin(scheduledCheck(() => Promise.reject(new TypeError('secret'))));
    await clock.advance(20_000);
    expect(results.map(({ bug }) => bug)).toEqual(['rejected', 'rejected']);
    expect(results[0]?.seen).toMatchObject({ outcome: 'absent', blind: 'bug' });
    expect(JSON.stringify(results)).not.toContain('secret');
  });
});

describe('Scheduler: identical requests', () => {
  test('three checks that share a request send it a second apart, and none misses a slot', async () => {
    const sentMs: number[] = [];
    const send = (): Promise<Reading> => {
      sentMs.push(clock.monotonicMs());
      return good();
    };
    const checks = Array.from({ length: 100 }, (_, i) =>
      scheduledCheck(send, { id: `check-${i}` }, { identity: 'shared' }),
    )
      .filter((scheduled) => phaseOf(scheduled) < 900)
      .slice(0, 3);
    const { clock, results, skipped } = begin(...checks);
    await clock.advance(60_000);
    expect([results.length, skipped.length]).toEqual([18, 0]);
    expect(Math.min(...sentMs.slice(1).map((at, i) => at - (sentMs[i] ?? 0)))).toBeGreaterThanOrEqual(1_000);
  });

  test('a check of one second that was late once goes on as late, and loses no slot by it', async () => {
    const scheduled = scheduledCheck(good, { intervalMs: 1_000, timeoutMs: 500 });
    const { clock, results } = begin(scheduled);
    await clock.advance(phaseOf(scheduled) + 999);
    await clock.stall(101);
    await clock.advance(5_000);
    const told = results.map(({ seen, lateMs }) => (seen.outcome === 'absent' ? seen.blind : lateMs));
    expect(told.slice(0, 5)).toEqual([0, 100, 100, 100, 100]);
  });

  test('never leave within a second, whatever the mix of checks, stalls and steps', async () => {
    const check = fc.record({
      identity: fc.constantFrom('x', 'y'),
      intervalMs: fc.constantFrom(1_000, 1_500, 2_000, 10_000),
      timeoutShare: fc.double({ min: 0.1, max: 0.99, noNaN: true }),
      attempts: fc.integer({ min: 1, max: 3 }),
      behaviour: fc.constantFrom('good', 'refused', 'silent', 'stuck'),
    });
    const event = fc.record({
      passMs: fc.nat(3_000),
      stallMs: fc.oneof(fc.constant(0), fc.nat(2_000)),
      stepMs: fc.oneof(fc.constant(0), fc.integer({ min: -20_000, max: 20_000 })),
    });
    const mix = fc.record({
      checks: fc.array(check, { minLength: 1, maxLength: 6 }),
      events: fc.array(event),
    });
    const runs = { good, refused, silent: untilAborted, stuck: () => new Promise<Reading>(() => undefined) };
    await fc.assert(
      fc.asyncProperty(mix, async ({ checks, events }) => {
        const clock = new FakeClock(START_MS);
        const sentMs = new Map<string, number>();
        const { scheduler, results } = watchedScheduler(clock);
        scheduler.update(
          checks.map(({ identity, intervalMs, timeoutShare, attempts, behaviour }, i) =>
            scheduledCheck(
              (context) => {
                expect(clock.monotonicMs() - (sentMs.get(identity) ?? -Infinity)).toBeGreaterThanOrEqual(
                  1_000,
                );
                sentMs.set(identity, clock.monotonicMs());
                return runs[behaviour](context);
              },
              { id: `check-${i}`, intervalMs, timeoutMs: Math.ceil(intervalMs * timeoutShare), attempts },
              { identity },
            ),
          ),
        );
        for (const { passMs, stallMs, stepMs } of events) {
          await clock.advance(passMs);
          await clock.stall(stallMs);
          clock.stepWall(stepMs);
        }
        expect(results.filter(({ bug }) => bug === 'rejected')).toEqual([]);
        const seen = results.map((one) => `${one.check.id} ${one.slot}`);
        expect(new Set(seen).size).toBe(seen.length);
        const stopping = scheduler.stop();
        await clock.advance(250);
        await stopping;
        expect(clock.pending).toBe(0);
      }),
      { numRuns: 60 },
    );
  });
});
