import { setImmediate } from 'node:timers/promises';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { latencyHistory } from '../../src/live/latency-history.ts';
import { LatencyLog } from '../../src/live/latency-log.ts';
import { shownLatencies } from '../../src/live/latency-shown.ts';
import type { LatencySeries, ShownLatencies } from '../../src/web/latency-source.ts';
import { memoryLatencies } from '../../src/window/latency-memory.ts';
import type { LatencyDay, LatencyStore } from '../../src/window/latency-store.ts';
import { WindowStoreError } from '../../src/window/store-error.ts';
import { judgedCheck } from '../judge/make-judge.ts';
import { DAY_MS, dayOf, HOUR_MS } from './latency-samples.ts';

const TODAY = 20_000;
const NOW_MS = TODAY * DAY_MS + 10.6 * HOUR_MS;
const MINUTE_MS = 60_000;

/** A page's latencies, with all that they are told from. */
function stage(ids: readonly string[], days: readonly LatencyDay[] = []) {
  const checks = ids.map((id) => judgedCheck({ id }));
  const log = new LatencyLog();
  log.watch(checks);
  const kept = memoryLatencies();
  void kept.put(days);
  const state = { nowMs: NOW_MS, isAway: false, reads: 0, breaths: 0 };
  const store: LatencyStore = {
    put: (more) => kept.put(more),
    read(range) {
      state.reads++;
      return state.isAway ? Promise.reject(new WindowStoreError('away', 'gone')) : kept.read(range);
    },
  };
  const shown = shownLatencies({
    config: () => ({ checks }),
    log,
    store: () => store,
    nowMs: () => state.nowMs,
    breathe() {
      state.breaths++;
      return setImmediate();
    },
  });
  const note = (id: string, atMs: number, latencyMs: number, vantage = 'a'): void =>
    log.note({ check: judgedCheck({ id }), vantage, slot: Math.floor(atMs / 10_000), latencyMs });
  return { shown, note, log, store, state };
}

/** What of a check is shown, found without a memo: slow, and plain. */
async function plainly(store: LatencyStore, log: LatencyLog, check: string, nowMs: number) {
  const span = { fromMs: nowMs - 7 * DAY_MS, toMs: nowMs, stepMs: HOUR_MS };
  const stored = await latencyHistory(store, { checks: [check], ...span }, () => Promise.resolve());
  const vantages = [...stored, ...log.series([check])].map(({ vantage }) => vantage);
  return [...new Set(vantages)].sort().map((vantage): LatencySeries => {
    const own = (all: readonly LatencySeries[]) => all.filter((one) => one.vantage === vantage);
    const remembered = own(log.series([check])).flatMap(({ stretches }) => stretches);
    const earlier = own(stored).flatMap(({ stretches }) => stretches);
    const begin = remembered[0]?.fromMs ?? Infinity;
    return {
      ...{ check, vantage },
      stretches: [...earlier.filter(({ fromMs }) => fromMs < begin), ...remembered],
    };
  });
}

const all = ({ drawn, listed }: ShownLatencies): readonly LatencySeries[] => [...drawn, ...listed];
const namesOf = (series: readonly LatencySeries[]): readonly string[] => series.map(({ check }) => check);
const ids = (count: number): readonly string[] => Array.from({ length: count }, (_, i) => `c${i}`);

