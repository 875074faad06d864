import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RedisHealth } from '../../src/window/redis-health.ts';
import type { RedisStore, RedisStoreOptions } from '../../src/window/redis.ts';
import { mountMemory } from '../servers/loop-disk.ts';
import { findProgram } from '../servers/packages.ts';
import { becomes, type RedisServer, startRedis } from '../servers/redis.ts';
import { GroundTruth } from './redis-ground-truth.ts';
import { openShared } from './redis-subject.ts';

const PREFIX = 'disk:';
const CHECKS = 20;
const START_MS = Date.parse('2026-03-01T12:00:00Z');

/** A file system of so many bytes, filled up and given room again by hand. */
interface SmallDisk {
  readonly folder: string;
  fill(): void;
  makeRoom(): void;
  remove(): void;
}

function smallDisk(kilobytes: number): SmallDisk {
  const { folder, remove } = mountMemory('tmpfs', `size=${kilobytes}k`);
  const ballast = join(folder, 'ballast');
  return {
    folder,
    remove,
    fill() {
      for (let bytes = kilobytes * 1_024; bytes >= 4_096; bytes -= 4_096) {
        try {
          writeFileSync(ballast, Buffer.alloc(bytes));
          return;
        } catch {
          // Less then.
        }
      }
    },
    makeRoom: () => rmSync(ballast),
  };
}

function canMount(): boolean {
  if (process.getuid?.() !== 0) return false;
  try {
    smallDisk(64).remove();
    return true;
  } catch {
    return false;
  }
}

describe.skipIf(!findProgram('redis-server') || !canMount())(
  'shared windows and a full disk (needs redis-server, and the right to mount)',
  () => {
    let disk: SmallDisk;
    let folder: string;
    let truth: GroundTruth;
    const servers: RedisServer[] = [];
    const stores: RedisStore[] = [];
    const states: RedisHealth[] = [];
    const troubles: string[] = [];
    const open = async (url: string, options: Partial<RedisStoreOptions> = {}): Promise<RedisStore> => {
      const store = await openShared(url, {
        prefix: PREFIX,
        spill: { path: join(folder, `spill-${stores.length}.sqlite`) },
        onHealth: (health) => states.push(health),
        onError: ({ trouble }) => troubles.push(trouble),
        ...options,
      });
      stores.push(store);
      return store;
    };
    const server = async (args: readonly string[] = []): Promise<RedisServer> => {
      const started = await startRedis(args);
      servers.push(started);
      return started;
    };

    beforeEach(() => {
      disk = smallDisk(512);
      folder = mkdtempSync(join(tmpdir(), 'vigie-full-'));
      truth = new GroundTruth(CHECKS, START_MS);
    });
    afterEach(async () => {
      await Promise.all(stores.splice(0).map((store) => store.close()));
      await Promise.all(servers.splice(0).map((one) => one.stop()));
      states.length = 0;
      troubles.length = 0;
      disk.remove();
      rmSync(folder, { recursive: true });
    });

    it('a spill that has filled its disk: slots wait in memory, it is said once, and none is lost', async () => {
      const redis = await server();
      const path = join(disk.folder, 'spill.sqlite');
      await redis.kill();
      const store = await open(redis.url, { spill: { path } });
      await truth.put(store, 20);
      await store.flush();
      expect(troubles).toEqual([]);
      disk.fill();
      for (let i = 0; i < 30; i++) {
        await truth.put(store, 10);
        await store.flush();
      }
      expect(troubles).toEqual(['unwritable']);
      expect(store.health).toMatchObject({ isUp: false, spillSlots: 320 * CHECKS, droppedSlots: 0 });
      disk.makeRoom();
      await truth.put(store, 1);
      await store.flush();
      // What had waited in memory is in the file: another process finds it there.
      await store.close();
      stores.splice(0);
      const heir = await open(redis.url, { spill: { path } });
      expect(heir.health.spillSlots).toBe(321 * CHECKS);
      await redis.start();
      expect(await truth.misfitsOnceUp(heir, 20_000)).toEqual([]);
      expect(heir.health).toMatchObject({ spillSlots: 0, droppedSlots: 0 });
      expect(troubles).toEqual(['unwritable']);
    }, 60_000);

    /** Fills the disk of a Redis and puts slots until it refuses them; before, they are in its memory alone. */
    const fillUntilNoticed = async (store: RedisStore): Promise<void> => {
      disk.fill();
      await becomes(async () => {
        await truth.put(store, 5);
        await store.flush();
        return store.health.lastCode === 'MISCONF';
      }, 20_000);
    };

    it.each(['everysec', 'no'])(
      'a Redis whose disk is full (MISCONF, appendfsync %s): slots wait, it is said, and none is lost once there is room',
      async (sync) => {
        const args = ['--appendonly', 'yes', '--appendfsync', sync, '--dir', disk.folder];
        const redis = await server(args);
        const store = await open(redis.url);
        await truth.put(store, 10);
        await store.flush();
        await fillUntilNoticed(store);
        expect(store.health.isUp).toBe(false);
        await truth.put(store, 30);
        await store.flush();
        expect(store.health.spillSlots).toBeGreaterThanOrEqual(30 * CHECKS);
        await expect(store.read([])).rejects.toMatchObject({ trouble: 'away' });
        expect(states.at(-1)).toMatchObject({ isUp: false, lastCode: 'MISCONF' });
        disk.makeRoom();
        expect(await truth.misfitsOnceUp(store, 20_000)).toEqual([]);
        expect(store.health).toMatchObject({ isUp: true, spillSlots: 0, droppedSlots: 0 });
        // And the file holds it, too.
        await redis.kill();
        await redis.start();
        const other = await open(redis.url);
        expect(await truth.misfitsOnceUp(other, 20_000)).toEqual([]);
      },
      60_000,
    );

    it('a Redis that is killed with its disk full has forgotten what it took last, and is given it again', async () => {
      const redis = await server(['--appendonly', 'yes', '--appendfsync', 'everysec', '--dir', disk.folder]);
      const store = await open(redis.url);
      await truth.put(store, 10);
      await store.flush();
      await fillUntilNoticed(store);
      await redis.kill();
      disk.makeRoom();
      await redis.start();
      expect(await truth.misfitsOnceUp(store, 20_000)).toEqual([]);
      expect(store.health).toMatchObject({ spillSlots: 0, replacements: 1 });
    }, 60_000);
  },
);
