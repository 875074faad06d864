import type { Clock } from '../core/clock.ts';
import type { CopyEnd, SeenSeries } from './copy.ts';
import { RedisJudged } from './redis-judged.ts';
import { redisLatencies } from './redis-latencies.ts';
import { parseSeriesName, RedisKeys, seriesName } from './redis-keys.ts';
import { appendEntries, readEntries } from './redis-ledger.ts';
import { type RedisAccess, type RedisCommand, RedisLink } from './redis-link.ts';
import { observeCalls, seenCall } from './redis-observe.ts';
import { bitsFrom, marksFrom } from './redis-pages.ts';
import { RedisReader } from './redis-reader.ts';
import { asInteger, asList, asOptionalText, asTexts } from './redis-reply.ts';

/** Shared windows as an end of a copy. Every method rejects with a RedisFailure when Redis cannot be had. */
export async function openRedisEnd(access: RedisAccess, prefix: string, clock: Clock): Promise<CopyEnd> {
  const link = new RedisLink(access, clock, () => {});
  await link.connected();
  const keys = new RedisKeys(prefix);
  const reader = new RedisReader(link, keys);
  const judged = new RedisJudged(link, keys, reader);
  const list = async (key: string): Promise<readonly string[]> =>
    asTexts(await link.ask({ key, add: (to) => to.smembers(key) }));
  return {
    ledger: {
      append: (ledger, entries) => appendEntries(link, keys, ledger, entries),
      entries: (ledger, after) => readEntries(link, keys, ledger, after),
    },
    latencies: redisLatencies(link, keys),
    async series() {
      const found: SeenSeries[] = [];
      for (const key of (await list(keys.series)).map(parseSeriesName)) {
        const seen = await reader.seen(key);
        if (seen) found.push({ ...key, ...seen });
      }
      return found;
    },
    async read(range) {
      const [pages] = await reader.read([range], false);
      return bitsFrom(range, pages ?? []);
    },
    async marks(range) {
      const [pages] = await reader.read([range], false);
      return marksFrom(range, pages ?? []);
    },
    async put(series, runs) {
      const key = keys.series;
      await link.ask({ key, add: (to) => to.sadd(key, seriesName(series)) });
      await link.sendAll([seenCall(keys, series), ...observeCalls(keys, runs)]);
    },
    async judged() {
      return (await judged.judged(await list(keys.judged))).filter((one) => one !== undefined);
    },
    late: () => lateMarks(link, keys, list(keys.judged)),
    commit: (commits) => judged.commit(commits),
    async addLate(late) {
      await link.sendAll(Array.from(late, ([check, ms]) => lateCommands(keys.head(check), ms)).flat());
    },
    async facts() {
      const key = keys.facts;
      const names = asTexts(await link.ask({ key, add: (to) => to.hkeys(key) }));
      const values = await link.sendAll(names.map((name) => ({ key, add: (to) => to.hget(key, name) })));
      return new Map(names.map((name, i) => [name, asOptionalText(values[i]) ?? '']));
    },
    async setFact(name, value) {
      const key = keys.facts;
      await link.ask({ key, add: (to) => to.hset(key, name, value) });
    },
    close() {
      link.close();
      return Promise.resolve();
    },
  };
}

async function lateMarks(
  link: RedisLink,
  keys: RedisKeys,
  judged: Promise<readonly string[]>,
): Promise<ReadonlyMap<string, number>> {
  const checks = await judged;
  const replies = await link.sendAll(
    checks.map((check): RedisCommand => {
      const key = keys.head(check);
      return { key, add: (to) => to.hmget(key, 'late') };
    }),
  );
  return new Map(
    checks.flatMap((check, i): readonly (readonly [string, number])[] => {
      const [ms] = asList(replies[i]).map(asOptionalText);
      return ms === undefined ? [] : [[check, asInteger(ms)]];
    }),
  );
}

/** An earlier mark that is there is judged anew from the later one only until the next look: it is kept by `HSETNX`. */
function lateCommands(key: string, ms: number): readonly RedisCommand[] {
  return [
    { key, add: (to) => to.hsetnx(key, 'late', ms) },
    { key, add: (to) => to.hincrby(key, 'lateId', 1) },
  ];
}
