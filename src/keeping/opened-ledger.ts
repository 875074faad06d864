import { join } from 'node:path';
import type { Config } from '../config/config.ts';
import type { Clock } from '../core/clock.ts';
import { openSqliteLedger, type OpenLedger } from '../window/ledger-sqlite.ts';
import { accessTrouble } from '../window/file-access.ts';
import { DEFAULT_PREFIX } from '../window/redis-keys.ts';
import { WindowStoreError } from '../window/store-error.ts';
import { redisAccess } from './windows.ts';

/** Throws a WindowStoreError where the books of a configuration lie in a file that can only be read. */
export function assertLedgerWritable({ dataDir, windowUrl }: Config): void {
  if (windowUrl !== undefined) return;
  const path = ledgerPath(dataDir);
  const blocked = accessTrouble(path);
  if (blocked !== undefined)
    throw new WindowStoreError('unwritable', `ledger ${path} is read-only: ${blocked}`);
}

function ledgerPath(dataDir: string): string {
  return join(dataDir, 'ledger.db');
}

/**
 * The books of a configuration, for one who has no windows open: those shared in Redis, or a file in its `dataDir`, which
 * the command line may write to while vigie runs. Rejects with a WindowStoreError, or a RedisFailure where they are shared.
 */
export async function openLedgerOf(config: Config, clock: Clock): Promise<OpenLedger> {
  const access = redisAccess(config);
  if (!access) return openSqliteLedger({ path: ledgerPath(config.dataDir), clock });
  const { openRedisEnd } = await import('../window/copy-redis.ts');
  const end = await openRedisEnd(access, config.windowAccess?.prefix ?? DEFAULT_PREFIX, clock);
  return {
    append: (ledger, entries) => end.ledger.append(ledger, entries),
    entries: (ledger, afterSequence) => end.ledger.entries(ledger, afterSequence),
    close: () => end.close(),
  };
}