describe('shownLatencies', () => {
  const someDay = fc
    .record({
      check: fc.constantFrom('c0', 'c1', 'c2'),
      vantage: fc.constantFrom('a', 'b'),
      day: fc.integer({ min: TODAY - 8, max: TODAY }),
      hour: fc.integer({ min: 0, max: 23 }),
      latencies: fc.array(fc.integer({ min: 1, max: 500 }), { minLength: 1, maxLength: 3 }),
    })
    .map(({ hour, latencies, ...key }) => dayOf(key, { [hour]: latencies, 9: [7] }));
  const someRun = fc.record({
    check: fc.constantFrom('c0', 'c1', 'c2'),
    vantage: fc.constantFrom('a', 'b'),
    agoMs: fc.integer({ min: 0, max: 5 * HOUR_MS }),
    latencyMs: fc.integer({ min: 1, max: 500 }),
  });

  test('tells what is stored and what is remembered as it would without anything kept, again and again', async () => {
    const told = fc.record({
      days: fc.array(someDay, { maxLength: 12 }),
      late: fc.array(someDay, { maxLength: 4 }),
      runs: fc.array(someRun, { maxLength: 20 }),
    });
    await fc.assert(
      fc.asyncProperty(told, async ({ days, late, runs }) => {
        const { shown, note, log, store, state } = stage(ids(3), days);
        const plain = async () =>
          (await Promise.all(ids(3).map((id) => plainly(store, log, id, state.nowMs)))).flat();
        expect((await shown(ids(3))).drawn).toEqual(await plain());
        for (const { check, vantage, agoMs, latencyMs } of runs.toSorted((a, b) => b.agoMs - a.agoMs))
          note(check, state.nowMs - agoMs, latencyMs, vantage);
        expect((await shown(ids(3))).drawn).toEqual(await plain());
        await store.put(late);
        state.nowMs += MINUTE_MS;
        expect((await shown(ids(3))).drawn).toEqual(await plain());
      }),
    );
  });

  test('of the first checks all is drawn, of the others the last is listed; how many is said', async () => {
    const days = ids(50).flatMap((check) =>
      [TODAY - 2, TODAY].map((day) => dayOf({ check, vantage: 'a', day }, { 1: [2], 9: [3, 4] })),
    );
    const { shown, note, log, store } = stage(ids(50), days);
    note('c49', NOW_MS - 20 * MINUTE_MS, 5);
    note('c49', NOW_MS, 6);
    const page = await shown(ids(50));
    expect(page.checks).toEqual({ drawn: 30, told: 50, all: 50 });
    expect([namesOf(page.drawn), namesOf(page.listed)]).toEqual([ids(50).slice(0, 30), ids(50).slice(30)]);
    const whole = (await Promise.all(ids(50).map((id) => plainly(store, log, id, NOW_MS)))).flat();
    expect(page.drawn).toEqual(whole.slice(0, 30));
    expect(page.listed).toEqual(
      whole.slice(30).map((one) => ({ ...one, stretches: one.stretches.slice(-1) })),
    );
    expect(page.listed.at(-1)?.stretches).toMatchObject([{ count: 1, max: 6, lengthMs: 600_000 }]);
  });

  test('of more checks than a page can bear the first are told, and how many there are', async () => {
    const { shown, note, state } = stage(ids(400));
    for (const id of ids(400)) note(id, NOW_MS, 1);
    const { checks, listed } = await shown(ids(400));
    expect([checks, listed.length]).toEqual([{ drawn: 30, told: 285, all: 400 }, 255]);
    expect(state.reads).toBeLessThanOrEqual(2 * 285);
    const year = { fromMs: NOW_MS - 365 * DAY_MS, toMs: NOW_MS };
    expect((await shown(ids(400), year)).checks).toEqual({ drawn: 5, told: 5, all: 400 });
  });

  test('of a span that is over nothing is told that this process remembers, nor any hour outside of it', async () => {
    const days = [TODAY - 20, TODAY - 19, TODAY - 18].map((day) =>
      dayOf({ check: 'c0', vantage: 'a', day }, { 5: [1], 20: [2] }),
    );
    const { shown, note } = stage(ids(1), days);
    note('c0', NOW_MS, 1);
    const span = { fromMs: (TODAY - 20) * DAY_MS + 6 * HOUR_MS, toMs: (TODAY - 18) * DAY_MS };
    const [series] = (await shown(ids(1), span)).drawn;
    expect(series?.stretches.map(({ fromMs }) => fromMs / HOUR_MS - (TODAY - 20) * 24)).toEqual([20, 29, 44]);
  });

  test('with the store away: what this process remembers; all again when it is back', async () => {
    const day = dayOf({ check: 'c0', vantage: 'a', day: TODAY - 1 }, { 5: [1] });
    const { shown, note, state } = stage(ids(2), [day]);
    note('c1', NOW_MS, 1);
    state.isAway = true;
    expect(namesOf(all(await shown(ids(2))))).toEqual(['c1']);
    state.isAway = false;
    expect(namesOf(all(await shown(ids(2))))).toEqual(['c0', 'c1']);
  });

  test('the loop has its turns between the checks, when nothing is read as well', async () => {
    const days = ids(200).map((check) => dayOf({ check, vantage: 'a', day: TODAY }, { 1: [2] }));
    const { shown, state } = stage(ids(200), days);
    await shown(ids(200));
    expect(state.breaths).toBeGreaterThanOrEqual(200 / 8 + 200 / 4);
    const { breaths, reads } = state;
    await shown(ids(200));
    expect(state.reads).toBe(reads);
    expect(state.breaths - breaths).toBe(200 / 8);
  });
});
