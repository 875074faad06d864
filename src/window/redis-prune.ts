import type { CheckKey } from '../core/observation.ts';
import { pageName, type RedisKeys } from './redis-keys.ts';
import type { RedisCommand, RedisLink } from './redis-link.ts';
import type { RedisReader } from './redis-reader.ts';
import { asInteger } from './redis-reply.ts';
import type { Retention } from './store.ts';

const PAGES_A_CALL = 50;

/** Drops what is older than the retention; returns the number of pages and transitions. Rejects with a RedisFailure. */
export async function pruneSeries(
  link: RedisLink,
  keys: RedisKeys,
  reader: RedisReader,
  series: readonly CheckKey[],
  nowMs: number,
  retention: Retention,
): Promise<number> {
  let dropped = 0;
  for (const key of series) {
    const pages = await reader.pagesBefore(key, nowMs - retention.slotsMs);
    const commands: RedisCommand[] = [];
    for (let at = 0; at === 0 || at < pages.length; at += PAGES_A_CALL) {
      const some = pages.slice(at, at + PAGES_A_CALL);
      const names = [keys.changes(key), keys.pages(key), keys.transitions(key.check)];
      for (const { page, vantage } of some) names.push(...keys.page(key, vantage, page));
      const args = [
        nowMs - retention.transitionsMs,
        ...some.map(({ page, vantage }) => pageName(page, vantage)),
      ];
      commands.push({ key: names[0] ?? '', add: (to) => to.windowPrune(names.length, ...names, ...args) });
    }
    for (const reply of await link.sendAll(commands)) dropped += asInteger(reply);
  }
  return dropped;
}
