import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import type { Clock } from '../../src/core/clock.ts';
import type { RedisHealth } from '../../src/window/redis-health.ts';
import type { RedisStore } from '../../src/window/redis.ts';
import { commitOf } from '../contracts/window-samples.ts';
import { FakeClock } from '../fake-clock.ts';
import { type Cut, type CutProxy, startCutProxy } from '../servers/cut-proxy.ts';
import { findProgram } from '../servers/packages.ts';
import { becomes, type RedisServer, startRedis, startSentinelSet } from '../servers/redis.ts';
import { GroundTruth } from './redis-ground-truth.ts';
import { openShared } from './redis-subject.ts';

const PREFIX = 'cut:';
const CHECKS = 20;
const START_MS = Date.parse('2026-03-01T12:00:00Z');
const TEN_MINUTES = 600;
const OBSERVE_SHA = createHash('sha1')
  .update(readFileSync(new URL('../../src/window/scripts/observe.lua', import.meta.url)))
  .digest('hex');

/** Bytes in use once everything that can be forgotten is. */
function heapBytes(): number {
  setFlagsFromString('--expose-gc');
  const collect: unknown = runInNewContext('gc');
  if (typeof collect === 'function') collect();
  return process.memoryUsage().heapUsed;
}

describe.skipIf(!findProgram('redis-server'))('a vantage cut off from Redis (needs redis-server)', () => {
  let folder: string;
  let server: RedisServer;
  let proxy: CutProxy;
  let fake: FakeClock;
  let states: RedisHealth[];
  let stores: RedisStore[];

  const open = async (port: number, clock: Clock, name: string): Promise<RedisStore> => {
    const store = await openShared(`redis://127.0.0.1:${port}`, {
      prefix: PREFIX,
      clock,
      spill: { path: join(folder, `${name}.sqlite`) },
      onHealth: (health) => states.push(health),
    });
    stores.push(store);
    return store;
  };
  /** A vantage behind the proxy, whose timers are driven by hand; its wall clock is that of Redis. */
  const vantage = (): Promise<RedisStore> =>
    open(
      proxy.port,
      {
        wallMs: () => systemClock.wallMs(),
        monotonicMs: () => fake.monotonicMs(),
        after: (delayMs, fire) => fake.after(delayMs, fire),
      },
      'vantage',
    );
  const elsewhere = (): Promise<RedisStore> => open(server.port, systemClock, 'elsewhere');
  /** Time passes in the vantage while the network has its own, until something holds. */
  const passesUntil = (holds: () => boolean): Promise<void> =>
    becomes(async () => {
      await fake.advance(250);
      return holds();
    }, 20_000);

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'vigie-cut-'));
    server = await startRedis();
    proxy = await startCutProxy(server.port);
    fake = new FakeClock();
    states = [];
    stores = [];
  });
  afterEach(async () => {
    // What still waits for an answer is to be given up, not waited for.
    proxy.cut('refused');
    await Promise.all(stores.map((store) => store.close()));
    await proxy.close();
    await server.stop();
    rmSync(folder, { recursive: true });
  });

  it.each<Cut>(['silent', 'refused'])(
    'ten minutes of slots outlive a %s cut: none is lost, and the judge is told from where to judge anew',
    async (how) => {
      const truth = new GroundTruth(CHECKS, START_MS);
      const [store, judge] = [await vantage(), await elsewhere()];
      await truth.put(store, 30);
      await store.flush();
      proxy.cut(how);
      const cutMs = START_MS + 30_000;
      for (let second = 0; second < TEN_MINUTES; second++) {
        await truth.put(store, 1);
        await fake.advance(1_000);
      }
      expect(store.health).toMatchObject({ isUp: false, droppedSlots: 0, replacements: 0 });
      expect(store.health.spillSlots).toBe(TEN_MINUTES * CHECKS);
      await expect(store.read([])).rejects.toMatchObject({ trouble: 'away' });
      const judged = commitOf({ check: 'check-3', cursorMs: cutMs + TEN_MINUTES * 1_000 });
      expect(await judge.commit([judged])).toEqual(['committed']);
      expect((await judge.takeLate()).size).toBe(0);

      proxy.heal();
      await passesUntil(() => store.health.isUp);
      expect(store.health).toMatchObject({ spillSlots: 0, droppedSlots: 0, replacements: 0 });
      expect(await truth.misfits(store)).toEqual([]);
      expect(await truth.misfits(judge)).toEqual([]);
      expect([...(await judge.takeLate())]).toEqual([['check-3', cutMs]]);
      expect(states.filter(({ isUp }) => isUp).every(({ spillSlots }) => spillSlots === 0)).toBe(true);
    },
    60_000,
  );

  it('a merge that is cut in its middle is done again: nothing is lost or read before it is whole', async () => {
    const truth = new GroundTruth(CHECKS, START_MS);
    const [store, other] = [await vantage(), await elsewhere()];
    await truth.put(store, 10);
    await store.flush();
    proxy.cut('refused');
    for (let second = 0; second < 60; second++) {
      await truth.put(store, 1);
      await fake.advance(1_000);
    }
    const cutAgain = proxy.cutWithin(OBSERVE_SHA, 7);
    let isCut = false;
    void cutAgain.then(() => (isCut = true));
    proxy.heal();
    await passesUntil(() => isCut);
    // What had passed is done.
    await becomes(async () => (await truth.misfits(other)).length > 0);
    await pause(100);
    const seen = await Promise.all(
      Array.from({ length: CHECKS }, (_, n) => other.seen({ check: `check-${n}`, intervalMs: 1_000 })),
    );
    const lastSlots = seen.map((one) => one?.lastSlot ?? 0);
    expect(new Set(lastSlots).size, 'some checks are merged, and some are not').toBe(2);
    await truth.put(store, 5);
    await fake.advance(6_000);
    expect(store.health.isUp).toBe(false);
    await expect(store.read([])).rejects.toMatchObject({ trouble: 'away' });
    proxy.heal();
    await passesUntil(() => store.health.isUp);
    expect(await truth.misfits(store)).toEqual([]);
    expect(await truth.misfits(other)).toEqual([]);
    expect(store.health).toMatchObject({ spillSlots: 0, droppedSlots: 0 });
  }, 60_000);

  it('sentinels that hang are passed over: the one that answers is asked', async () => {
    const set = await startSentinelSet();
    try {
      const store = await openShared(set.url, {
        prefix: PREFIX,
        spill: { path: join(folder, 'sentinel.sqlite') },
      });
      stores.push(store);
      const truth = new GroundTruth(CHECKS, START_MS);
      await truth.put(store, 10);
      await store.flush();
      const master = await set.master();
      for (const { pid = 0 } of set.sentinels.slice(1)) process.kill(pid, 'SIGSTOP');
      await master.with((client) => client.call('CLIENT', 'KILL', 'TYPE', 'normal'));
      await becomes(() => Promise.resolve(!store.health.isUp));
      await truth.put(store, 10);
      expect(await truth.misfitsOnceUp(store, 20_000)).toEqual([]);
    } finally {
      await set.stop();
    }
  }, 60_000);

  it('takes no more memory for ten minutes without Redis than for one', async () => {
    const checks = Array.from({ length: 300 }, (_, i) => `check-${i}`);
    const store = await vantage();
    proxy.cut();
    let slot = START_MS / 1_000;
    const pass = async (seconds: number): Promise<number> => {
      for (const end = slot + seconds; slot < end; slot++) {
        await store.put(
          checks.map((check) => ({ check, intervalMs: 1_000, vantage: 'a', slot, outcome: 'good' })),
        );
        await fake.advance(1_000);
      }
      return heapBytes();
    };
    const afterOne = await pass(60);
    const afterTen = await pass(540);
    expect(store.health.spillSlots).toBe(TEN_MINUTES * checks.length);
    // 160,000 slots more; a hundred bytes for each would be 16 MB.
    expect((afterTen - afterOne) / 1e6).toBeLessThan(3);
  }, 60_000);
});
