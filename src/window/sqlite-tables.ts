import type { DatabaseSync } from 'node:sqlite';
import { type Cause, isCause } from '../core/cause.ts';
import type { SlotState, Transition } from '../core/timeline.ts';
import { DamagedBytes } from './bytes.ts';
import { Series } from './series.ts';
import type { Batch, OpenedFile, StoredJudgement, StoredPage } from './sqlite-messages.ts';
import { bytes, integer, integerOrNull, text, type Row } from './sqlite-row.ts';

/** Reads everything that is wanted in memory from the start. */
export function readOpened(database: DatabaseSync): OpenedFile {
  const rows = (sql: string): readonly Row[] => database.prepare(sql).all();
  return {
    series: rows('SELECT * FROM series ORDER BY id').map((row) => ({
      id: integer(row, 'id'),
      check: text(row, 'check_id'),
      intervalMs: integer(row, 'interval_ms'),
      firstSlot: integer(row, 'first_slot'),
      lastSlot: integer(row, 'last_slot'),
    })),
    heads: rows('SELECT * FROM judgement').map((row) => ({
      check: text(row, 'check_id'),
      epoch: integer(row, 'epoch'),
      cursorMs: integer(row, 'cursor_ms'),
      expectedCursorMs: integerOrNull(row, 'expected_cursor_ms'),
    })),
    late: rows('SELECT * FROM late').map((row) => [text(row, 'check_id'), integer(row, 'from_ms')]),
    facts: rows('SELECT * FROM fact').map((row) => [text(row, 'name'), text(row, 'value')]),
  };
}

/** The stored pages [fromPage, toPage) of a series. */
export function readPages(
  database: DatabaseSync,
  series: number,
  fromPage: number,
  toPage: number,
): readonly StoredPage[] {
  return database
    .prepare('SELECT page, vantage, body FROM page WHERE series = ? AND page >= ? AND page < ?')
    .all(series, fromPage, toPage)
    .map((row) => ({
      page: integer(row, 'page'),
      vantage: text(row, 'vantage'),
      body: bytes(row, 'body'),
    }));
}

/** The transitions of a check, by time. Those of the same causes share them. */
export function readTransitions(database: DatabaseSync, check: string): readonly Transition[] {
  const causes = new Map<string, readonly Cause[]>();
  return database
    .prepare('SELECT at_ms, state, causes, contested FROM transition WHERE check_id = ? ORDER BY at_ms')
    .all(check)
    .map((row) => {
      const words = text(row, 'causes');
      const known = causes.get(words) ?? causesOf(words);
      causes.set(words, known);
      return {
        atMs: integer(row, 'at_ms'),
        state: slotState(text(row, 'state')),
        causes: known,
        contested: integer(row, 'contested') !== 0,
      };
    });
}

function causesOf(words: string): readonly Cause[] {
  return words
    .split(',')
    .filter((word) => word !== '')
    .map((word) => {
      if (!isCause(word)) throw new DamagedBytes('transition of a cause unknown');
      return word;
    });
}

function slotState(word: string): SlotState {
  if (word === 'D' || word === 'U' || word === 'X' || word === '?') return word;
  throw new DamagedBytes('slot state unknown');
}

/** Writes the part of a batch that needs no journal, within the caller's transaction. */
export function writeState(database: DatabaseSync, batch: Batch): void {
  for (const judgement of batch.judgements) writeJudgement(database, judgement);
  const putLate = database.prepare('INSERT OR REPLACE INTO late VALUES (?, ?)');
  const dropLate = database.prepare('DELETE FROM late WHERE check_id = ?');
  for (const [check, ms] of batch.late) {
    if (ms === null) dropLate.run(check);
    else putLate.run(check, ms);
  }
  const putFact = database.prepare('INSERT OR REPLACE INTO fact VALUES (?, ?)');
  for (const [name, value] of batch.facts) putFact.run(name, value);
}

function writeJudgement(database: DatabaseSync, judgement: StoredJudgement): void {
  const { check, epoch, cursorMs, expectedCursorMs, changedFromMs, transitions } = judgement;
  database
    .prepare('INSERT OR REPLACE INTO judgement VALUES (?, ?, ?, ?)')
    .run(check, epoch, cursorMs, expectedCursorMs);
  if (changedFromMs === Infinity) return;
  database
    .prepare('DELETE FROM transition WHERE check_id = ? AND at_ms >= ?')
    .run(check, Math.max(changedFromMs, Number.MIN_SAFE_INTEGER));
  const put = database.prepare('INSERT OR REPLACE INTO transition VALUES (?, ?, ?, ?, ?)');
  for (const { atMs, state, causes, contested } of transitions) {
    put.run(check, atMs, state, causes.join(), contested ? 1 : 0);
  }
}

/** Drops pages and evidence of slots before one instant and transitions before another. Returns the rows dropped. */
export function pruneTables(
  database: DatabaseSync,
  slotsBeforeMs: number,
  transitionsBeforeMs: number,
): number {
  let dropped = 0;
  const dropPages = database.prepare('DELETE FROM page WHERE series = ? AND page < ?');
  const dropNotes = database.prepare('DELETE FROM evidence WHERE series = ? AND page < ?');
  for (const { id, check, intervalMs } of readOpened(database).series) {
    const firstKept = new Series(id, { check, intervalMs }).pageAt(slotsBeforeMs);
    dropped += Number(dropPages.run(id, firstKept).changes) + Number(dropNotes.run(id, firstKept).changes);
  }
  const dropTransitions = database.prepare(
    `DELETE FROM transition WHERE check_id = ?1 AND at_ms <
       (SELECT max(at_ms) FROM transition WHERE check_id = ?1 AND at_ms <= ?2)`,
  );
  for (const row of database.prepare('SELECT check_id FROM judgement').all()) {
    dropped += Number(dropTransitions.run(text(row, 'check_id'), transitionsBeforeMs).changes);
  }
  return dropped;
}
