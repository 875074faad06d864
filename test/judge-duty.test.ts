import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../src/clock.ts';
import { clusterLease } from '../src/live/cluster-lease.ts';
import { createLog } from '../src/export/log.ts';
import { JudgeDuty } from '../src/live/judge-duty.ts';
import type { LeaderLock } from '../src/leader/leader-lock.ts';
import { sharedLock } from '../src/leader/shared-lock.ts';
import { memoryStore } from '../src/window/memory.ts';
import type { RedisStore } from '../src/window/redis.ts';
import { configWith } from './config/config-with.ts';
import { judgedCheck } from './judge/make-judge.ts';
import { type KubernetesApiDouble, startKubernetesApi } from './servers/kubernetes-api.ts';
import { findProgram } from './servers/packages.ts';
import { becomes, type RedisServer, startRedis } from './servers/redis.ts';
import { openShared } from './window/redis-subject.ts';

const T = 1_000;
const LOG = createLog({ clock: systemClock, level: 'silent', format: 'json' });

const CONFIG = configWith({ checks: [judgedCheck({ id: 'c', intervalMs: T, timeoutMs: 500 })] });

interface Watched {
  readonly duty: JudgeDuty;
  readonly changes: boolean[];
  readonly failures: unknown[];
}

function watched(store: RedisStore | undefined, lock?: LeaderLock): Watched {
  const changes: boolean[] = [];
  const failures: unknown[] = [];
  const duty = new JudgeDuty(
    {
      clock: systemClock,
      store: store ?? memoryStore(),
      shared: store && lock && { windows: store, lock },
      log: LOG,
      declared: () => [],
      breathe: () => Promise.resolve(),
      onVerdicts: () => undefined,
      onFailure: (error) => failures.push(error),
      onCommit: () => undefined,
      onLeading: (leads) => changes.push(leads),
    },
    CONFIG,
  );
  return { duty, changes, failures };
}

describe('JudgeDuty alone', () => {
  it('always leads, in a term of its own at every start', async () => {
    const { duty, changes } = watched(undefined);
    await duty.start();
    expect([duty.leads, duty.epoch, changes]).toEqual([true, 1, [true]]);
    expect(duty.loop).toBeDefined();
    await duty.stop();
  });
});

describe.skipIf(!findProgram('redis-server'))('JudgeDuty on shared windows (needs redis-server)', () => {
  let server: RedisServer;
  let prefix: string;
  const ends: (() => Promise<void>)[] = [];

  beforeAll(async () => {
    server = await startRedis();
  });
  afterAll(() => server.stop());
  beforeEach(() => {
    prefix = `${randomUUID()}:`;
  });
  afterEach(async () => {
    for (const end of ends.splice(0).toReversed()) await end();
  });

  const opened = async (): Promise<RedisStore> => {
    const store = await openShared(server.url, { prefix });
    ends.push(() => store.close());
    return store;
  };
  const started = async (store: RedisStore, lock: LeaderLock): Promise<Watched> => {
    const judge = watched(store, lock);
    ends.push(() => judge.duty.stop());
    await judge.duty.start();
    return judge;
  };
  const byLock = async (name: string): Promise<Watched> => {
    const store = await opened();
    return started(store, sharedLock(store, 'judge', name));
  };

  it('of two one leads; when it stops, the other does, in a later term', async () => {
    const [first, second] = [await byLock('a'), await byLock('b')];
    expect([first.duty.leads, second.duty.leads]).toEqual([true, false]);
    expect([first.duty.epoch, second.duty.epoch]).toEqual([1, undefined]);
    await first.duty.stop();
    await becomes(() => Promise.resolve(second.duty.epoch === 2 && second.changes.length === 2), 15_000);
    expect(second.changes).toEqual([false, true]);
    expect([first.failures, second.failures]).toEqual([[], []]);
  });

  it('takes a term above all that are stored, even where the count of terms was lost', async () => {
    const store = await opened();
    const commit = {
      check: 'c',
      epoch: 41,
      expectedCursorMs: null,
      cursorMs: T,
      replaceFromMs: 0,
      transitions: [],
    };
    expect(await store.commit([commit])).toEqual(['committed']);
    const { duty } = await byLock('a');
    expect(duty.epoch).toBe(42);
  });

  it('one that is refused while it holds the lock begins a later term', async () => {
    const probes = await opened();
    const { duty, changes } = await byLock('a');
    const put = async (slot: number, outcome: 'good' | 'bad'): Promise<void> => {
      const cause = outcome === 'bad' ? { cause: 'timeout' as const } : {};
      await probes.put([{ check: 'c', intervalMs: T, vantage: 'a', slot, outcome, ...cause }]);
      await probes.flush();
    };
    await put(Math.floor(Date.now() / T) - 5, 'good');
    await becomes(async () => (await probes.heads(['c']))[0]?.epoch === 1);
    const usurp = async (): Promise<boolean> => {
      const cursorMs = (await probes.heads(['c']))[0]?.cursorMs ?? 0;
      const none = { expectedCursorMs: cursorMs, cursorMs, replaceFromMs: cursorMs, transitions: [] };
      return (await probes.commit([{ check: 'c', epoch: 7, ...none }]))[0] === 'committed';
    };
    await becomes(usurp);
    await put(Math.floor(Date.now() / T), 'bad');
    await becomes(() => Promise.resolve(duty.epoch === 8), 20_000);
    expect(changes.at(-1)).toBe(true);
  }, 60_000);

  describe('with the Lease of a cluster', () => {
    let api: KubernetesApiDouble;
    beforeEach(async () => {
      api = await startKubernetesApi();
    });
    afterEach(async () => {
      for (const end of ends.splice(0).toReversed()) await end();
      await api.close();
    });

    const byLease = async (name: string): Promise<Watched> => {
      const lease = clusterLease(api.env, {
        clock: systemClock,
        log: LOG,
        serviceAccount: api.serviceAccount,
      });
      if (!lease) throw new Error('the environment names a Lease');
      ends.push(lease.close);
      return started(await opened(), lease.lock(name));
    };

    it('of two one leads; a Lease that was made anew changes the leader at most, and terms still grow', async () => {
      const [first, second] = [await byLease('a'), await byLease('b')];
      expect([first.duty.epoch, second.duty.epoch]).toEqual([1, undefined]);
      api.recreate();
      await becomes(() => Promise.resolve(api.lease()?.spec?.['holderIdentity'] !== undefined), 15_000);
      await becomes(() => Promise.resolve(first.duty.leads !== second.duty.leads), 10_000);
      const leader = first.duty.leads ? first : second;
      await becomes(() => Promise.resolve(leader.duty.epoch !== undefined), 15_000);
      const epoch = leader.duty.epoch ?? 0;
      await leader.duty.stop();
      const other = leader === first ? second : first;
      await becomes(() => Promise.resolve((other.duty.epoch ?? 0) > epoch), 15_000);
    }, 60_000);

    it('steps down when the API was silent for 10 s', async () => {
      const { duty, changes } = await byLease('a');
      api.silent = true;
      await becomes(() => Promise.resolve(changes.at(-1) === false), 20_000);
      expect([duty.leads, duty.epoch]).toEqual([false, undefined]);
      api.silent = false;
      await becomes(() => Promise.resolve(duty.epoch === 2), 10_000);
    }, 60_000);
  });
});
