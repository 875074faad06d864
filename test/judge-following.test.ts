import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Verdict } from '../src/core/verdict.ts';
import type { JudgeLoop } from '../src/live/judge-loop.ts';
import type { RedisStore } from '../src/window/redis.ts';
import { FakeClock } from './fake-clock.ts';
import { configWith } from './config/config-with.ts';
import { judgedCheck } from './judge/make-judge.ts';
import { loneJudge } from './live/lone-judge.ts';
import { findProgram } from './servers/packages.ts';
import { type RedisServer, startRedis } from './servers/redis.ts';
import { openShared } from './window/redis-subject.ts';

const T = 10_000;
const MARCH = Date.UTC(2026, 2, 1);
const VANTAGES = ['a', 'b', 'c'];
const MONTH = { name: '2026-03', fromMs: MARCH, toMs: Date.UTC(2026, 3, 1) };

function configOf(checks: number) {
  return configWith({
    vantages: VANTAGES,
    checks: Array.from({ length: checks }, (_, i) => judgedCheck({ id: `c${i}`, vantages: VANTAGES })),
  });
}

describe.skipIf(!findProgram('redis-server'))('JudgeLoop beside another (needs redis-server)', () => {
  let server: RedisServer;
  let prefix: string;
  let clock: FakeClock;
  const ends: (() => Promise<void>)[] = [];

  beforeAll(async () => {
    server = await startRedis();
  });
  afterAll(() => server.stop());
  afterEach(async () => {
    for (const end of ends.splice(0).toReversed()) await end();
  });

  const store = async (): Promise<RedisStore> => {
    const opened = await openShared(server.url, { prefix });
    ends.push(() => opened.close());
    return opened;
  };
  const begin = (): void => {
    prefix = `${randomUUID()}:`;
    clock = new FakeClock(MARCH);
  };

  interface Judging {
    readonly loop: JudgeLoop;
    readonly windows: RedisStore;
    readonly failures: unknown[];
    readonly seen: { latest?: Verdict; fenced: number; turns: number };
  }

  const judge = async (epoch: number | undefined, checks = 1): Promise<Judging> => {
    const windows = await store();
    const failures: unknown[] = [];
    const seen: Judging['seen'] = { fenced: 0, turns: 0 };
    const loop = loneJudge(configOf(checks), {
      ...{ clock, store: windows, epoch },
      heads: (ids) => windows.heads(ids),
      breathe: () => {
        seen.turns++;
        return Promise.resolve();
      },
      onVerdicts: (_, [first]) => {
        if (first) seen.latest = first;
      },
      onFailure: (error) => failures.push(error),
      onFenced: () => seen.fenced++,
    });
    await loop.start();
    return { loop, windows, failures, seen };
  };

  /** Slots [from, to) of March by one vantage, or more. */
  const put = async (
    windows: RedisStore,
    [from, to]: readonly [number, number],
    outcome: 'good' | 'bad',
    vantages: readonly string[] = VANTAGES,
  ): Promise<void> => {
    const cause = outcome === 'bad' ? { cause: 'timeout' as const } : {};
    for (let slot = from; slot < to; slot++) {
      await windows.put(
        vantages.map((vantage) => ({
          check: 'c0',
          intervalMs: T,
          vantage,
          slot: MARCH / T + slot,
          outcome,
          ...cause,
        })),
      );
    }
    await windows.flush();
  };

  /** Lets time pass to a slot of March, by a second at a time: every loop ends each of its evaluations. */
  const runTo = async (slot: number, ...judging: readonly Judging[]): Promise<void> => {
    while (clock.wallMs() < MARCH + slot * T) {
      await clock.advance(1_000);
      for (const { loop } of judging) await loop.verdictsOf('month', MONTH);
    }
  };

  it('shows what the leader shows, through late data, and stores nothing', async () => {
    begin();
    const probes = await store();
    const [leader, follower] = [await judge(1), await judge(undefined)];
    await put(probes, [0, 5], 'good');
    await put(probes, [8, 10], 'good');
    await runTo(20, leader, follower);
    await put(probes, [5, 8], 'bad');
    await runTo(21, leader, follower);
    await put(probes, [10, 12], 'bad', ['a', 'b']);
    await put(probes, [12, 21], 'good', ['c', 'b']);
    await runTo(23, leader, follower);
    expect(leader.seen.latest).toMatchObject({ downtimeMs: { estimate: 5 * T } });
    expect(follower.seen.latest).toEqual(leader.seen.latest);
    // Behind what both have judged, and before what the leader has stored.
    await put(probes, [21, 40], 'good', ['a', 'b']);
    await runTo(39, leader, follower);
    const [head] = await probes.heads(['c0']);
    const slot = Math.ceil(((head?.cursorMs ?? 0) - MARCH) / T);
    expect(slot).toBeLessThan(38);
    await put(probes, [slot, slot + 1], 'bad', ['c']);
    await runTo(39.2, leader, follower);
    expect(leader.seen.latest).toMatchObject({ contestedMs: T });
    expect(follower.seen.latest).toEqual(leader.seen.latest);
    expect([follower.failures, leader.failures]).toEqual([[], []]);
    expect((await probes.heads(['c0']))[0]?.epoch).toBe(1);
    await leader.loop.stop();
    const before = await probes.judged(['c0']);
    await put(probes, [40, 50], 'bad');
    await runTo(53, follower);
    await follower.loop.stop();
    expect((await probes.judged(['c0']))[0]?.transitions).toEqual(before[0]?.transitions);
  });

  it('a judge of a later term goes on at the cursor; the former is refused at its next commit, and changes nothing', async () => {
    begin();
    const probes = await store();
    const former = await judge(1);
    await put(probes, [0, 10], 'good');
    await put(probes, [10, 14], 'bad');
    await runTo(14, former);
    const later = await judge(2);
    await put(probes, [14, 20], 'good');
    await runTo(22, former, later);
    expect(former.seen.fenced).toBe(1);
    expect(later.seen.latest).toMatchObject({ downtimeMs: { estimate: 4 * T } });
    expect(former.seen.latest).toEqual(later.seen.latest);
    const [head] = await probes.heads(['c0']);
    expect(head?.epoch).toBe(2);
    expect([former.failures, later.failures]).toEqual([[], []]);
    await Promise.all([former.loop.stop(), later.loop.stop()]);
    expect((await probes.judged(['c0']))[0]).toMatchObject({ epoch: 2 });
  });

  it('two that both believe to lead come to the figures of one', async () => {
    begin();
    const probes = await store();
    const both = [await judge(1), await judge(1)];
    for (let slot = 0; slot < 30; slot += 5) {
      await put(probes, [slot, slot + 2], 'bad', slot % 2 === 0 ? ['a', 'b'] : ['b', 'c']);
      await put(probes, [slot + 2, slot + 5], 'good');
      await runTo(slot + 6, ...both);
    }
    await runTo(34, ...both);
    await Promise.all(both.map(({ loop }) => loop.stop()));
    const alone = await judge(3);
    await runTo(35, alone);
    expect(alone.seen.latest).toMatchObject({ downtimeMs: { estimate: 12 * T } });
    const [judged] = await probes.judged(['c0']);
    const changes = judged?.transitions.map(({ atMs, state }) => [(atMs - MARCH) / T, state]).slice(0, 4);
    expect(changes).toEqual([
      [0, 'D'],
      [2, 'U'],
      [5, 'D'],
      [7, 'U'],
    ]);
    await alone.loop.stop();
  });

  it('one that no longer leads commits nothing, even before anyone has taken over', async () => {
    begin();
    const windows = await store();
    let leads = true;
    const loop = loneJudge(configOf(1), { clock, store: windows, leads: () => leads });
    await loop.start();
    await put(windows, [0, 5], 'good');
    const judging = { loop, windows, failures: [], seen: { fenced: 0, turns: 0 } };
    await runTo(6, judging);
    const before = await windows.heads(['c0']);
    expect(before[0]?.cursorMs).toBeGreaterThan(MARCH);
    leads = false;
    await put(windows, [5, 10], 'bad');
    await runTo(14, judging);
    await loop.stop();
    expect((await windows.heads(['c0']))[0]?.cursorMs).toBe(before[0]?.cursorMs);
  });
});
