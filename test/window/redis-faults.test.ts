import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RedisHealth } from '../../src/window/redis-health.ts';
import type { RedisStore, RedisStoreOptions } from '../../src/window/redis.ts';
import { commitOf, down, up } from '../contracts/window-samples.ts';
import { findProgram } from '../servers/packages.ts';
import { type CutProxy, startCutProxy } from '../servers/cut-proxy.ts';
import { becomes, startRedis, startRedisCluster, startSentinelSet } from '../servers/redis.ts';
import { GroundTruth } from './redis-ground-truth.ts';
import { openShared } from './redis-subject.ts';

const PREFIX = 'faults:';
const START_MS = Date.parse('2026-03-01T12:00:00Z');

describe.skipIf(!findProgram('redis-server'))('openRedisStore under faults (needs redis-server)', () => {
  let folder: string;
  let truth: GroundTruth;
  const ends: (() => Promise<unknown>)[] = [];
  const opened = async (url: string, options: Partial<RedisStoreOptions> = {}): Promise<RedisStore> => {
    const spill = { path: join(folder, 'spill.sqlite') };
    const store = await openShared(url, { prefix: PREFIX, spill, ...options });
    ends.push(() => store.close());
    return store;
  };
  /** What another process reads. */
  const misfitsElsewhere = async (url: string): Promise<readonly string[]> => {
    const other = await openShared(url, { prefix: PREFIX, spill: { path: join(folder, 'other.sqlite') } });
    const found = await truth.misfits(other);
    await other.close();
    return found;
  };
  /**
   * Waits until another process reads all of it: two sentinels may each have made a master, and until they agree, what
   * was acknowledged is written once more to whichever they tell.
   */
  const isWholeElsewhere = async (url: string): Promise<void> =>
    becomes(async () => (await misfitsElsewhere(url)).length === 0, 30_000);

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'vigie-faults-'));
    truth = new GroundTruth(20, START_MS);
  });
  afterEach(async () => {
    for (const end of ends.splice(0).toReversed()) await end();
    rmSync(folder, { recursive: true });
  });

  it('put goes on while Redis is killed; restarted empty, it is given everything again', async () => {
    const server = await startRedis();
    ends.push(() => server.stop());
    const states: RedisHealth[] = [];
    const store = await opened(server.url, { onHealth: (health) => states.push(health) });
    await truth.put(store, 30);
    await store.flush();
    await server.kill();
    await truth.put(store, 30);
    await store.flush();
    await expect(store.read([])).rejects.toMatchObject({ trouble: 'away' });
    expect(store.health).toMatchObject({ isUp: false, droppedSlots: 0 });
    expect(store.health.spillSlots).toBe(30 * 20);
    await truth.put(store, 30);
    await server.start();
    expect(await truth.misfitsOnceUp(store, 20_000)).toEqual([]);
    expect(store.health).toMatchObject({ isUp: true, spillSlots: 0, replacements: 1 });
    expect(states.map(({ isUp }) => isUp)).toEqual(expect.arrayContaining([true, false]));
    expect(states.at(-1)?.isUp).toBe(true);
    expect(await misfitsElsewhere(server.url)).toEqual([]);
  });

  it('a Redis that comes back empty is told what was judged, and facts, and entries of ledgers', async () => {
    const server = await startRedis();
    ends.push(() => server.stop());
    const store = await opened(server.url);
    const transitions = [up(START_MS), down(START_MS + 60_000, 'timeout')];
    const first = commitOf({ cursorMs: START_MS + 90_000, transitions });
    await store.commit([first, commitOf({ check: 'other', epoch: 3, cursorMs: START_MS })]);
    await store.setFact('judge.epoch', '3');
    const entry = { key: 'INC-1', atMs: START_MS, json: '{}' };
    await store.append('tickets', [entry]);
    const before = await store.judged(['dns', 'other']);
    await server.kill();
    await server.start();
    await becomes(async () => (await store.read([])).length === 0);
    const elsewhere = await opened(server.url, { spill: { path: join(folder, 'other.sqlite') } });
    expect(await elsewhere.judged(['dns', 'other'])).toEqual(before);
    expect(await elsewhere.getFact('judge.epoch')).toBe('3');
    expect(await elsewhere.entries('tickets', 0)).toEqual([{ ...entry, sequence: 1 }]);
    const next = commitOf({ expectedCursorMs: START_MS + 90_000, cursorMs: START_MS + 100_000 });
    expect(await store.commit([next])).toEqual(['committed']);
    expect((await elsewhere.judged(['dns']))[0]?.transitions).toEqual(transitions);
  });

  it('what was put with Redis away is merged by the next process', async () => {
    const server = await startRedis();
    ends.push(() => server.stop());
    await server.kill();
    const first = await opened(server.url);
    await truth.put(first, 50);
    await first.close();
    await server.start();
    const next = await opened(server.url);
    expect(await truth.misfits(next)).toEqual([]);
    expect(next.health.spillSlots).toBe(0);
  });

  it('SIGKILL of the primary with the replicas cut off: nothing acknowledged is lost', async () => {
    let link: CutProxy | undefined;
    const set = await startSentinelSet(async (port) => (link = await startCutProxy(port)).port);
    ends.push(
      () => set.stop(),
      async () => link?.close(),
    );
    const store = await opened(set.url);
    await truth.put(store, 20);
    await store.flush();
    link?.cut();
    await truth.put(store, 40);
    await store.flush();
    expect(store.health.spillSlots).toBe(0);
    const primary = await set.master();
    const held = await primary.with((client) => client.dbsize());
    await primary.kill();
    await truth.put(store, 20);
    await becomes(async () => (await set.master()) !== primary, 30_000);
    expect(held).toBeGreaterThan(0);
    expect(await truth.misfitsOnceUp(store, 30_000)).toEqual([]);
    await becomes(async () => Promise.resolve(store.health.replacements > 0));
    expect(await truth.misfitsOnceUp(store, 30_000)).toEqual([]);
    await isWholeElsewhere(set.url);
  }, 120_000);

  it('a forced failover under load loses nothing', async () => {
    const set = await startSentinelSet();
    ends.push(() => set.stop());
    const store = await opened(set.url);
    const loading = (async () => {
      for (let i = 0; i < 60; i++) {
        await truth.put(store, 1);
        await pause(50);
      }
    })();
    await pause(300);
    await set.failover();
    await loading;
    expect(await truth.misfitsOnceUp(store, 30_000)).toEqual([]);
    await becomes(async () => Promise.resolve(store.health.replacements > 0));
    expect(await truth.misfitsOnceUp(store, 30_000)).toEqual([]);
    await isWholeElsewhere(set.url);
  }, 120_000);

  it('READONLY: a primary that becomes a replica is written to no more, and again once it is promoted', async () => {
    const [server, other] = [await startRedis(), await startRedis()];
    ends.push(
      () => server.stop(),
      () => other.stop(),
    );
    const store = await opened(server.url);
    await truth.put(store, 10);
    await store.flush();
    await server.with((client) => client.replicaof('127.0.0.1', other.port));
    await becomes(async () => (await server.info('replication')).includes('master_link_status:up'));
    await truth.put(store, 10);
    await store.flush();
    expect(store.health).toMatchObject({ isUp: false, spillSlots: 10 * 20 });
    await server.with((client) => client.replicaof('NO', 'ONE'));
    expect(await truth.misfitsOnceUp(store, 20_000)).toEqual([]);
  });

  it('a master of the cluster that is killed and comes back empty is given what it held', async () => {
    const cluster = await startRedisCluster();
    ends.push(() => cluster.stop());
    const store = await opened(cluster.url);
    await truth.put(store, 30);
    await store.flush();
    const [node] = cluster.nodes;
    await node?.kill();
    await truth.put(store, 30);
    await store.flush();
    expect(store.health.isUp).toBe(false);
    await node?.start();
    expect(await truth.misfitsOnceUp(store, 30_000)).toEqual([]);
    expect(await misfitsElsewhere(cluster.url)).toEqual([]);
  });

  it('out of memory: slots wait until there is room', async () => {
    const server = await startRedis();
    ends.push(() => server.stop());
    const store = await opened(server.url);
    await truth.put(store, 10);
    await store.flush();
    await server.with((client) => client.config('SET', 'maxmemory', '1mb'));
    await truth.put(store, 10);
    await store.flush();
    expect(store.health).toMatchObject({ isUp: false, lastCode: 'OOM' });
    expect(store.health.spillSlots).toBe(10 * 20);
    await server.with((client) => client.config('SET', 'maxmemory', '0'));
    expect(await truth.misfitsOnceUp(store, 20_000)).toEqual([]);
  });

  it('a Redis that does not answer for longer than the deadline holds nobody up, and loses nothing', async () => {
    const server = await startRedis();
    ends.push(() => server.stop());
    const store = await opened(server.url);
    await truth.put(store, 5);
    await store.flush();
    await server.with((client) => client.call('CLIENT', 'PAUSE', 8_000, 'ALL'));
    const startedMs = performance.now();
    await truth.put(store, 5);
    expect(performance.now() - startedMs).toBeLessThan(500);
    await store.flush();
    expect(performance.now() - startedMs).toBeLessThan(7_000);
    expect(store.health).toMatchObject({ isUp: false, lastCode: 'TIMEOUT' });
    expect(await truth.misfitsOnceUp(store, 30_000)).toEqual([]);
  });

  it('a spill that cannot be written to leaves slots in memory, says so once, and loses nothing', async () => {
    const server = await startRedis();
    ends.push(() => server.stop());
    const troubles: string[] = [];
    const store = await opened(server.url, {
      spill: { path: '/dev/null/spill.sqlite' },
      onError: ({ trouble }) => troubles.push(trouble),
    });
    troubles.length = 0;
    await server.kill();
    for (let i = 0; i < 3; i++) {
      await truth.put(store, 5);
      await store.flush();
    }
    expect(store.health).toMatchObject({ isUp: false, spillSlots: 15 * 20, droppedSlots: 0 });
    await server.start();
    expect(await truth.misfitsOnceUp(store, 20_000)).toEqual([]);
    expect(troubles.length).toBeLessThanOrEqual(1);
  });
});
