import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import type { CheckKey } from '../core/observation.ts';
import { DamagedBytes } from './bytes.ts';
import type { EvidenceNote } from './evidence-notes.ts';
import { journalLine, parseJournal, type JournalLine } from './journal-line.ts';
import { decodePage, encodePage } from './page-codec.ts';
import { DayPage, Series } from './series.ts';
import type { StoredSeries } from './sqlite-messages.ts';
import { bytes, integer, text } from './sqlite-row.ts';
import { inTransaction } from './sqlite-transaction.ts';

const SERIES_A_SLICE = 64;
const LARGEST_NOTES_BYTES = 64_000_000;

interface Fold {
  /** First and last journal entry that it takes in. The first names its evidence: a fold done again replaces it. */
  readonly firstSeq: number;
  readonly lastSeq: number;
  /** What is still to be folded. */
  left: readonly (readonly [series: number, lines: readonly JournalLine[]])[];
}

/**
 * Observations on their way into pages. What is appended is durable when its transaction is; from time to time all
 * of it is folded into the pages of its days, slice by slice, and only then leaves the journal, so that a fold that
 * is cut short is simply done again.
 */
export class Journal {
  readonly #database: DatabaseSync;
  readonly #statements: ReturnType<typeof prepare>;
  readonly #keys = new Map<number, CheckKey>();
  #fresh = new Map<number, JournalLine[]>();
  #freshFrom: number | undefined;
  #lastSeq = 0;
  #fold: Fold | undefined;

  constructor(database: DatabaseSync) {
    this.#database = database;
    this.#statements = prepare(database);
  }

  /** Takes in what an earlier process left behind, and folds it. */
  recover(): void {
    for (const row of this.#database.prepare('SELECT id, check_id, interval_ms FROM series').iterate()) {
      const key = { check: text(row, 'check_id'), intervalMs: integer(row, 'interval_ms') };
      this.#keys.set(integer(row, 'id'), key);
    }
    const entries = this.#database.prepare('SELECT seq, lines FROM journal ORDER BY seq').all();
    for (const row of entries) this.#take(integer(row, 'seq'), parseJournal(text(row, 'lines')));
    this.foldAll();
  }

  /** Makes a new series known, within the caller's transaction. */
  addSeries({ id, check, intervalMs, firstSlot, lastSlot }: StoredSeries): void {
    this.#statements.addSeries.run(id, check, intervalMs, firstSlot, lastSlot);
    this.#keys.set(id, { check, intervalMs });
  }

