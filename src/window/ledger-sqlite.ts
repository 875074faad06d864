import type { DatabaseSync } from 'node:sqlite';
import { type Clock, sleep } from '../core/clock.ts';
import { openLedgerFile } from './ledger-file.ts';
import type { Ledger, LedgerEntry, LedgerName } from './ledger.ts';
import { integer, text } from './sqlite-row.ts';
import { inTransaction } from './sqlite-transaction.ts';
import { storeError } from './sqlite-file.ts';
import { WindowStoreError } from './store-error.ts';

/** Books with a handle of their own. */
export interface OpenLedger extends Ledger {
  /** Lets go of every handle. Later calls reject. */
  close(): Promise<void>;
}

/** What the embedded books need. */
export interface SqliteLedgerOptions {
  readonly path: string;
  readonly clock: Clock;
  /** How long to wait for another process that is writing, in milliseconds; 5 s unless told. */
  readonly patienceMs?: number;
}

const PATIENCE_MS = 5_000;
const RETRY_MS = 10;
const SQLITE_BUSY = 5;

/**
 * The books in a SQLite file of their own, which several processes may have open: the one that runs and those that
 * write into it from the command line. A writer is waited for without holding up the event loop.
 *
 * Rejects, and so does every method, with a {@link WindowStoreError}: `locked` when another process does not let go of
 * the file, `corrupt`, `foreign`, `newer`, `unwritable`, `closed`, `broken`.
 */
export async function openSqliteLedger(options: SqliteLedgerOptions): Promise<OpenLedger> {
  const { path } = options;
  const database = await patiently(options, () => openLedgerFile(path));
  const books = new SqliteBooks(database);
  let isOpen = true;
  const use = <T>(work: () => T): Promise<T> => {
    if (!isOpen) return Promise.reject(new WindowStoreError('closed', `ledger ${path} was closed`));
    return patiently(options, work);
  };
  return {
    append: (ledger, entries) => use(() => books.append(ledger, entries)),
    entries: (ledger, afterSequence) => use(() => books.entries(ledger, afterSequence)),
    close() {
      if (isOpen) database.close();
      isOpen = false;
      return Promise.resolve();
    },
  };
}

/** Does the work, which leaves nothing behind when it throws, again for as long as another process is in the way. */
async function patiently<T>({ path, clock, patienceMs }: SqliteLedgerOptions, work: () => T): Promise<T> {
  const untilMs = clock.monotonicMs() + (patienceMs ?? PATIENCE_MS);
  for (;;) {
    try {
      return work();
    } catch (error) {
      if (!isBusy(error) || clock.monotonicMs() >= untilMs) throw storeError(error, path, 'ledger');
    }
    await sleep(clock, RETRY_MS);
  }
}

function isBusy(error: unknown): boolean {
  if (typeof error !== 'object' || error === null || !('errcode' in error)) return false;
  return typeof error.errcode === 'number' && (error.errcode & 0xff) === SQLITE_BUSY;
}

class SqliteBooks {
  readonly #database: DatabaseSync;
  readonly #insert;
  readonly #last;
  readonly #after;

  constructor(database: DatabaseSync) {
    this.#database = database;
    this.#insert = database.prepare(
      'INSERT INTO entry (ledger, sequence, key, at_ms, json) VALUES (?, ?, ?, ?, ?) ON CONFLICT (ledger, key) DO NOTHING',
    );
    this.#last = database.prepare('SELECT coalesce(max(sequence), 0) AS last FROM entry WHERE ledger = ?');
    this.#after = database.prepare(
      'SELECT sequence, key, at_ms, json FROM entry WHERE ledger = ? AND sequence > ? ORDER BY sequence',
    );
  }

  append(ledger: LedgerName, entries: Parameters<Ledger['append']>[1]): readonly boolean[] {
    let written: boolean[] = [];
    inTransaction(this.#database, () => {
      let sequence = integer(this.#last.get(ledger), 'last');
      written = entries.map(({ key, atMs, json }) => {
        const isNew = this.#insert.run(ledger, sequence + 1, key, atMs, json).changes > 0;
        if (isNew) sequence++;
        return isNew;
      });
    });
    return written;
  }

  entries(ledger: LedgerName, afterSequence: number): readonly LedgerEntry[] {
    return this.#after.all(ledger, afterSequence).map((row) => ({
      sequence: integer(row, 'sequence'),
      key: text(row, 'key'),
      atMs: integer(row, 'at_ms'),
      json: text(row, 'json'),
    }));
  }
}
