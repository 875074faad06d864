import type { RedisKeys } from './redis-keys.ts';
import type { RedisLink } from './redis-link.ts';
import { asInteger, asList, asText, asTexts, damaged } from './redis-reply.ts';

/** For how long a process that was last heard of is remembered. */
const REMEMBERED_MS = 86_400_000;
const RESERVED_MS = 1_000;

/** A process that looks from a vantage, and when it last said so (its own clock, milliseconds since the epoch). */
export interface Presence {
  readonly vantage: string;
  readonly member: string;
  readonly atMs: number;
}

/** Says that a process is there. Rejects with a RedisFailure, like all here. */
export async function writePresence(link: RedisLink, keys: RedisKeys, presence: Presence): Promise<void> {
  const { vantage, member, atMs } = presence;
  const key = keys.vantages;
  await link.ask({ key, add: (to) => to.hset(key, JSON.stringify([vantage, member]), atMs) });
}

/** Everyone who was heard of on the last day before the last that anyone was; by vantage, then member. */
export async function readPresence(link: RedisLink, keys: RedisKeys): Promise<readonly Presence[]> {
  const key = keys.vantages;
  const fields = asTexts(await link.ask({ key, add: (to) => to.hkeys(key) }));
  if (fields.length === 0) return [];
  const times = await link.ask({ key, add: (to) => to.hmget(key, ...fields) });
  const all = asTexts(times).map((at, i) => ({ ...parseField(fields[i] ?? ''), atMs: asInteger(at) }));
  const latestMs = Math.max(...all.map(({ atMs }) => atMs));
  const gone = fields.filter((_, i) => (all[i]?.atMs ?? 0) < latestMs - REMEMBERED_MS);
  if (gone.length > 0) await link.ask({ key, add: (to) => to.hdel(key, ...gone) });
  return all
    .filter(({ atMs }) => atMs >= latestMs - REMEMBERED_MS)
    .sort((a, b) => (a.vantage + a.member < b.vantage + b.member ? -1 : 1));
}

/** Whether a request was nobody's within the last second; it is ours then. */
export async function reserve(link: RedisLink, keys: RedisKeys, identity: string): Promise<boolean> {
  const key = keys.request(identity);
  const reply = await link.ask({ key, add: (to) => to.set(key, 1, 'PX', RESERVED_MS, 'NX') });
  return reply !== null && asText(reply) === 'OK';
}

function parseField(field: string): { readonly vantage: string; readonly member: string } {
  const [vantage, member] = asList(JSON.parse(field));
  if (typeof vantage !== 'string' || typeof member !== 'string') throw damaged('a heartbeat');
  return { vantage, member };
}
