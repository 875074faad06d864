import { systemClock } from '../../src/clock.ts';
import { openSqliteLedger, type OpenLedger } from '../../src/window/ledger-sqlite.ts';

/** Opens the embedded books at a path, for another process of the ledger contract. */
export function openLedger(path: string): Promise<OpenLedger> {
  return openSqliteLedger({ path, clock: systemClock });
}
