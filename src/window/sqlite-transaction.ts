import type { DatabaseSync } from 'node:sqlite';

/** Does the work in one transaction: all of it is stored, or none. Throws what the work or the commit throws. */
export function inTransaction(database: DatabaseSync, work: () => void): void {
  database.exec('BEGIN IMMEDIATE');
  try {
    work();
    database.exec('COMMIT');
  } catch (error) {
    if (database.isTransaction) database.exec('ROLLBACK');
    throw error;
  }
}
