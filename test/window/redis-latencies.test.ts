import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RedisStore } from '../../src/window/redis.ts';
import { latencyContract, latencyDay } from '../contracts/latencies.ts';
import { good } from '../contracts/window-samples.ts';
import { findProgram } from '../servers/packages.ts';
import { type RedisServer, startRedis } from '../servers/redis.ts';
import { openShared } from './redis-subject.ts';

describe.skipIf(!findProgram('redis-server'))('latencies in Redis (needs redis-server)', () => {
  let server: RedisServer;
  beforeAll(async () => {
    server = await startRedis();
  });
  afterAll(() => server.stop());

  latencyContract('redis', () => {
    const prefix = `${randomUUID()}:`;
    const handles: RedisStore[] = [];
    const opened = async (): Promise<RedisStore> => {
      const handle = await openShared(server.url, { prefix });
      handles.push(handle);
      return handle;
    };
    const closeAll = async (): Promise<void> => {
      await Promise.all(handles.splice(0).map((handle) => handle.close()));
    };
    return Promise.resolve({
      open: async () => (await opened()).latencies,
      async reopen() {
        await closeAll();
        return (await opened()).latencies;
      },
      async prune(beforeMs) {
        const store = await opened();
        // Of checks that were ever put, as those with latencies were.
        await store.put([good(1), good(1, 'b', { check: 'web', intervalMs: 10_000 })]);
        return store.prune(beforeMs, { slotsMs: 0, transitionsMs: 0 });
      },
      dispose: closeAll,
    });
  });

  it('a hash per check and month, under the hash tag of the check, a field per day and vantage', async () => {
    const prefix = `${randomUUID()}:`;
    const store = await openShared(server.url, { prefix });
    const day = Date.parse('2026-03-31T00:00:00Z') / 86_400_000;
    await store.latencies.put([latencyDay(day), latencyDay(day + 1), latencyDay(day, 'x', { vantage: 'é' })]);
    await store.close();
    await server.with(async (client) => {
      expect((await client.keys(`${prefix}*`)).sort()).toEqual([
        `${prefix}lat:{dns}:202603`,
        `${prefix}lat:{dns}:202604`,
      ]);
      expect((await client.hkeys(`${prefix}lat:{dns}:202603`)).sort()).toEqual([`${day}.a`, `${day}.é`]);
    });
  });

  it('with Redis away put and read reject with away, and slots go on', async () => {
    const own = await startRedis();
    const store = await openShared(own.url, {});
    await own.kill();
    await store.put([good(1)]);
    await expect(store.latencies.put([latencyDay(1)])).rejects.toMatchObject({ trouble: 'away' });
    await expect(store.latencies.read({ checks: ['dns'], fromDay: 0, toDay: 2 })).rejects.toMatchObject({
      trouble: 'away',
    });
    await store.flush();
    expect(store.health.spillSlots).toBe(1);
    await own.start();
    await expect.poll(() => store.health.isUp, { timeout: 20_000 }).toBe(true);
    await store.latencies.put([latencyDay(1)]);
    expect(await store.latencies.read({ checks: ['dns'], fromDay: 0, toDay: 2 })).toHaveLength(1);
    await store.close();
    await own.stop();
  });
});
