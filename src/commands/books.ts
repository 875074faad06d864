import { userInfo } from 'node:os';
import { resolve } from 'node:path';
import { probeKinds } from '../../probes/index.ts';
import { systemClock } from '../clock.ts';
import type { Config } from '../config/config.ts';
import { openLedgerOf } from '../keeping/opened-ledger.ts';
import type { Writer } from '../register/audit.ts';
import type { Ledger } from '../window/ledger.ts';
import { RedisFailure } from '../window/redis-code.ts';
import { WindowStoreError } from '../window/store-error.ts';
import { EXIT, type ExitCode, type Io, UsageError } from './io.ts';
import { addressOf } from './closing-lookup.ts';
import { drillInstead } from './drill-folder.ts';
import { BOX_CONFIG, DEFAULT_CONFIG } from './config-files.ts';
import { loadOrTell } from './load.ts';

/** A configuration and its books. */
export interface OpenBooks {
  readonly config: Config;
  readonly ledger: Ledger;
}

const DRILL_APART =
  'these are no books of a drill (`vigie run` without a configuration), which has its own and sees nothing of these; ' +
  'without --config, where there is no vigie.yaml, those of the drill that runs are written to';

/**
 * Does something with the books of a configuration file, beside a vigie that runs or without one; where none is named and
 * none lies here, with those of the drill that runs. Throws a UsageError when they cannot be opened or written to.
 */
export async function withBooks(
  named: string,
  io: Io,
  use: (books: OpenBooks) => Promise<ExitCode>,
): Promise<ExitCode> {
  const drill = drillInstead(named);
  const path = drill ?? named;
  const config = loadOrTell(path, probeKinds(), io);
  if (!config) return EXIT.configuration;
  if (drill !== undefined)
    io.err(`vigie: no ${DEFAULT_CONFIG} here: the books are those of the drill at ${addressOf(config)}\n`);
  if (resolve(path) === BOX_CONFIG) io.err(`vigie: ${DRILL_APART}\n`);
  try {
    const ledger = await openLedgerOf(config, systemClock);
    try {
      return await use({ config, ledger });
    } finally {
      await ledger.close();
    }
  } catch (error) {
    if (error instanceof WindowStoreError) throw new UsageError(error.message);
    if (error instanceof RedisFailure)
      throw new UsageError(`the shared windows of ${path} cannot be had: ${error.code}`);
    throw error;
  }
}

/** Who writes on the command line: as they say, or by the name of the account. */
export function writerNamed(author: string | undefined): Writer {
  return { author: author ?? accountName(), from: 'cli' };
}

function accountName(): string {
  try {
    return userInfo().username;
  } catch {
    // An account without an entry in the system's table, as containers have them.
    return `uid ${process.getuid?.() ?? 'unknown'}`;
  }
}
