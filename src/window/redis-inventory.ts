import type { Clock } from '../core/clock.ts';
import type { CheckKey } from '../core/observation.ts';
import type { Redis } from 'ioredis';
import { parsePageName, parseSeriesName, type RedisKeys } from './redis-keys.ts';
import { type RedisAccess, type RedisCommand, RedisLink } from './redis-link.ts';
import { asInteger, asTexts } from './redis-reply.ts';

const DAY_MS = 86_400_000;
const KEYS_A_SCAN = 1_000;

/** What Redis holds of one check at one interval. */
export interface SeriesInventory extends CheckKey {
  readonly vantages: readonly string[];
  /** First and last day with a page, as `2026-03-01`; undefined where there is none. */
  readonly firstDay: string | undefined;
  readonly lastDay: string | undefined;
  /** Days between them of which no vantage has a page. */
  readonly gaps: readonly string[];
  /** Pages that are listed and not there: they have expired, or were lost. */
  readonly missingPages: number;
}

/** What Redis holds of one check. */
export interface CheckInventory {
  readonly check: string;
  readonly keys: number;
  readonly bytes: number;
  /** Whether no configured check has this id. */
  readonly isOrphan: boolean;
  /** Months of which there are latencies, as `202603`; in order. */
  readonly latencyMonths: readonly string[];
  readonly series: readonly SeriesInventory[];
}

/** Everything under a prefix. */
export interface Inventory {
  readonly checks: readonly CheckInventory[];
  /** Keys that belong to no check: lists, facts, ledgers, heartbeats, reservations. */
  readonly others: { readonly keys: number; readonly bytes: number };
  readonly bytes: number;
}

interface Found {
  readonly key: string;
  readonly bytes: number;
}

/** Takes stock of shared windows; `configured` are the ids of the checks that there should be. Rejects with a RedisFailure. */
export async function takeInventory(
  link: RedisLink,
  keys: RedisKeys,
  configured: ReadonlySet<string>,
): Promise<Inventory> {
  const found = (await Promise.all(link.masters().map((node) => scanned(link, node, keys.prefix)))).flat();
  const byCheck = Map.groupBy(found, ({ key }) => keys.checkOf(key));
  const series = await listOf(link, keys.series);
  const bySeries = Map.groupBy(series.map(parseSeriesName), ({ check }) => check);
  const ids = [...byCheck.keys()].filter((id) => id !== undefined).sort();
  const checks: CheckInventory[] = [];
  for (const check of ids) {
    const own = byCheck.get(check) ?? [];
    checks.push({
      check,
      ...sizeOf(own),
      isOrphan: !configured.has(check),
      latencyMonths: own.flatMap(({ key }) => keys.latencyMonthOf(key) ?? []).sort(),
      series: await Promise.all(
        (bySeries.get(check) ?? []).map((key) =>
          seriesInventory(link, keys, key, new Set(own.map((one) => one.key))),
        ),
      ),
    });
  }
  return { checks, others: sizeOf(byCheck.get(undefined) ?? []), bytes: sizeOf(found).bytes };
}

/** Deletes all that Redis holds of these checks; returns the number of keys. Rejects with a RedisFailure. */
export async function dropChecks(
  link: RedisLink,
  keys: RedisKeys,
  checks: ReadonlySet<string>,
): Promise<number> {
  const found = (await Promise.all(link.masters().map((node) => scanned(link, node, keys.prefix)))).flat();
  const doomed = found.filter(({ key }) => {
    const check = keys.checkOf(key);
    return check !== undefined && checks.has(check);
  });
  await link.sendAll(doomed.map(({ key }): RedisCommand => ({ key, add: (to) => to.unlink(key) })));
  // The lists last: what they name can still be found should this be cut short.
  const series = (await listOf(link, keys.series)).filter((name) => checks.has(parseSeriesName(name).check));
  await link.sendAll([
    ...series.map((name): RedisCommand => ({ key: keys.series, add: (to) => to.srem(keys.series, name) })),
    ...Array.from(checks, (check): RedisCommand => ({
      key: keys.judged,
      add: (to) => to.srem(keys.judged, check),
    })),
  ]);
  return doomed.length;
}

/** Opens a connection for stock-taking alone. */
export async function openRedisLink(access: RedisAccess, clock: Clock): Promise<RedisLink> {
  const link = new RedisLink(access, clock, () => {});
  await link.connected();
  return link;
}

async function listOf(link: RedisLink, key: string): Promise<readonly string[]> {
  return asTexts(await link.ask({ key, add: (to) => to.smembers(key) }));
}

async function scanned(link: RedisLink, node: Redis, prefix: string): Promise<readonly Found[]> {
  const found: Found[] = [];
  const pattern = `${prefix.replaceAll(/[*?[\]\\]/g, '\\$&')}*`;
  let cursor = '0';
  do {
    const [next, keys] = await link.answer(node.scan(cursor, 'MATCH', pattern, 'COUNT', KEYS_A_SCAN));
    const pipeline = node.pipeline();
    for (const key of keys) pipeline.memory('USAGE', key);
    const sizes = (await link.answer(pipeline.exec())) ?? [];
    // A key that expired in between has no size.
    for (const [i, key] of keys.entries()) found.push({ key, bytes: asInteger(sizes[i]?.[1] ?? 0) });
    cursor = next;
  } while (cursor !== '0');
  return found;
}

async function seriesInventory(
  link: RedisLink,
  keys: RedisKeys,
  key: CheckKey,
  there: ReadonlySet<string>,
): Promise<SeriesInventory> {
  const name = keys.pages(key);
  const pages = asTexts(await link.ask({ key: name, add: (to) => to.hkeys(name) })).map(parsePageName);
  const days = new Set(pages.map(({ page }) => page));
  const first = Math.min(...days);
  const last = Math.max(...days);
  const gaps: string[] = [];
  for (let day = first; day < last; day++) if (!days.has(day)) gaps.push(dayText(day));
  return {
    ...key,
    vantages: [...new Set(pages.map(({ vantage }) => vantage))].sort(),
    firstDay: days.size > 0 ? dayText(first) : undefined,
    lastDay: days.size > 0 ? dayText(last) : undefined,
    gaps,
    missingPages: pages.filter(({ page, vantage }) => !there.has(keys.page(key, vantage, page)[0])).length,
  };
}

function dayText(day: number): string {
  return new Date(day * DAY_MS).toISOString().replace(/T.*/, '');
}

function sizeOf(found: readonly Found[]): { readonly keys: number; readonly bytes: number } {
  return { keys: found.length, bytes: found.reduce((sum, { bytes }) => sum + bytes, 0) };
}
