import { join } from 'node:path';
import type { Config } from '../config/config.ts';
import type { Clock } from '../core/clock.ts';
import { openRedisEnd } from '../window/copy-redis.ts';
import { openSqliteLedger, type OpenLedger } from '../window/ledger-sqlite.ts';
import { DEFAULT_PREFIX } from '../window/redis.ts';
import { redisAccess } from './windows.ts';

/**
 * The books of a configuration, for one who has no windows open: those shared in Redis, or a file in its `dataDir`, which
 * the command line may write to while vigie runs. Rejects with a WindowStoreError, or a RedisFailure where they are shared.
 */
export async function openLedgerOf(config: Config, clock: Clock): Promise<OpenLedger> {
  const access = redisAccess(config);
  if (!access) return openSqliteLedger({ path: join(config.dataDir, 'ledger.db'), clock });
  const end = await openRedisEnd(access, config.windowAccess?.prefix ?? DEFAULT_PREFIX, clock);
  return {
    append: (ledger, entries) => end.ledger.append(ledger, entries),
    entries: (ledger, afterSequence) => end.ledger.entries(ledger, afterSequence),
    close: () => end.close(),
  };
}
