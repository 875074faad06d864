import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { DamagedBytes } from './bytes.ts';
import { SlotRuns, type SlotRun, slotsOf } from './slot-run.ts';
import { formatRuns, parseRuns } from './spill-line.ts';
import { storeError } from './sqlite-file.ts';
import { integer, text } from './sqlite-row.ts';
import { inTransaction } from './sqlite-transaction.ts';
import { WindowStoreError } from './store-error.ts';

const APPLICATION_ID = 0x76_69_67_73;
const SCHEMA = `
  CREATE TABLE batch (
    id INTEGER PRIMARY KEY AUTOINCREMENT, is_good INTEGER NOT NULL, at_ms INTEGER NOT NULL,
    slots INTEGER NOT NULL, merged_ms INTEGER, body TEXT NOT NULL
  ) STRICT;
  CREATE INDEX by_state ON batch (merged_ms, is_good, id);
  PRAGMA application_id = ${APPLICATION_ID};
`;
const DAY_MS = 86_400_000;
/** So many batches of a quarter second are put together again, up to so many runs. */
const BATCHES_A_FOLD = 240;
const RUNS_A_FOLD = 20_000;

/** How much a spill may hold. */
export interface SpillLimits {
  /** Characters of slots; about 10 a slot that is alone, next to none for one of a quiet hour. */
  readonly characters: number;
  readonly ageMs: number;
}

/** 256 MB and seven days. */
export const SPILL_LIMITS: SpillLimits = { characters: 256_000_000, ageMs: 7 * DAY_MS };

/** Slots taken from a spill. */
export interface SpilledBatch {
  readonly id: number;
  readonly runs: readonly SlotRun[];
}

/**
 * Slots that wait in a file of this process for the shared windows to come back. What was appended outlives the
 * process being killed. Past its limits the oldest good slots go first, then the oldest of the others; how many is told.
 * Every method throws a {@link WindowStoreError} when the file cannot be used.
 */
export class Spill {
  readonly #path: string;
  readonly #limits: SpillLimits;
  readonly #database: DatabaseSync;
  #slots = 0;
  #characters = 0;
  #dropped = 0;
  /** The last batches, which may still be put together: good and not. */
  #folding = { batches: 0, afterId: 0, good: new SlotRuns(), marked: new SlotRuns() };

  constructor(path: string, limits: SpillLimits = SPILL_LIMITS) {
    this.#path = path;
    this.#limits = limits;
    this.#database = openSpillFile(path);
    this.#count();
  }

  /** Slots that wait to be merged. */
  get slots(): number {
    return this.#slots;
  }

