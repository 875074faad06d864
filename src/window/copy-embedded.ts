import type { Clock } from '../core/clock.ts';
import type { Observation } from '../core/observation.ts';
import type { CopyEnd, SeenSeries } from './copy.ts';
import { openSqliteLedger } from './ledger-sqlite.ts';
import type { SlotRun } from './slot-run.ts';
import { openDatabase } from './sqlite-file.ts';
import type { OpenedFile } from './sqlite-messages.ts';
import { readOpened } from './sqlite-tables.ts';
import { inTransaction } from './sqlite-transaction.ts';
import { openSqliteStore } from './sqlite.ts';

const OBSERVATIONS_A_PUT = 50_000;

/** The files of embedded windows. */
export interface EmbeddedFiles {
  readonly windows: string;
  readonly ledger: string;
}

/**
 * Embedded windows as an end of a copy; made when they are not there. What the store has no words for (ranges seen, late
 * marks) is written when it is closed. @throws {WindowStoreError} `locked` when a vigie is running with them.
 */
export async function openEmbeddedEnd(
  { windows, ledger: path }: EmbeddedFiles,
  clock: Clock,
): Promise<CopyEnd> {
  const opened = contentsOf(windows);
  const store = await openSqliteStore({ path: windows, clock });
  const ledger = await openSqliteLedger({ path, clock });
  const seen: SeenSeries[] = [];
  const late = new Map<string, number>();
  return {
    ledger,
    latencies: store.latencies,
    series: () => Promise.resolve(opened.series),
    async read(range) {
      const [bits] = await store.read([range]);
      return bits ?? { ...range, baseSlot: range.fromSlot, vantages: [], causesAt: () => [] };
    },
    marks: (range) => store.marks(range),
    async put(series, runs) {
      seen.push(series);
      for (const observations of piecesOf(runs)) {
        await store.put(observations);
        await store.flush();
      }
    },
    async judged() {
      const judged = await store.judged(opened.heads.map(({ check }) => check));
      return judged.filter((one) => one !== undefined);
    },
    late: () => Promise.resolve(new Map(opened.late)),
    commit: (commits) => store.commit(commits),
    addLate(more) {
      for (const [check, ms] of more) late.set(check, ms);
      return Promise.resolve();
    },
    facts: () => Promise.resolve(new Map(opened.facts)),
    setFact: (name, value) => store.setFact(name, value),
    async close() {
      await store.close();
      await ledger.close();
      if (seen.length + late.size > 0) amend(windows, seen, late);
    },
  };
}

function contentsOf(path: string): OpenedFile {
  const database = openDatabase(path);
  try {
    return readOpened(database);
  } finally {
    database.close();
  }
}

function amend(path: string, seen: readonly SeenSeries[], late: ReadonlyMap<string, number>): void {
  const database = openDatabase(path);
  try {
    inTransaction(database, () => {
      const add = database.prepare(
        `INSERT INTO series (check_id, interval_ms, first_slot, last_slot) VALUES (?, ?, ?, ?)
         ON CONFLICT (check_id, interval_ms) DO UPDATE SET
           first_slot = min(first_slot, excluded.first_slot), last_slot = max(last_slot, excluded.last_slot)`,
      );
      for (const { check, intervalMs, firstSlot, lastSlot } of seen)
        add.run(check, intervalMs, firstSlot, lastSlot);
      const note = database.prepare(
        `INSERT INTO late VALUES (?, ?) ON CONFLICT DO UPDATE SET from_ms = min(from_ms, excluded.from_ms)`,
      );
      for (const [check, ms] of late) note.run(check, ms);
    });
  } finally {
    database.close();
  }
}

function* piecesOf(runs: readonly SlotRun[]): Generator<readonly Observation[]> {
  let piece: Observation[] = [];
  for (const { fromSlot, toSlot, ...rest } of runs) {
    for (let slot = fromSlot; slot < toSlot; slot++) {
      piece.push({ ...rest, slot });
      if (piece.length < OBSERVATIONS_A_PUT) continue;
      yield piece;
      piece = [];
    }
  }
  if (piece.length > 0) yield piece;
}
