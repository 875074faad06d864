import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import type { Observation } from '../../src/core/observation.ts';
import { openSqliteStore } from '../../src/window/sqlite.ts';
import { FakeClock } from '../fake-clock.ts';

const KEY = { check: 'dns', intervalMs: 10_000 };
const FIRST = 177_000_000;
const PUTS = 300;

const mount = (...args: string[]): boolean => spawnSync('mount', ['-t', 'tmpfs', ...args]).status === 0;

const unmount = (folder: string): void => {
  spawnSync('umount', [folder]);
  rmdirSync(folder);
};

function smallDisk(): string | undefined {
  const folder = mkdtempSync(join(tmpdir(), 'vigie-disk-'));
  if (mount('-o', 'size=1m', 'vigie-test', folder)) return folder;
  rmdirSync(folder);
  return undefined;
}

function canMount(): boolean {
  const folder = smallDisk();
  if (folder !== undefined) unmount(folder);
  return folder !== undefined;
}

/** A bad observation whose evidence is too long to be packed. */
function bulky(slot: number): Observation {
  const noise = Array.from({ length: 400 }, () => Math.random().toString(36).slice(2)).join('');
  return { ...KEY, vantage: 'a', slot, outcome: 'bad', cause: 'status', evidence: { noise } };
}

describe.skipIf(!canMount())('sqlite store on a full disk (needs the right to mount)', () => {
  it('says so once, goes on in memory, and loses nothing when there is room again', async () => {
    const folder = smallDisk() ?? '';
    const path = join(folder, 'windows.sqlite');
    const clock = new FakeClock();
    const troubles: string[] = [];
    const onError = ({ trouble }: { readonly trouble: string }): number => troubles.push(trouble);
    try {
      let store = await openSqliteStore({ path, clock, onError });
      for (let i = 0; i < PUTS; i++) await store.put([bulky(FIRST + i)]);
      await clock.advance(250);
      await vi.waitFor(() => expect(troubles).toEqual(['unwritable']), 5_000);
      await clock.advance(1_000);
      await expect(store.flush()).rejects.toMatchObject({ trouble: 'unwritable' });
      const range = { ...KEY, fromSlot: FIRST, toSlot: FIRST + PUTS };
      const [answer] = await store.read([range]);
      expect(answer?.causesAt(FIRST + PUTS - 1)).toEqual(['status']);
      expect(troubles).toEqual(['unwritable']);
      expect(mount('-o', 'remount,size=32m', 'vigie-test', folder)).toBe(true);
      await store.flush();
      await store.close();
      store = await openSqliteStore({ path, clock, onError });
      expect((await store.marks(range)).filter(({ evidence }) => evidence)).toHaveLength(PUTS);
      await store.close();
    } finally {
      unmount(folder);
    }
  });
});
