import { join } from 'node:path';
import { probeKinds } from '../../probes/index.ts';
import { systemClock } from '../clock.ts';
import type { Config } from '../config/config.ts';
import { openEmbeddedEnd } from '../window/copy-embedded.ts';
import { openRedisEnd } from '../window/copy-redis.ts';
import { type CopyCounts, type CopyEnd, copyWindows } from '../window/copy.ts';
import { RedisFailure } from '../window/redis-code.ts';
import { dropChecks, type Inventory, openRedisLink, takeInventory } from '../window/redis-inventory.ts';
import { DEFAULT_PREFIX, RedisKeys } from '../window/redis-keys.ts';
import type { RedisAccess } from '../window/redis-link.ts';
import { WindowStoreError } from '../window/store-error.ts';
import { redisAccess } from '../keeping/windows.ts';
import { EXIT, type ExitCode, type Io, jsonText, type OutputFormat, UsageError } from './io.ts';
import { loadOrTell } from './load.ts';

interface WindowOptions {
  readonly config: string;
  readonly output: OutputFormat;
}

/** Options of `vigie window migrate`. */
export interface MigrateOptions extends WindowOptions {
  readonly to: 'shared' | 'embedded';
}

/** Options of `vigie window doctor`. */
export interface DoctorOptions extends WindowOptions {
  readonly prune: boolean;
}

interface Shared {
  readonly config: Config;
  readonly access: RedisAccess;
  readonly prefix: string;
}

/** `vigie window migrate`: copies embedded windows and ledgers into shared ones, or back; the source stays as it is. */
export async function migrate({ config: path, output, to }: MigrateOptions, io: Io): Promise<ExitCode> {
  const shared = sharedOf(path, io);
  if (!shared) return EXIT.configuration;
  const counts = await told(async () => {
    const files = {
      windows: join(shared.config.dataDir, 'windows.sqlite'),
      ledger: join(shared.config.dataDir, 'ledger.db'),
    };
    return withEnd(openEmbeddedEnd(files, systemClock), (embedded) =>
      withEnd(openRedisEnd(shared.access, shared.prefix, systemClock), (redis) =>
        to === 'shared' ? copyWindows(embedded, redis) : copyWindows(redis, embedded),
      ),
    );
  });
  io.out(output === 'json' ? jsonText(counts) : copyText(counts));
  return counts.differences.length > 0 ? EXIT.finding : EXIT.fine;
}

/** `vigie window doctor`: what shared windows hold; with `--prune`, without the checks that are no longer configured. */
export async function doctor({ config: path, output, prune }: DoctorOptions, io: Io): Promise<ExitCode> {
  const shared = sharedOf(path, io);
  if (!shared) return EXIT.configuration;
  const { inventory, dropped } = await told(() => examine(shared, prune));
  io.out(output === 'json' ? jsonText({ ...inventory, dropped }) : inventoryText(inventory, dropped));
  const isFound = inventory.checks.some(
    ({ isOrphan, series }) => isOrphan || series.some(({ missingPages }) => missingPages > 0),
  );
  return isFound ? EXIT.finding : EXIT.fine;
}

async function examine({ config, access, prefix }: Shared, prune: boolean) {
  const link = await openRedisLink(access, systemClock);
  try {
    const keys = new RedisKeys(prefix);
    const configured = new Set(config.checks.map(({ id }) => id));
    const before = await takeInventory(link, keys, configured);
    if (!prune) return { inventory: before, dropped: 0 };
    const orphans = before.checks.filter(({ isOrphan }) => isOrphan).map(({ check }) => check);
    const dropped = await dropChecks(link, keys, new Set(orphans));
    return { inventory: await takeInventory(link, keys, configured), dropped };
  } finally {
    link.close();
  }
}

function sharedOf(path: string, io: Io): Shared | undefined {
  const config = loadOrTell(path, probeKinds(), io);
  if (!config) return undefined;
  const access = redisAccess(config);
  if (!access) throw new UsageError(`${path} has no window.url: there are no shared windows`);
  return { config, access, prefix: config.windowAccess?.prefix ?? DEFAULT_PREFIX };
}

async function withEnd<Result>(
  opening: Promise<CopyEnd>,
  work: (end: CopyEnd) => Promise<Result>,
): Promise<Result> {
  const end = await opening;
  try {
    return await work(end);
  } finally {
    await end.close();
  }
}

async function told<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof RedisFailure)
      throw new UsageError(`the shared windows cannot be had: ${error.code}`);
    if (error instanceof WindowStoreError) throw new UsageError(error.message);
    throw error;
  }
}

function copyText({ differences, ...counts }: CopyCounts): string {
  const { series, slots, marks, judgements, facts, entries, latencyDays } = counts;
  const copied = `${series} series, ${slots} slots, ${marks} marks, ${judgements} judgements, ${facts} facts, ${entries} ledger entries, ${latencyDays} days of latencies`;
  const found = differences.map((difference) => `differs: ${difference}\n`).join('');
  return `copied ${copied}\n${found}`;
}

function inventoryText({ checks, others, bytes }: Inventory, dropped: number): string {
  const lines = checks.flatMap(({ check, keys, bytes: size, isOrphan, latencyMonths, series }) => [
    `${check}: ${keys} keys, ${kilobytes(size)}${isOrphan ? ', not configured' : ''}`,
    ...(latencyMonths.length > 0 ? [`  latencies of ${latencyMonths.join(', ')}`] : []),
    ...series.map(({ intervalMs, vantages, firstDay, lastDay, gaps, missingPages }) =>
      [
        `  every ${intervalMs} ms from ${vantages.join(', ')}: ${firstDay ?? 'nothing'} to ${lastDay ?? 'nothing'}`,
        ...(gaps.length > 0 ? [`no slots on ${gaps.join(', ')}`] : []),
        ...(missingPages > 0 ? [`${missingPages} pages are gone`] : []),
      ].join('; '),
    ),
  ]);
  if (dropped > 0) lines.push(`dropped ${dropped} keys of checks that are not configured`);
  lines.push(`${checks.length} checks, ${kilobytes(bytes)} in all, ${others.keys} keys of no check`);
  return `${lines.join('\n')}\n`;
}

function kilobytes(bytes: number): string {
  return `${Math.ceil(bytes / 1_000)} kB`;
}