  /** Slots that were dropped since the file was opened: for want of room, for their age, or because they are damaged. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Keeps runs. All of them, or it throws. */
  append(runs: readonly SlotRun[], nowMs: number): void {
    this.#use(() => {
      const lastId = this.#lastId();
      inTransaction(this.#database, () => {
        this.#insert(runs, nowMs);
        this.#drop(nowMs);
      });
      this.#fold(runs, lastId, nowMs);
    });
  }

  /** The oldest batches that wait, up to about so many slots. They stay until {@link Spill.merged} is called. */
  next(slots: number): readonly SpilledBatch[] {
    return this.#use(() => {
      this.#endFold();
      const batches: SpilledBatch[] = [];
      const damaged: number[] = [];
      let taken = 0;
      const rows = this.#database
        .prepare('SELECT id, slots, body FROM batch WHERE merged_ms IS NULL ORDER BY id')
        .iterate();
      for (const row of rows) {
        const runs = readable(text(row, 'body'));
        if (runs) batches.push({ id: integer(row, 'id'), runs });
        else damaged.push(integer(row, 'id'));
        taken += integer(row, 'slots');
        if (taken >= slots) break;
      }
      for (const id of damaged) this.#dropWaiting('id = ?', id);
      return batches;
    });
  }

  /** Batches were acknowledged. They are kept a while, should what acknowledged them be lost. */
  merged(batches: readonly SpilledBatch[], nowMs: number): void {
    this.#use(() => {
      let slots = 0;
      inTransaction(this.#database, () => {
        const mark = this.#database.prepare(
          'UPDATE batch SET merged_ms = ? WHERE id = ? AND merged_ms IS NULL',
        );
        for (const { id, runs } of batches) {
          if (Number(mark.run(nowMs, id).changes) > 0) slots += slotsOf(runs);
        }
      });
      this.#slots -= slots;
    });
  }

  /** What acknowledged the last batches may have lost them: they wait again. */
  unmerge(): void {
    this.#use(() => {
      this.#database.exec('UPDATE batch SET merged_ms = NULL WHERE merged_ms IS NOT NULL');
      const row = this.#database.prepare('SELECT coalesce(sum(slots), 0) AS slots FROM batch').get();
      this.#slots = integer(row, 'slots');
    });
  }

  /** Forgets what was merged before an instant (ms). */
  forgetMerged(beforeMs: number): void {
    this.#use(() => this.#delete('merged_ms < ?', beforeMs));
  }

  close(): void {
    this.#database.close();
  }

  #insert(runs: readonly SlotRun[], nowMs: number): void {
    const put = this.#database.prepare('INSERT INTO batch (is_good, at_ms, slots, body) VALUES (?, ?, ?, ?)');
    for (const isGood of [true, false]) {
      const part = runs.filter(({ outcome }) => (outcome === 'good') === isGood);
      if (part.length === 0) continue;
      const body = formatRuns(part);
      put.run(isGood ? 1 : 0, nowMs, slotsOf(part), body);
      this.#slots += slotsOf(part);
      this.#characters += body.length;
    }
  }

  /** What several batches say of slots that follow one another is said once. */
  #fold(runs: readonly SlotRun[], lastId: number, nowMs: number): void {
    const folding = this.#folding;
    if (folding.batches === 0) folding.afterId = lastId;
    folding.batches++;
    for (const run of runs) (run.outcome === 'good' ? folding.good : folding.marked).add(run);
    if (folding.batches % BATCHES_A_FOLD !== 0) return;
    const foldedId = this.#lastId();
    inTransaction(this.#database, () => {
      this.#slots -= this.#delete('merged_ms IS NULL AND id > ?', folding.afterId);
      this.#insert([...folding.good.all(), ...folding.marked.all()], nowMs);
    });
    folding.afterId = foldedId;
    if (folding.good.size + folding.marked.size > RUNS_A_FOLD) this.#endFold();
  }

  #endFold(): void {
    this.#folding = { batches: 0, afterId: 0, good: new SlotRuns(), marked: new SlotRuns() };
  }

  #lastId(): number {
    return integer(this.#database.prepare('SELECT coalesce(max(id), 0) AS id FROM batch').get(), 'id');
  }

  #drop(nowMs: number): void {
    this.#dropWaiting('merged_ms IS NULL AND at_ms < ?', nowMs - this.#limits.ageMs);
    if (this.#characters > this.#limits.characters) this.#delete('merged_ms < ?', Infinity);
    while (this.#characters > this.#limits.characters) {
      const row = this.#database
        .prepare('SELECT id FROM batch WHERE merged_ms IS NULL ORDER BY is_good DESC, id LIMIT 1')
        .get();
      if (!row) return;
      this.#dropWaiting('id = ?', integer(row, 'id'));
    }
  }

  #dropWaiting(where: string, value: number): void {
    const slots = this.#delete(where, value);
    if (slots === 0) return;
    this.#dropped += slots;
    this.#slots -= slots;
    this.#endFold();
  }

  /** Deletes batches; returns how many slots they held. */
  #delete(where: string, value: number): number {
    const row = this.#database
      .prepare(
        `SELECT coalesce(sum(slots), 0) AS slots, coalesce(sum(length(body)), 0) AS characters
         FROM batch WHERE ${where}`,
      )
      .get(value);
    this.#database.prepare(`DELETE FROM batch WHERE ${where}`).run(value);
    this.#characters -= integer(row, 'characters');
    return integer(row, 'slots');
  }

  #count(): void {
    const row = this.#database
      .prepare(
        `SELECT coalesce(sum(slots) FILTER (WHERE merged_ms IS NULL), 0) AS slots,
           coalesce(sum(length(body)), 0) AS characters FROM batch`,
      )
      .get();
    this.#slots = integer(row, 'slots');
    this.#characters = integer(row, 'characters');
  }

  #use<Result>(work: () => Result): Result {
    try {
      return work();
    } catch (error) {
      this.#endFold();
      this.#count();
      throw storeError(error, this.#path, 'spill');
    }
  }
}

/** The runs of a batch; undefined when it is not what was written, which must not hold up the others. */
function readable(body: string): readonly SlotRun[] | undefined {
  try {
    return parseRuns(body);
  } catch (error) {
    if (error instanceof DamagedBytes) return undefined;
    throw error;
  }
}

function openSpillFile(path: string): DatabaseSync {
  let database: DatabaseSync | undefined;
  try {
    mkdirSync(dirname(path), { recursive: true });
    database = new DatabaseSync(path, { timeout: 0 });
    database.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL');
    database.exec('BEGIN EXCLUSIVE');
    const id = integer(database.prepare('PRAGMA application_id').get(), 'application_id');
    const tables = integer(database.prepare('SELECT count(*) AS count FROM sqlite_schema').get(), 'count');
    if (id !== APPLICATION_ID && tables > 0) {
      throw new WindowStoreError('foreign', `${path} is a database of another program, not a spill`);
    }
    if (tables === 0) database.exec(SCHEMA);
    database.exec('COMMIT');
    return database;
  } catch (error) {
    database?.close();
    throw storeError(error, path, 'spill');
  }
}
