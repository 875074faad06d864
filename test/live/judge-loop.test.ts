import { describe, expect, it } from 'vitest';
import type { Check } from '../../src/core/check.ts';
import type { CheckKey } from '../../src/core/observation.ts';
import type { Verdict } from '../../src/core/verdict.ts';
import { memoryStore } from '../../src/window/memory.ts';
import { WindowStoreError } from '../../src/window/store-error.ts';
import type { WindowStore } from '../../src/window/store.ts';
import { FakeClock, settle } from '../fake-clock.ts';
import { configWith } from '../config/config-with.ts';
import { judgedCheck } from '../judge/make-judge.ts';
import { loneJudge } from './lone-judge.ts';
import { untelling } from './seen-seconds.ts';

const T = 10_000;
const MARCH = Date.UTC(2026, 2, 1);
const KEY = { check: 'c', intervalMs: T, vantage: 'a' };

const configOf = (checks: readonly Check[]) => configWith({ checks });

const HOUR = 3_600_000;

/** Windows in memory that take no commit until they are mended. */
function refusing(): { readonly store: WindowStore; readonly mend: () => void } {
  const store = memoryStore();
  const commit = store.commit.bind(store);
  Object.assign(store, {
    commit: () => {
      throw new WindowStoreError('away', 'the windows are away');
    },
  });
  return { store, mend: () => void Object.assign(store, { commit }) };
}

/** The same store, open to changes of its methods. */
function telling(store: WindowStore): WindowStore {
  return { ...untelling(store), takeChanged: () => store.takeChanged?.() ?? new Map<CheckKey, number>() };
}

function stage(store: WindowStore = memoryStore(), epoch = 1) {
  const clock = new FakeClock(MARCH);
  let latest: Verdict | undefined;
  const failures: unknown[] = [];
  let fenced = 0;
  const loop = loneJudge(configOf([judgedCheck({ id: 'c' })]), {
    ...{ clock, store, epoch },
    onVerdicts: (_, [first]) => (latest = first),
    onFailure: (error) => failures.push(error),
    onFenced: () => fenced++,
  });
  const put = (from: number, to: number, outcome: 'good' | 'bad'): Promise<void> =>
    store.put(
      Array.from({ length: to - from }, (_, i) => ({
        ...KEY,
        slot: MARCH / T + from + i,
        outcome,
        ...(outcome === 'bad' ? { cause: 'timeout' as const } : {}),
      })),
    );
  const runTo = async (slot: number): Promise<void> => {
    await clock.advance(MARCH + slot * T - clock.wallMs());
    await settle();
  };
  return { clock, store, loop, put, runTo, failures, fenced: () => fenced, latest: () => latest };
}

