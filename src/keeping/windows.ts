import { access, constants, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Config } from '../config/config.ts';
import type { Clock } from '../core/clock.ts';
import { parseRedisUrl, REDIS_URL_EXPECTED } from '../core/redis-address.ts';
import type { RedisHealth } from '../window/redis-health.ts';
import type { RedisAccess } from '../window/redis-link.ts';
import type { LatencyStore } from '../window/latency-store.ts';
import { folderTrouble } from '../window/file-access.ts';
import type { RedisStore } from '../window/redis.ts';
import { openSqliteStore } from '../window/sqlite.ts';
import { WindowStoreError } from '../window/store-error.ts';
import type { WindowStore } from '../window/store.ts';

/** What the windows are opened with. */
export interface WindowsOptions {
  readonly clock: Clock;
  /** Told of trouble that no caller waits for. */
  readonly onError: (error: WindowStoreError) => void;
  /** Told whenever shared windows go away or come back. */
  readonly onHealth: (health: RedisHealth) => void;
}

/** The windows of a configuration. */
export interface OpenedWindows {
  readonly store: WindowStore;
  /** The same store, where it is shared. */
  readonly shared?: RedisStore;
  /** Beside the windows, where they are. */
  readonly latencies: LatencyStore;
}

/**
 * Opens the windows that a configuration asks for: shared ones in Redis, with a spill in `dataDir`, or embedded ones in
 * `dataDir`, which is made where there is none. @throws {WindowStoreError} when it cannot be written to, or the embedded
 * ones cannot be opened; shared ones always can.
 */
export async function openWindows(config: Config, options: WindowsOptions): Promise<OpenedWindows> {
  const { clock, onError, onHealth } = options;
  await makeFolder(config.dataDir);
  const redis = redisAccess(config);
  if (!redis) {
    const path = join(config.dataDir, 'windows.sqlite');
    const store = await openSqliteStore({ path, clock, onError });
    return { store, latencies: store.latencies };
  }
  const { openRedisStore } = await import('../window/redis.ts');
  const shared = await openRedisStore({
    access: redis,
    ...(config.windowAccess?.prefix === undefined ? {} : { prefix: config.windowAccess.prefix }),
    clock,
    spill: { path: join(config.dataDir, 'spill.sqlite') },
    onError,
    onHealth,
  });
  return { store: shared, shared, latencies: shared.latencies };
}

/** How the shared windows of a configuration are reached; undefined when they are embedded. */
export function redisAccess({ windowUrl, windowAccess }: Config): RedisAccess | undefined {
  if (windowUrl === undefined) return undefined;
  const address = parseRedisUrl(windowUrl);
  if (!address) throw new WindowStoreError('broken', `window.url is not ${REDIS_URL_EXPECTED}`);
  const { username, password, sentinelPassword, ca } = windowAccess ?? {};
  return {
    address,
    ...(username === undefined ? {} : { username }),
    ...(password && { password: password.reveal() }),
    ...(sentinelPassword && { sentinelPassword: sentinelPassword.reveal() }),
    ...(ca && { ca: ca.reveal() }),
  };
}

/** Throws a WindowStoreError that names the folder and what the system says. */
async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true });
    await access(path, constants.W_OK);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    const why = folderTrouble(path);
    const message = `dataDir ${path} cannot be written to (${code})${why === undefined ? '' : `: ${why}`}`;
    throw new WindowStoreError('unwritable', message, { cause: error });
  }
}
