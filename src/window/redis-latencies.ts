import { firstKeptDay, type LatencyDay, type LatencyStore } from './latency-store.ts';
import { pageName, parsePageName, type RedisKeys } from './redis-keys.ts';
import type { RedisCommand, RedisLink } from './redis-link.ts';
import { asBytes, damaged } from './redis-reply.ts';

/** How far before what is kept months are looked for that nobody dropped in time. */
const MONTHS_LOOKED_BACK = 24;

/** Latencies in Redis: a hash per check and month, a field per day and vantage. Every method rejects with a RedisFailure. */
export function redisLatencies(link: RedisLink, keys: RedisKeys): LatencyStore {
  return {
    async put(days) {
      await link.sendAll(
        days.map(({ check, vantage, day, body }): RedisCommand => {
          const key = keys.latencies(check, monthOf(day));
          return { key, add: (to) => to.hset(key, pageName(day, vantage), Buffer.from(body)) };
        }),
      );
    },
    async read({ checks, fromDay, toDay }) {
      const months = monthsOf(fromDay, toDay);
      const asked = checks.flatMap((check) => months.map((month) => ({ check, month })));
      const replies = await link.sendAll(
        asked.map(({ check, month }): RedisCommand => {
          const key = keys.latencies(check, month);
          return { key, add: (to) => to.hgetallBuffer(key) };
        }),
      );
      return asked.flatMap(({ check }, i) =>
        daysFrom(check, replies[i]).filter(({ day }) => day >= fromDay && day < toDay),
      );
    },
  };
}

/** Drops the months of these checks that ended before the one of an instant (ms); returns how many. */
export async function pruneLatencies(
  link: RedisLink,
  keys: RedisKeys,
  checks: Iterable<string>,
  beforeMs: number,
): Promise<number> {
  const firstKept = firstKeptDay(beforeMs);
  if (!Number.isFinite(firstKept)) return 0;
  const months = monthsOf(firstKept - MONTHS_LOOKED_BACK * 31, firstKept);
  const replies = await link.sendAll(
    Array.from(new Set(checks), (check): RedisCommand => {
      const names = months.map((month) => keys.latencies(check, month));
      return { key: names[0] ?? '', add: (to) => to.unlink(...names) };
    }),
  );
  return replies.reduce<number>((sum, reply) => sum + Number(reply), 0);
}

/** By day, then vantage. */
function daysFrom(check: string, reply: unknown): readonly LatencyDay[] {
  if (typeof reply !== 'object' || reply === null) throw damaged('latencies');
  return Object.entries(reply)
    .map(([field, body]: readonly [string, unknown]) => {
      const { page: day, vantage } = parsePageName(field);
      if (!Number.isSafeInteger(day)) throw damaged('a day of latencies');
      return { check, vantage, day, body: asBytes(body) };
    })
    .sort((a, b) => a.day - b.day || (a.vantage < b.vantage ? -1 : 1));
}

/** The month of a day, as `202603`. */
function monthOf(day: number): string {
  return new Date(day * 86_400_000).toISOString().slice(0, 7).replace('-', '');
}

/** The months that days [fromDay, toDay) lie in, in order. */
function monthsOf(fromDay: number, toDay: number): readonly string[] {
  const months: string[] = [];
  for (let day = fromDay; day < toDay; day += 28) months.push(monthOf(day));
  if (toDay > fromDay) months.push(monthOf(toDay - 1));
  return [...new Set(months)];
}
