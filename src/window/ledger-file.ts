import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { integer } from './sqlite-row.ts';
import { WindowStoreError } from './store-error.ts';

/** "vled" */
const APPLICATION_ID = 0x76_6c_65_64;
const VERSION = 1;

/** The triggers hold against whoever opens the file by hand, too: what was said stays said. */
const SCHEMA = `
  CREATE TABLE entry (
    ledger TEXT NOT NULL, sequence INTEGER NOT NULL, key TEXT NOT NULL, at_ms INTEGER NOT NULL,
    json TEXT NOT NULL, PRIMARY KEY (ledger, sequence), UNIQUE (ledger, key)
  ) STRICT, WITHOUT ROWID;
  CREATE TRIGGER entry_stays BEFORE UPDATE ON entry BEGIN SELECT RAISE(ABORT, 'a ledger is append-only'); END;
  CREATE TRIGGER entry_is_kept BEFORE DELETE ON entry BEGIN SELECT RAISE(ABORT, 'a ledger is append-only'); END;
  PRAGMA application_id = ${APPLICATION_ID};
  PRAGMA user_version = ${VERSION};
`;

/**
 * Opens the file of the books, and makes it when there is none. It is shared: no lock is held between transactions. In
 * WAL with `synchronous = FULL` a transaction outlives the power of the machine as soon as it is committed. Throws what
 * SQLite throws (SQLITE_BUSY while another process holds the file), or a WindowStoreError `foreign` or `newer`.
 */
export function openLedgerFile(path: string): DatabaseSync {
  mkdirSync(dirname(path), { recursive: true });
  const database = new DatabaseSync(path, { timeout: 0 });
  try {
    assertOurs(database, path);
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL');
    makeTables(database);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

/** Two processes may find the file new: the second one looks again once it has the lock. */
function makeTables(database: DatabaseSync): void {
  if (pragma(database, 'application_id') !== 0) return;
  database.exec('BEGIN IMMEDIATE');
  if (pragma(database, 'application_id') === 0) database.exec(SCHEMA);
  database.exec('COMMIT');
}

function assertOurs(database: DatabaseSync, path: string): void {
  const application = pragma(database, 'application_id');
  const tables = integer(database.prepare('SELECT count(*) AS count FROM sqlite_schema').get(), 'count');
  if (application !== APPLICATION_ID && (application !== 0 || tables > 0))
    throw new WindowStoreError('foreign', `${path} is a database of another program, not a ledger`);
  const version = pragma(database, 'user_version');
  if (version > VERSION) {
    const message = `ledger ${path} has version ${version}; this vigie knows up to ${VERSION}`;
    throw new WindowStoreError('newer', message);
  }
}

function pragma(database: DatabaseSync, name: 'application_id' | 'user_version'): number {
  return integer(database.prepare(`PRAGMA ${name}`).get(), name);
}
