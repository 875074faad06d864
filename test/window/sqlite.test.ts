import {
  cpSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import type { Observation } from '../../src/core/observation.ts';
import { openSqliteStore } from '../../src/window/sqlite.ts';
import type { WindowStoreError } from '../../src/window/store-error.ts';
import type { WindowStore } from '../../src/window/store.ts';
import { windowStoreContract } from '../contracts/window-store.ts';
import { FakeClock } from '../fake-clock.ts';
import { bitsOf } from './reference.ts';

const KEY = { check: 'dns', intervalMs: 10_000 };
const FIRST = Date.parse('2026-03-01T00:00:00Z') / 10_000;
const good = (slot: number, vantage = 'a'): Observation => ({ ...KEY, vantage, slot, outcome: 'good' });

let folder: string;
let path: string;
const stores: WindowStore[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'vigie-window-'));
  path = join(folder, 'data', 'windows.sqlite');
});
afterEach(async () => {
  for (const store of stores.splice(0)) await store.close().catch(() => {});
  rmSync(folder, { recursive: true });
});

async function opened(file = path, clock = new FakeClock()): Promise<WindowStore> {
  const store = await openSqliteStore({ path: file, clock });
  stores.push(store);
  return store;
}

async function seenSlots(store: WindowStore): Promise<readonly number[]> {
  const range = { ...KEY, fromSlot: FIRST - 100_000, toSlot: FIRST + 100_000 };
  const [answer] = await store.read([range]);
  return answer ? [...bitsOf(answer, range).keys()].map((place) => Number(place.split(' ')[0]) - FIRST) : [];
}

/** The files as a process that is killed now would leave them. */
function leftBehind(): string {
  const copy = join(folder, 'copy.sqlite');
  for (const suffix of ['', '-wal']) {
    rmSync(copy + suffix, { force: true });
    if (existsSync(path + suffix)) cpSync(path + suffix, copy + suffix);
  }
  return copy;
}

async function slotsLeftBehind(): Promise<readonly number[]> {
  const store = await openSqliteStore({ path: leftBehind(), clock: new FakeClock() });
  const slots = await seenSlots(store);
  await store.close();
  return slots;
}

windowStoreContract('sqlite', async () => {
  const own = mkdtempSync(join(tmpdir(), 'vigie-window-'));
  const file = join(own, 'windows.sqlite');
  let store = await openSqliteStore({ path: file, clock: systemClock });
  return {
    store,
    reopen: async () => {
      await store.close();
      store = await openSqliteStore({ path: file, clock: systemClock });
      return store;
    },
    dispose: async () => {
      await store.close();
      rmSync(own, { recursive: true });
    },
  };
});

