import { randomUUID } from 'node:crypto';
import { systemClock } from '../../src/clock.ts';
import { parseRedisUrl } from '../../src/core/redis-address.ts';
import type { RedisAccess } from '../../src/window/redis-link.ts';
import { openRedisStore, type RedisStore, type RedisStoreOptions } from '../../src/window/redis.ts';
import type { OpenedStore } from '../contracts/window-subject.ts';

/** Access to a Redis by its URL. */
export function accessTo(url: string): RedisAccess {
  const address = parseRedisUrl(url);
  if (!address) throw new Error(`no Redis URL: ${url}`);
  return { address };
}

/** A store under a prefix of its own, so that tests share a server and nothing in it. */
export function openShared(url: string, options: Partial<RedisStoreOptions> = {}): Promise<RedisStore> {
  return openRedisStore({
    access: accessTo(url),
    prefix: `${randomUUID()}:`,
    clock: systemClock,
    ...options,
  });
}

/** A store for the contract; every reopening is another process as far as Redis can tell. */
export async function redisSubject(url: string): Promise<OpenedStore> {
  const prefix = `${randomUUID()}:`;
  let store = await openShared(url, { prefix });
  return {
    store,
    reopen: async () => {
      await store.close();
      store = await openShared(url, { prefix });
      return store;
    },
    dispose: () => store.close(),
  };
}
