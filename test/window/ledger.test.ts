import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import { memoryLedger } from '../../src/window/ledger-memory.ts';
import { openSqliteLedger, type OpenLedger } from '../../src/window/ledger-sqlite.ts';
import type { Ledger } from '../../src/window/ledger.ts';
import { ledgerContract } from '../contracts/ledger.ts';
import { FakeClock } from '../fake-clock.ts';

ledgerContract('in memory', () => {
  const books = memoryLedger();
  return Promise.resolve({ open: () => Promise.resolve(handleOn(books)), dispose: () => Promise.resolve() });
});

/** The books in memory have nothing to close; the contract speaks of handles. */
function handleOn(books: Ledger): Ledger & { close(): Promise<void> } {
  let isOpen = true;
  const use = <T>(work: () => Promise<T>): Promise<T> =>
    isOpen ? work() : Promise.reject(new Error('closed'));
  return {
    append: (...about) => use(() => books.append(...about)),
    entries: (...about) => use(() => books.entries(...about)),
    close: () => Promise.resolve(void (isOpen = false)),
  };
}

ledgerContract('SQLite', () => {
  const folder = mkdtempSync(join(tmpdir(), 'vigie-ledger-'));
  const target = join(folder, 'data', 'ledger.db');
  const handles: OpenLedger[] = [];
  return Promise.resolve({
    async open() {
      const handle = await openSqliteLedger({ path: target, clock: systemClock });
      handles.push(handle);
      return handle;
    },
    elsewhere: { module: join(import.meta.dirname, 'sqlite-ledger-opener.ts'), target },
    async dispose() {
      await Promise.all(handles.map((handle) => handle.close()));
      rmSync(folder, { recursive: true });
    },
  });
});

describe('openSqliteLedger', () => {
  let folder = '';
  let path = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'vigie-ledger-'));
    path = join(folder, 'ledger.db');
  });
  afterEach(() => rmSync(folder, { recursive: true }));
  const open = () => openSqliteLedger({ path, clock: systemClock });

  it('waits for another writer by the clock, without holding up the loop, and then writes', async () => {
    const clock = new FakeClock();
    const ledger = await openSqliteLedger({ path, clock });
    const other = new DatabaseSync(path);
    other.exec('BEGIN IMMEDIATE');
    let isDone = false;
    const appending = ledger.append('audit', [{ key: 'a', atMs: 1, json: '{}' }]);
    void appending.then(() => (isDone = true));
    await clock.advance(4_000);
    expect(isDone).toBe(false);
    other.exec('COMMIT');
    other.close();
    await clock.advance(20);
    expect(await appending).toEqual([true]);
    await ledger.close();
  });

  it('locked: gives up after its patience, and reads all the same', async () => {
    const clock = new FakeClock();
    const ledger = await openSqliteLedger({ path, clock, patienceMs: 1_000 });
    await ledger.append('audit', [{ key: 'a', atMs: 1, json: '{}' }]);
    const other = new DatabaseSync(path);
    other.exec('BEGIN IMMEDIATE');
    const appending = ledger.append('audit', [{ key: 'b', atMs: 1, json: '{}' }]);
    const refused = appending.catch((error: unknown) => error);
    expect(await ledger.entries('audit', 0)).toHaveLength(1);
    await clock.advance(1_100);
    expect(await refused).toMatchObject({ trouble: 'locked' });
    other.close();
    await ledger.close();
  });

  it('what was said cannot be changed or dropped, not even by hand', async () => {
    const ledger = await open();
    await ledger.append('audit', [{ key: 'a', atMs: 1, json: '{}' }]);
    const other = new DatabaseSync(path);
    expect(() => other.exec("UPDATE entry SET json = 'x'")).toThrow('append-only');
    expect(() => other.exec('DELETE FROM entry')).toThrow('append-only');
    other.close();
    await ledger.close();
  });

  it('corrupt, foreign, newer: says which, and of what file', async () => {
    writeFileSync(
      path,
      'no database at all, but long enough to be taken for a header of one, or nearly so ....',
    );
    await expect(open()).rejects.toMatchObject({
      trouble: 'corrupt',
      message: expect.stringContaining(path),
    });
    rmSync(path);
    const other = new DatabaseSync(path);
    other.exec('CREATE TABLE t (x)');
    await expect(open()).rejects.toMatchObject({ trouble: 'foreign' });
    other.exec('DROP TABLE t; PRAGMA application_id = 0x766c6564; PRAGMA user_version = 99');
    other.close();
    await expect(open()).rejects.toMatchObject({ trouble: 'newer' });
  });

  it('unwritable: names the path', async () => {
    path = '/dev/null/ledger.db';
    await expect(open()).rejects.toMatchObject({
      trouble: 'unwritable',
      message: expect.stringContaining(path),
    });
  });
});
