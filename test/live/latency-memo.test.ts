import { beforeEach, describe, expect, test } from 'vitest';
import type { HistorySpan } from '../../src/live/latency-history.ts';
import { LatencyMemo } from '../../src/live/latency-memo.ts';
import { Weighed } from '../../src/live/latency-weighed.ts';
import { memoryLatencies } from '../../src/window/latency-memory.ts';
import type { LatencyStore } from '../../src/window/latency-store.ts';
import { WindowStoreError } from '../../src/window/store-error.ts';
import { DAY_MS, dayOf, HOUR_MS } from './latency-samples.ts';

/** In the middle of a month: all of the week is read at once. */
const TODAY = Date.parse('2026-03-20') / DAY_MS;
const WEEK: HistorySpan = {
  fromMs: (TODAY - 7) * DAY_MS,
  toMs: (TODAY + 1) * DAY_MS,
  stepMs: HOUR_MS,
};

describe('LatencyMemo', () => {
  let nowMs: number;
  let reads: number;
  let isAway: boolean;
  let store: LatencyStore;
  let memo: LatencyMemo;
  beforeEach(async () => {
    [nowMs, reads, isAway] = [TODAY * DAY_MS, 0, false];
    const kept = memoryLatencies();
    for (let day = TODAY - 7; day <= TODAY; day++)
      for (const vantage of ['a', 'b'])
        await kept.put([dayOf({ check: 'dns', vantage, day }, { 0: [1], 7: [2, 3] })]);
    store = {
      put: (days) => kept.put(days),
      read(range) {
        reads++;
        return isAway ? Promise.reject(new WindowStoreError('away', 'gone')) : kept.read(range);
      },
    };
    memo = new LatencyMemo({ nowMs: () => nowMs, breathe: () => Promise.resolve() });
  });

  const read = (span = WEEK, extent: 'whole' | 'last' = 'whole') => memo.read(store, 'dns', span, extent);

  test('the store is read once a minute, whoever asks and however many at the same time', async () => {
    await Promise.all([read(), read(), read()]);
    nowMs += 59_999;
    await read();
    expect(reads).toBe(1);
    nowMs += 1;
    await read();
    expect(reads).toBe(2);
  });

  test('of a day whose bytes are the same nothing is worked out anew; of one that was written anew, it is', async () => {
    const [before] = await read();
    const late = { check: 'dns', vantage: 'a', day: TODAY - 3 };
    await store.put([dayOf(late, { 0: [1], 7: [2, 3, 4] })]);
    nowMs += 60_000;
    const [after] = await read();
    const isSame = before?.stretches.map((stretch, i) => stretch === after?.stretches[i]);
    expect(isSame?.flatMap((same, i) => (same ? [] : [i]))).toEqual([8, 9]);
    expect(after?.stretches[9]).toMatchObject({ count: 3, max: 4 });
  });

  test('last: of each vantage, also of one that was silent for days', async () => {
    await store.put([dayOf({ check: 'dns', vantage: 'c', day: TODAY - 6 }, { 3: [5], 4: [6] })]);
    const last = await read(WEEK, 'last');
    expect(last.map(({ vantage, stretches }) => [vantage, stretches.map(({ fromMs }) => fromMs)])).toEqual([
      ['a', [TODAY * DAY_MS + 7 * HOUR_MS]],
      ['b', [TODAY * DAY_MS + 7 * HOUR_MS]],
      ['c', [(TODAY - 6) * DAY_MS + 4 * HOUR_MS]],
    ]);
  });

  test('with the store away it rejects, and asks again the next time', async () => {
    isAway = true;
    await expect(read()).rejects.toThrow('gone');
    isAway = false;
    expect(await read()).toHaveLength(2);
  });

  test('after the clock was set back the store is asked again', async () => {
    await read();
    nowMs -= 1;
    await read();
    expect(reads).toBe(2);
  });
});

describe('Weighed', () => {
  test('the first go when all together weigh too much; what is set again is the last, with its new weight', () => {
    const held = new Weighed<string>(10);
    for (const name of ['a', 'b', 'c']) held.set(name, name, 3);
    held.set('a', 'A', 2);
    held.set('d', 'd', 4);
    expect(['a', 'b', 'c', 'd'].map((name) => held.get(name))).toEqual(['A', undefined, 'c', 'd']);
    expect(held.weight).toBe(9);
    held.set('e', 'e', 11);
    expect([held.weight, held.get('e'), held.get('d')]).toEqual([0, undefined, undefined]);
  });

  test('dropFirst stops at the first that is not such', () => {
    const held = new Weighed<number>(10);
    for (const value of [1, 2, 9, 1]) held.set(String(value) + String(held.weight), value, 1);
    held.dropFirst((value) => value < 5);
    expect(held.weight).toBe(2);
  });
});