describe('JudgeLoop', () => {
  it('declare: judges by other exclusions from the next evaluation on, and by the old ones when they are withdrawn', async () => {
    const { loop, put, runTo, latest } = stage();
    await loop.start();
    await put(0, 5, 'bad');
    await put(5, 10, 'good');
    await runTo(12);
    expect(latest()?.downtimeMs.estimate).toBe(5 * T);
    const span = { fromMs: MARCH + T, toMs: MARCH + 3 * T };
    loop.declare([{ id: 'e', kind: 'attack', ...span, reason: 'flood', author: 'ann' }]);
    await runTo(13);
    expect(latest()?.downtimeMs.estimate).toBe(3 * T);
    loop.declare([]);
    await runTo(14);
    expect(latest()?.downtimeMs.estimate).toBe(5 * T);
    await loop.stop();
  });

  it('takes late data into what was judged unknown, and stores the revision in its place', async () => {
    const { loop, put, runTo, latest, store } = stage();
    await loop.start();
    await put(0, 5, 'good');
    await put(8, 10, 'good');
    await runTo(20);
    expect(latest()?.unknownMs).toBe((3 + 9) * T);
    await put(5, 8, 'bad');
    await runTo(21);
    expect(latest()).toMatchObject({ unknownMs: 10 * T, downtimeMs: { estimate: 3 * T } });
    const [judged] = await store.judged(['c']);
    expect(judged?.transitions.map(({ atMs, state }) => [(atMs - MARCH) / T, state])).toEqual([
      [0, 'U'],
      [5, 'D'],
      [8, 'U'],
      [10, '?'],
    ]);
    await loop.stop();
  });

  it('takes in a backlog that comes before anything was settled', async () => {
    const { loop, put, runTo, latest } = stage();
    await loop.start();
    await put(60, 61, 'good');
    await runTo(60.1);
    await put(0, 60, 'bad');
    await runTo(62);
    expect(latest()).toMatchObject({ downtimeMs: { estimate: 60 * T }, unknownMs: 0 });
    await loop.stop();
  });

  it('stores nothing new for a check without news, but now and then where it stands', async () => {
    const { clock, loop, put, runTo, store } = stage();
    await loop.start();
    const seenTo = async (slot: number): Promise<void> => {
      for (let next = Math.floor((clock.wallMs() - MARCH) / T); next < slot; next++) {
        await put(next, next + 1, 'good');
        await runTo(next + 1);
      }
    };
    await seenTo(2);
    const early = (await store.judged(['c']))[0];
    await seenTo(5);
    expect((await store.judged(['c']))[0]).toEqual(early);
    await seenTo(9);
    const later = (await store.judged(['c']))[0];
    expect(later?.cursorMs).toBeGreaterThan(early?.cursorMs ?? Infinity);
    expect(later?.transitions).toHaveLength(1);
    await loop.stop();
  });

  it('goes on where another loop on the same store left off', async () => {
    const first = stage();
    await first.loop.start();
    await first.put(0, 10, 'good');
    await first.put(10, 14, 'bad');
    await first.runTo(14);
    await first.loop.stop();
    const second = stage(first.store, 2);
    await second.clock.advance(14 * T);
    await second.loop.start();
    await second.put(14, 20, 'good');
    await second.runTo(20);
    expect(second.latest()).toMatchObject({ downtimeMs: { estimate: 4 * T }, unknownMs: 0 });
    expect(second.failures).toEqual([]);
    await second.loop.stop();
  });

  it('commits nothing once another judge of a later term has', async () => {
    const { loop, put, runTo, store, failures, fenced } = stage();
    await loop.start();
    await put(0, 3, 'good');
    await runTo(3);
    const [mine] = await store.judged(['c']);
    const taken = { check: 'c', epoch: 9, expectedCursorMs: mine?.cursorMs ?? null, cursorMs: MARCH + 4 * T };
    expect(await store.commit([{ ...taken, replaceFromMs: MARCH + 4 * T, transitions: [] }])).toEqual([
      'committed',
    ]);
    await put(3, 9, 'bad');
    await runTo(9);
    expect(fenced()).toBe(1);
    expect(failures).toEqual([]);
    expect((await store.judged(['c']))[0]).toMatchObject({ epoch: 9, cursorMs: MARCH + 4 * T });
  });

  it('takes late data in although nothing could be committed before it came', async () => {
    const { store, mend } = refusing();
    const { loop, put, runTo, latest, failures } = stage(store);
    await loop.start();
    await put(0, 3, 'good');
    await put(5, 6, 'good');
    await runTo(12);
    expect(failures.length).toBeGreaterThan(0);
    await put(3, 5, 'bad');
    mend();
    await runTo(14);
    expect(latest()?.downtimeMs.estimate).toBe(2 * T);
    await loop.stop();
    expect((await store.judged(['c']))[0]?.transitions.map(({ state }) => state)).toEqual([
      'U',
      'D',
      'U',
      '?',
    ]);
  });

  it('takes in what came before the first slot seen while nothing could be committed', async () => {
    const { store, mend } = refusing();
    const { loop, put, runTo, latest } = stage(store);
    await loop.start();
    await put(5, 6, 'good');
    await runTo(12);
    await put(2, 5, 'bad');
    await runTo(13);
    mend();
    await runTo(14);
    expect(latest()).toMatchObject({ downtimeMs: { estimate: 3 * T } });
    await loop.stop();
    const [judged] = await store.judged(['c']);
    expect(judged?.transitions.map(({ atMs, state }) => [(atMs - MARCH) / T, state])).toEqual([
      [2, 'D'],
      [5, 'U'],
      [6, '?'],
    ]);
  });

  it('asks what was seen of a check once when it begins and once when that is stored, and never again', async () => {
    const { store, put, runTo, loop } = stage();
    let asked = 0;
    const seen = store.seen.bind(store);
    await put(0, 20, 'good');
    Object.assign(store, { seen: (key: CheckKey) => (asked++, seen(key)) });
    await loop.start();
    await runTo(20);
    expect(asked).toBe(2);
    await loop.stop();
  });

  it('tries a commit that was refused again, though nothing has changed', async () => {
    const { store, mend } = refusing();
    const { loop, put, runTo, clock } = stage(store);
    await loop.start();
    await put(0, 1, 'good');
    await runTo(1);
    mend();
    await clock.advance(2_000);
    expect((await store.judged(['c']))[0]?.cursorMs).toBe(MARCH + T);
    await loop.stop();
  });

  it('stores what was seen of a slot once it ends, though nothing more is seen', async () => {
    const clock = new FakeClock(MARCH);
    const store = memoryStore();
    const checks = [judgedCheck({ id: 'c', intervalMs: HOUR, vantages: ['a', 'b'] })];
    const loop = loneJudge(configOf(checks), { clock, store });
    await loop.start();
    for (const vantage of ['a', 'b']) {
      await store.put([{ check: 'c', intervalMs: HOUR, vantage, slot: MARCH / HOUR, outcome: 'good' }]);
      await clock.advance(20 * 60_000);
    }
    expect((await store.judged(['c']))[0]?.cursorMs).toBe(MARCH);
    await clock.advance(20 * 60_000 + 1_000);
    expect((await store.judged(['c']))[0]?.cursorMs).toBe(MARCH + HOUR);
    await loop.stop();
  });

  it('waits while the wall clock goes back, and loses nothing of what was judged', async () => {
    const { clock, loop, put, runTo, latest, failures } = stage();
    await loop.start();
    await put(0, 10, 'bad');
    await runTo(10);
    const before = latest();
    clock.stepWall(-5 * T);
    await clock.advance(2_000);
    await settle();
    expect(latest()).toEqual(before);
    await put(10, 13, 'bad');
    await runTo(13);
    expect(latest()).toMatchObject({ downtimeMs: { estimate: 13 * T }, unknownMs: 0 });
    expect(failures).toEqual([]);
    await loop.stop();
  });

  it('keeps what it knows of a check through a change of configuration', async () => {
    const { loop, put, runTo, latest } = stage();
    await loop.start();
    await put(0, 10, 'good');
    await put(10, 13, 'bad');
    await put(13, 20, 'good');
    await runTo(20);
    loop.reconfigure(
      configOf([judgedCheck({ id: 'c', timeoutMs: 5_000 }), judgedCheck({ id: 'd', row: 'none' })]),
    );
    await runTo(21);
    expect(latest()?.downtimeMs.estimate).toBe(3 * T);
    await loop.stop();
  });

  it.each([
    ['where the store tells what has changed', telling],
    ['where it does not', untelling],
  ])(
    'loses nothing of what is stored when that cannot be read for a new configuration at first, %s',
    async (_, as) => {
      const DAY = 24 * HOUR;
      const windows = memoryStore();
      const begunMs = MARCH - 600 * DAY;
      windows.putSpan(KEY, KEY.vantage, begunMs / T, MARCH / T, 'good');
      const down = { state: 'D', causes: ['timeout'], contested: false } as const;
      const up = { state: 'U', causes: [], contested: false } as const;
      const transitions = [
        { atMs: MARCH - 500 * DAY, ...up },
        { atMs: MARCH - 100 * DAY, ...down },
        { atMs: MARCH - 99 * DAY, ...up },
      ];
      const first = { check: KEY.check, epoch: 1, expectedCursorMs: null, cursorMs: MARCH };
      const unseen = { atMs: begunMs, state: '?', causes: [], contested: false } as const;
      await windows.commit([{ ...first, replaceFromMs: begunMs, transitions: [unseen, ...transitions] }]);
      await windows.prune(MARCH, { slotsMs: 35 * DAY, transitionsMs: 425 * DAY });
      let isAway = false;
      const judged = (checks: readonly string[]) =>
        isAway
          ? Promise.reject(new WindowStoreError('away', 'the windows are away'))
          : windows.judged(checks);
      const { loop, runTo, failures } = stage({ ...as(windows), judged });
      await loop.start();
      await runTo(1);
      isAway = true;
      loop.reconfigure(configOf([judgedCheck({ id: 'c', timeoutMs: 5_000 })]));
      await runTo(2);
      expect(failures).not.toEqual([]);
      isAway = false;
      await runTo(20);
      await loop.stop();
      const [kept] = await windows.judged([KEY.check]);
      expect(kept?.transitions.slice(0, 3)).toEqual(transitions);
    },
  );

  it.each(['a restart', 'another configuration'])(
    'judges the slot before the first, though nothing of it is settled before %s',
    async (what) => {
      const store = memoryStore();
      const clock = new FakeClock(MARCH + 5 * T);
      const config = configOf([judgedCheck({ id: 'c', vantages: ['a', 'b'] })]);
      const begun = async (epoch: number) => {
        const loop = loneJudge(config, { clock, store, epoch });
        await loop.start();
        return loop;
      };
      const putAt = async (slot: number): Promise<void> => {
        await store.put([{ ...KEY, slot: MARCH / T + slot, outcome: 'good' }]);
        await clock.advance(2_000);
        await settle();
      };
      let loop = await begun(1);
      await putAt(5);
      await putAt(4);
      if (what === 'a restart') {
        await loop.stop();
        loop = await begun(2);
      } else loop.reconfigure({ ...config });
      await clock.advance(20 * T);
      await settle();
      await loop.stop();
      const [kept] = await store.judged([KEY.check]);
      expect(kept?.transitions[0]).toMatchObject({ atMs: MARCH + 4 * T });
    },
  );

  it.each([
    ['where the store tells what has changed', telling],
    ['where it does not', untelling],
  ])('keeps what was judged at an interval that a check no longer has, %s', async (_, as) => {
    const { loop, put, runTo, clock, store } = stage(as(memoryStore()));
    await loop.start();
    await put(0, 8, 'good');
    await put(9, 12, 'good');
    await put(12, 15, 'bad');
    await put(15, 17, 'good');
    await runTo(17.3);
    loop.reconfigure(configOf([judgedCheck({ id: 'c', intervalMs: 60_000 })]));
    await clock.advance(1_000);
    await settle();
    await put(8, 9, 'good');
    for (let minute = 3; minute < 8; minute++) {
      await store.put([{ ...KEY, intervalMs: 60_000, slot: MARCH / 60_000 + minute, outcome: 'good' }]);
      await runTo(6 * (minute + 1));
    }
    await loop.stop();
    const [kept] = await store.judged([KEY.check]);
    expect(kept?.transitions.slice(0, 5).map(({ atMs, state }) => [(atMs - MARCH) / T, state])).toEqual([
      [0, 'U'],
      [8, '?'],
      [9, 'U'],
      [12, 'D'],
      [15, 'U'],
    ]);
  });
});