describe('openSqliteStore', () => {
  it('makes the file and its folder', async () => {
    await opened();
    expect(statSync(path).isFile()).toBe(true);
  });

  it('refuses a file that is in use, names it, and takes it once it is free', async () => {
    const first = await opened();
    await first.put([good(FIRST)]);
    await expect(opened()).rejects.toMatchObject({
      trouble: 'locked',
      message: expect.stringContaining(path),
    });
    await first.close();
    expect(await seenSlots(await opened())).toEqual([0]);
  });

  it('refuses the file of a newer version, and leaves it as it is', async () => {
    await (await opened()).close();
    const database = new DatabaseSync(path);
    database.exec('PRAGMA user_version = 2');
    database.close();
    const before = readFileSync(path);
    await expect(opened()).rejects.toMatchObject({
      trouble: 'newer',
      message: expect.stringContaining(path),
    });
    expect(readFileSync(path).equals(before)).toBe(true);
  });

  it('refuses the database of another program, and leaves it as it is', async () => {
    const other = join(folder, 'other.sqlite');
    const database = new DatabaseSync(other);
    database.exec('CREATE TABLE theirs (x); INSERT INTO theirs VALUES (1)');
    database.close();
    const before = readFileSync(other);
    await expect(opened(other)).rejects.toMatchObject({
      trouble: 'foreign',
      message: expect.stringContaining(other),
    });
    expect(readFileSync(other).equals(before)).toBe(true);
  });

  it.each([
    ['of no sense', () => Buffer.alloc(10_000, 'no database')],
    ['cut to a part of a page', (file: Buffer) => file.subarray(0, 3_000)],
    [
      'with pages overwritten',
      (file: Buffer) => Buffer.concat([file.subarray(0, 4_096), Buffer.alloc(file.length - 4_096, 7)]),
    ],
  ])('refuses a file %s, and leaves it as it is', async (_, damage) => {
    const store = await opened();
    await store.put([good(FIRST)]);
    await store.close();
    const damaged = damage(readFileSync(path));
    writeFileSync(path, damaged);
    await expect(opened()).rejects.toMatchObject({
      trouble: 'corrupt',
      message: expect.stringContaining(path),
    });
    expect(readFileSync(path).equals(damaged)).toBe(true);
  });

  it('refuses an emptied file that still has its log, instead of deleting the log', async () => {
    const store = await opened();
    await store.put([good(FIRST)]);
    await store.flush();
    const copy = leftBehind();
    truncateSync(copy, 0);
    await expect(opened(copy)).rejects.toMatchObject({ trouble: 'corrupt' });
    expect(statSync(`${copy}-wal`).size).toBeGreaterThan(0);
  });

  it('refuses a path that cannot be a file', async () => {
    await expect(opened(folder)).rejects.toMatchObject({
      trouble: 'unwritable',
      message: expect.stringContaining(folder),
    });
  });

  it('breaks with a name when a page cannot be what was written', async () => {
    const store = await opened();
    await store.put([good(FIRST)]);
    await store.close();
    const database = new DatabaseSync(path);
    database.exec("UPDATE page SET body = x'0163'");
    database.close();
    const errors: WindowStoreError[] = [];
    const damaged = await openSqliteStore({
      path,
      clock: new FakeClock(),
      onError: (error) => errors.push(error),
    });
    stores.push(damaged);
    await expect(seenSlots(damaged)).rejects.toMatchObject({ trouble: 'corrupt' });
    expect(errors.map(({ trouble }) => trouble)).toEqual(['corrupt']);
    await expect(damaged.put([good(FIRST)])).rejects.toMatchObject({ trouble: 'corrupt' });
  });
});

describe('sqlite store, left behind by a process that ends now', () => {
  it('has what was put within 250 ms of the clock, without being asked', async () => {
    const clock = new FakeClock();
    const store = await opened(path, clock);
    await store.put([good(FIRST)]);
    await clock.advance(249);
    expect(await slotsLeftBehind()).toEqual([]);
    await clock.advance(1);
    await vi.waitFor(async () => expect(await slotsLeftBehind()).toEqual([0]), 5_000);
  });

  it('has everything that a flush returned from', async () => {
    const store = await opened();
    await store.put([good(FIRST), good(FIRST + 1)]);
    await store.flush();
    expect(await slotsLeftBehind()).toEqual([0, 1]);
  });

  it('opens with a log torn anywhere, and holds a beginning of what was put', async () => {
    const store = await opened();
    for (let i = 0; i < 12; i++) {
      await store.put([good(FIRST + i)]);
      await store.flush();
    }
    const size = statSync(`${path}-wal`).size;
    const counts: number[] = [];
    for (const part of [0, 0.3, 0.51, 0.7, 0.9, 0.999, 1]) {
      const copy = leftBehind();
      truncateSync(`${copy}-wal`, Math.floor(size * part));
      const torn = await opened(copy);
      const slots = await seenSlots(torn);
      await torn.close();
      expect(slots).toEqual(Array.from({ length: slots.length }, (_, i) => i));
      counts.push(slots.length);
    }
    expect(counts).toEqual(counts.toSorted((a, b) => a - b));
    expect(counts.at(-1)).toBe(12);
    expect(counts[0]).toBeLessThan(12);
  });

  it('folds the journal into pages every minute, and reads the same from them', async () => {
    const clock = new FakeClock();
    const store = await opened(path, clock);
    await store.put([good(FIRST), good(FIRST + 1)]);
    await clock.advance(60_000);
    const journalEntries = (): unknown => {
      const database = new DatabaseSync(leftBehind());
      const row = database.prepare('SELECT count(*) AS entries FROM journal').get();
      database.close();
      return row?.['entries'];
    };
    await vi.waitFor(async () => {
      expect(await slotsLeftBehind()).toEqual([0, 1]);
      expect(journalEntries()).toBe(0);
    }, 5_000);
    expect(await seenSlots(store)).toEqual([0, 1]);
  });
});
