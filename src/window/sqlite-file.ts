import { mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { DamagedBytes } from './bytes.ts';
import { accessTrouble } from './file-access.ts';
import { makeLatencyTable } from './sqlite-latencies.ts';
import { integer } from './sqlite-row.ts';
import { WindowStoreError, type StoreTrouble } from './store-error.ts';

const APPLICATION_ID = 0x76_69_67_69;
const VERSION = 1;

/**
 * Tables of version 1. The journal holds what was observed since the last fold, so that an observation costs one
 * line of one row; pages hold the rest. AUTOINCREMENT keeps a sequence number from naming two folds.
 */
const SCHEMA = `
  CREATE TABLE series (
    id INTEGER PRIMARY KEY, check_id TEXT NOT NULL, interval_ms INTEGER NOT NULL,
    first_slot INTEGER NOT NULL, last_slot INTEGER NOT NULL, UNIQUE (check_id, interval_ms)
  ) STRICT;
  CREATE TABLE journal (seq INTEGER PRIMARY KEY AUTOINCREMENT, lines TEXT NOT NULL) STRICT;
  CREATE TABLE page (
    series INTEGER NOT NULL, page INTEGER NOT NULL, vantage TEXT NOT NULL, body BLOB NOT NULL,
    PRIMARY KEY (series, page, vantage)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE evidence (
    series INTEGER NOT NULL, page INTEGER NOT NULL, seq INTEGER NOT NULL, notes BLOB NOT NULL,
    PRIMARY KEY (series, page, seq)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE judgement (
    check_id TEXT PRIMARY KEY, epoch INTEGER NOT NULL, cursor_ms INTEGER NOT NULL,
    expected_cursor_ms INTEGER
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE transition (
    check_id TEXT NOT NULL, at_ms INTEGER NOT NULL, state TEXT NOT NULL, causes TEXT NOT NULL,
    contested INTEGER NOT NULL, PRIMARY KEY (check_id, at_ms)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE late (check_id TEXT PRIMARY KEY, from_ms INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE fact (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
  PRAGMA application_id = ${APPLICATION_ID};
  PRAGMA user_version = ${VERSION};
`;

/**
 * Opens the file, and makes it when there is none. The exclusive lock is taken at once and held until the database
 * is closed or its process ends. In WAL with `synchronous = NORMAL` a transaction outlives the process as soon as
 * it is committed; the machine's power only once it is checkpointed, which loses nothing else.
 *
 * @throws {WindowStoreError} `locked`, `corrupt`, `foreign`, `newer` or `unwritable`, naming the path.
 */
export function openDatabase(path: string): DatabaseSync {
  let database: DatabaseSync | undefined;
  try {
    mkdirSync(dirname(path), { recursive: true });
    assertNotEmptied(path);
    database = new DatabaseSync(path, { timeout: 0 });
    // Before the first read of a new file, or never: lets the file shrink after a backlog.
    if (sizeOf(path) === 0) database.exec('PRAGMA auto_vacuum = INCREMENTAL');
    database.exec('PRAGMA locking_mode = EXCLUSIVE');
    assertOurs(database, path);
    database.exec(
      'PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA journal_size_limit = 8000000',
    );
    database.exec('BEGIN EXCLUSIVE');
    if (pragma(database, 'application_id') === 0) database.exec(SCHEMA);
    makeLatencyTable(database);
    // The file itself must say what it is, even if its log is lost.
    database.exec('COMMIT; PRAGMA wal_checkpoint(TRUNCATE)');
    return database;
  } catch (error) {
    database?.close();
    throw storeError(error, path);
  }
}

/**
 * Gives room that a backlog left behind back to the file system. Up to `keptPages` free pages (4 KiB) stay: the
 * journal soon takes them again.
 */
export function shrink(database: DatabaseSync, keptPages: number): void {
  const free = pragma(database, 'freelist_count') - keptPages;
  if (free > 0) database.exec(`PRAGMA incremental_vacuum(${free})`);
}

function assertNotEmptied(path: string): void {
  if (sizeOf(path) === 0 && sizeOf(`${path}-wal`) > 0) {
    // SQLite would take the file as new and delete its log.
    throw new WindowStoreError('corrupt', `window store ${path} is empty but has a log beside it`);
  }
}

function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}

function assertOurs(database: DatabaseSync, path: string): void {
  const application = pragma(database, 'application_id');
  const tables = integer(database.prepare('SELECT count(*) AS count FROM sqlite_schema').get(), 'count');
  if (application !== APPLICATION_ID && (application !== 0 || tables > 0)) {
    throw new WindowStoreError('foreign', `${path} is a database of another program, not a window store`);
  }
  const version = pragma(database, 'user_version');
  if (version > VERSION) {
    const message = `window store ${path} has version ${version}; this vigie knows up to ${VERSION}`;
    throw new WindowStoreError('newer', message);
  }
}

function pragma(database: DatabaseSync, name: 'application_id' | 'user_version' | 'freelist_count'): number {
  return integer(database.prepare(`PRAGMA ${name}`).get(), name);
}

/** What SQLite's primary result codes (https://sqlite.org/rescode.html) mean for the store. */
const TROUBLES: Readonly<Record<number, readonly [trouble: StoreTrouble, what: string]>> = {
  3: ['unwritable', 'may not be opened (permissions)'],
  5: ['locked', 'is in use by another process (does a vigie run with the same dataDir?)'],
  6: ['locked', 'is in use'],
  8: ['unwritable', 'is read-only'],
  10: ['unwritable', 'cannot be read or written (input/output error)'],
  11: ['corrupt', 'is corrupt'],
  13: ['unwritable', 'cannot grow: no space left'],
  14: ['unwritable', 'cannot be opened'],
  26: ['corrupt', 'is corrupt: not a database'],
};

/** Any failure around a store as one with a name; the message names the file, and what kind of `store` it is. */
export function storeError(error: unknown, path: string, store = 'window store'): WindowStoreError {
  if (error instanceof WindowStoreError) return error;
  if (error instanceof DamagedBytes) {
    return new WindowStoreError('corrupt', `${store} ${path} is corrupt: ${error.message}`, {
      cause: error,
    });
  }
  const [trouble, what] = TROUBLES[primaryCode(error)] ??
    (isSystemError(error) ? TROUBLES[14] : undefined) ?? ['broken', 'failed'];
  const blocked = trouble === 'unwritable' ? accessTrouble(path) : undefined;
  if (blocked !== undefined)
    return new WindowStoreError(trouble, `${store} ${path} ${what}: ${blocked}`, { cause: error });
  return new WindowStoreError(trouble, `${store} ${path} ${what}: ${String(error)}`, { cause: error });
}

function primaryCode(error: unknown): number {
  const has = typeof error === 'object' && error !== null && 'errcode' in error;
  return has && typeof error.errcode === 'number' ? error.errcode & 0xff : -1;
}

function isSystemError(error: unknown): boolean {
  return error instanceof Error && 'syscall' in error;
}
