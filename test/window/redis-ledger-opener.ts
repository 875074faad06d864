import { systemClock } from '../../src/clock.ts';
import { openRedisStore, type RedisStore } from '../../src/window/redis.ts';
import { accessTo } from './redis-subject.ts';

/** Opens the ledgers of a `<url> <prefix>`, for another process. */
export function openLedger(target: string): Promise<RedisStore> {
  const [url = '', prefix = ''] = target.split(' ');
  return openRedisStore({ access: accessTo(url), prefix, clock: systemClock });
}
