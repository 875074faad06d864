import type { DatabaseSync } from 'node:sqlite';
import type { LatencyDay, LatencyRange } from './latency-store.ts';
import { bytes, integer, text } from './sqlite-row.ts';
import { inTransaction } from './sqlite-transaction.ts';

/** With a rowid: without, half of each body would have an overflow page of its own. */
const SCHEMA = `
  CREATE TABLE IF NOT EXISTS latency (
    day INTEGER NOT NULL, check_id TEXT NOT NULL, vantage TEXT NOT NULL, body BLOB NOT NULL,
    PRIMARY KEY (day, check_id, vantage)
  ) STRICT;
`;

/** Makes the table in a file that an earlier vigie made without it; to an older vigie it means nothing. */
export function makeLatencyTable(database: DatabaseSync): void {
  database.exec(SCHEMA);
}

/** Stores days over what was there, in one transaction. */
export function writeLatencies(database: DatabaseSync, days: readonly LatencyDay[]): void {
  const put = database.prepare(
    'INSERT INTO latency VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET body = excluded.body',
  );
  inTransaction(database, () => {
    for (const { day, check, vantage, body } of days) put.run(day, check, vantage, body);
  });
}

/** See {@link LatencyStore.read}. */
export function readLatencies(
  database: DatabaseSync,
  { checks, fromDay, toDay }: LatencyRange,
): readonly LatencyDay[] {
  const stored = database.prepare(
    'SELECT vantage, body FROM latency WHERE day = ? AND check_id = ? ORDER BY vantage',
  );
  const days = database
    .prepare('SELECT DISTINCT day FROM latency WHERE day >= ? AND day < ? ORDER BY day')
    .all(fromDay, toDay)
    .map((row) => integer(row, 'day'));
  return checks.flatMap((check) =>
    days.flatMap((day) =>
      stored
        .all(day, check)
        .map((row) => ({ check, vantage: text(row, 'vantage'), day, body: bytes(row, 'body') })),
    ),
  );
}

/** Drops days before this one, within the caller's transaction. Returns the rows dropped. */
export function pruneLatencies(database: DatabaseSync, firstKept: number): number {
  return Number(database.prepare('DELETE FROM latency WHERE day < ?').run(firstKept).changes);
}
