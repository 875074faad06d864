import type { DatabaseSync } from 'node:sqlite';
import { parentPort, type MessagePort } from 'node:worker_threads';
import { firstKeptDay } from './latency-store.ts';
import { openDatabase, shrink, storeError } from './sqlite-file.ts';
import { Journal } from './sqlite-journal.ts';
import { pruneLatencies, readLatencies, writeLatencies } from './sqlite-latencies.ts';
import type { StoreReply, StoreRequest } from './sqlite-messages.ts';
import { pruneTables, readOpened, readPages, readTransitions, writeState } from './sqlite-tables.ts';
import { inTransaction } from './sqlite-transaction.ts';
import { WindowStoreError } from './store-error.ts';

/** 8 MB: what the journal of a busy minute may take. */
const KEPT_FREE_PAGES = 2_000;

interface OpenStore {
  readonly path: string;
  readonly database: DatabaseSync;
  readonly journal: Journal;
}

/** The thread that owns the file: no wait for a disk ever falls on the thread that probes. */
function serve(port: MessagePort): void {
  let store: OpenStore | undefined;
  port.on('message', (request: StoreRequest) => {
    const path = request.op === 'open' ? request.path : (store?.path ?? '');
    try {
      if (request.op === 'open') store = open(request.path);
      if (!store) throw new WindowStoreError('closed', 'window store asked before it was opened');
      port.postMessage(answer(store, request));
    } catch (error) {
      const { trouble, message } = storeError(error, path);
      port.postMessage({ op: 'failed', trouble, message } satisfies StoreReply);
    }
  });
}

function open(path: string): OpenStore {
  const database = openDatabase(path);
  try {
    const journal = new Journal(database);
    journal.recover();
    return { path, database, journal };
  } catch (error) {
    database.close();
    throw error;
  }
}

function answer({ database, journal }: OpenStore, request: StoreRequest): StoreReply {
  switch (request.op) {
    case 'open':
      return { op: 'open', opened: readOpened(database) };
    case 'append':
      append(database, journal, request);
      return { op: 'append' };
    case 'load':
      return {
        op: 'load',
        pages: readPages(database, request.series, request.fromPage, request.toPage),
      };
    case 'evidence':
      return {
        op: 'evidence',
        notes: journal.notes(request.series, request.fromSlot, request.toSlot),
      };
    case 'transitions':
      return {
        op: 'transitions',
        byCheck: request.checks.map((check) => readTransitions(database, check)),
      };
    case 'fold':
      return { op: 'fold', done: fold(database, journal) };
    case 'put-latencies':
      writeLatencies(database, request.days);
      return { op: 'put-latencies' };
    case 'read-latencies':
      return { op: 'read-latencies', days: readLatencies(database, request.range) };
    case 'prune':
      return { op: 'prune', dropped: prune(database, journal, request) };
    case 'close':
      journal.foldAll();
      shrink(database, 0);
      database.close();
      return { op: 'close' };
  }
}

function append(
  database: DatabaseSync,
  journal: Journal,
  { batch }: Extract<StoreRequest, { readonly op: 'append' }>,
): void {
  let taken = (): void => {};
  inTransaction(database, () => {
    for (const series of batch.series) journal.addSeries(series);
    if (batch.lines !== '') taken = journal.append(batch.lines);
    writeState(database, batch);
  });
  taken();
}

function fold(database: DatabaseSync, journal: Journal): boolean {
  if (!journal.fold()) return false;
  // Bounds what a loss of power costs: without it the log of a quiet store would stay unsynced for hours.
  database.exec('PRAGMA wal_checkpoint(PASSIVE)');
  shrink(database, KEPT_FREE_PAGES);
  return true;
}

function prune(
  database: DatabaseSync,
  journal: Journal,
  { slotsBeforeMs, transitionsBeforeMs }: Extract<StoreRequest, { readonly op: 'prune' }>,
): number {
  journal.foldAll();
  let dropped = 0;
  inTransaction(database, () => {
    dropped =
      pruneTables(database, slotsBeforeMs, transitionsBeforeMs) +
      pruneLatencies(database, firstKeptDay(transitionsBeforeMs));
  });
  return dropped;
}

if (parentPort) serve(parentPort);
