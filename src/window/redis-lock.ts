import type { RedisKeys } from './redis-keys.ts';
import type { RedisLink } from './redis-link.ts';
import { asInteger, asList, asText } from './redis-reply.ts';

/** A second from when the request leaves, which is a little after this is asked for. */
const RESERVED_MS = 1_020;

/** Who holds a lock, and for how long yet, in milliseconds. */
export interface Held {
  readonly holder: string;
  readonly forMs: number;
}

/** Takes a lock that is free or ours for so long, or says who holds it. Rejects with a RedisFailure, like all here. */
export async function takeLock(link: RedisLink, key: string, holder: string, forMs: number): Promise<Held> {
  const [by, left] = asList(await link.ask({ key, add: (to) => to.lockTake(1, key, holder, forMs) }));
  return { holder: asText(by), forMs: asInteger(left) };
}

/** Lets go of a lock, if it is ours. */
export async function freeLock(link: RedisLink, key: string, holder: string): Promise<void> {
  await link.ask({ key, add: (to) => to.lockFree(1, key, holder) });
}

/**
 * Whether a request may leave: 0 when nobody else has reserved it within the last second, and then it is ours for one and a little;
 * else for how long it is another's, in milliseconds.
 */
export async function reserve(
  link: RedisLink,
  keys: RedisKeys,
  identity: string,
  holder: string,
): Promise<number> {
  const held = await takeLock(link, keys.request(identity), holder, RESERVED_MS);
  return held.holder === holder ? 0 : Math.max(1, held.forMs);
}