  /** Stores lines within the caller's transaction; the function returned is to be called once it is committed. */
  append(lines: string): () => void {
    const parsed = parseJournal(lines);
    const seq = Number(this.#statements.append.run(lines).lastInsertRowid);
    return () => this.#take(seq, parsed);
  }

  /** Folds one slice, in a transaction of its own. True when all that was there as the fold began is in pages. */
  fold(): boolean {
    const fold = (this.#fold ??= this.#begin());
    if (!fold) return true;
    const left = fold.left.slice(SERIES_A_SLICE);
    inTransaction(this.#database, () => {
      for (const [id, lines] of fold.left.slice(0, SERIES_A_SLICE))
        this.#foldSeries(id, lines, fold.firstSeq);
      if (left.length === 0) this.#statements.dropEntries.run(fold.lastSeq);
    });
    fold.left = left;
    if (left.length > 0) return false;
    this.#fold = undefined;
    return true;
  }

  /** Folds everything that is there. */
  foldAll(): void {
    while (this.#fold || this.#freshFrom !== undefined) this.fold();
  }

  /** All evidence of slots [fromSlot, toSlot) of a series, folded or not. */
  notes(id: number, fromSlot: number, toSlot: number): readonly EvidenceNote[] {
    const series = this.#series(id);
    const stored = this.#statements.notes.all(id, series.pageOf(fromSlot), series.pageOf(toSlot - 1));
    return [
      ...stored.flatMap((row) => parseJournal(inflated(bytes(row, 'notes')))),
      ...(this.#fold?.left.find(([folding]) => folding === id)?.[1] ?? []),
      ...(this.#fresh.get(id) ?? []),
    ]
      .filter(isNote)
      .filter(({ slot }) => slot >= fromSlot && slot < toSlot)
      .map(({ vantage, slot, outcome, cause, evidence }) => ({ vantage, slot, outcome, cause, evidence }));
  }

  #take(seq: number, lines: readonly JournalLine[]): void {
    this.#freshFrom ??= seq;
    this.#lastSeq = seq;
    for (const line of lines) {
      const known = this.#fresh.get(line.series);
      if (known) known.push(line);
      else this.#fresh.set(line.series, [line]);
    }
  }

  #begin(): Fold | undefined {
    if (this.#freshFrom === undefined) return undefined;
    const fold = { firstSeq: this.#freshFrom, lastSeq: this.#lastSeq, left: [...this.#fresh] };
    this.#fresh = new Map();
    this.#freshFrom = undefined;
    return fold;
  }

  #foldSeries(id: number, lines: readonly JournalLine[], seq: number): void {
    const series = this.#series(id);
    for (const { vantage, slot, outcome, cause } of lines) {
      const number = series.pageOf(slot);
      const page = series.pages.get(number) ?? new DayPage();
      series.pages.set(number, page);
      const at = slot - number * series.shape.slots;
      page.of(vantage, series.shape).fill(at, at + 1, outcome, cause);
      series.extend(slot, slot + 1);
    }
    for (const [number, page] of series.pages) this.#mergePage(series, number, page);
    this.#storeNotes(series, lines.filter(isNote), seq);
    this.#statements.extend.run(series.firstSlot, series.lastSlot, id);
  }

  #mergePage({ id, shape }: Series, number: number, { vantages }: DayPage): void {
    for (const [vantage, page] of vantages) {
      const stored = this.#statements.page.get(id, number, vantage);
      if (stored) page.absorb(decodePage(bytes(stored, 'body'), shape));
      this.#statements.putPage.run(id, number, vantage, encodePage(page));
    }
  }

  #storeNotes(series: Series, notes: readonly EvidenceNote[], seq: number): void {
    const byPage = Map.groupBy(notes, ({ slot }) => series.pageOf(slot));
    for (const [number, ofPage] of byPage) {
      const lines = ofPage.map((note) => journalLine(series.id, { ...note, ...keyOf(series) }));
      this.#statements.putNotes.run(series.id, number, seq, deflateRawSync(lines.join(',')));
    }
  }

  #series(id: number): Series {
    const key = this.#keys.get(id);
    if (!key) throw new DamagedBytes(`journal names series ${id}, which is not there`);
    return new Series(id, key);
  }
}

function keyOf({ check, intervalMs }: Series): CheckKey {
  return { check, intervalMs };
}

function isNote(line: JournalLine | EvidenceNote): line is JournalLine & EvidenceNote {
  return line.outcome !== 'good' && line.cause !== undefined && line.evidence !== undefined;
}

function inflated(notes: Uint8Array): string {
  try {
    return inflateRawSync(notes, { maxOutputLength: LARGEST_NOTES_BYTES }).toString();
  } catch (cause) {
    throw new DamagedBytes('evidence cannot be inflated', { cause });
  }
}

function prepare(
  database: DatabaseSync,
): Readonly<
  Record<
    'addSeries' | 'append' | 'dropEntries' | 'notes' | 'putNotes' | 'page' | 'putPage' | 'extend',
    StatementSync
  >
> {
  return {
    addSeries: database.prepare('INSERT INTO series VALUES (?, ?, ?, ?, ?)'),
    append: database.prepare('INSERT INTO journal (lines) VALUES (?)'),
    dropEntries: database.prepare('DELETE FROM journal WHERE seq <= ?'),
    notes: database.prepare(
      'SELECT notes FROM evidence WHERE series = ? AND page BETWEEN ? AND ? ORDER BY page, seq',
    ),
    putNotes: database.prepare('INSERT OR REPLACE INTO evidence VALUES (?, ?, ?, ?)'),
    page: database.prepare('SELECT body FROM page WHERE series = ? AND page = ? AND vantage = ?'),
    putPage: database.prepare('INSERT OR REPLACE INTO page VALUES (?, ?, ?, ?)'),
    extend: database.prepare(
      'UPDATE series SET first_slot = min(first_slot, ?), last_slot = max(last_slot, ?) WHERE id = ?',
    ),
  };
}
