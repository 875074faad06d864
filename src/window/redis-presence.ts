import type { RedisKeys } from './redis-keys.ts';
import type { RedisLink } from './redis-link.ts';
import { asInteger, asList, damaged } from './redis-reply.ts';

/** For how long a process that was last heard of is remembered. */
const REMEMBERED_MS = 86_400_000;

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
  const reply = await link.ask({ key, add: (to) => to.hgetall(key) });
  if (typeof reply !== 'object' || reply === null) throw damaged('heartbeats');
  const all = Object.entries(reply).map(([field, at]: readonly [string, unknown]) => ({
    field,
    ...parseField(field),
    atMs: asInteger(at),
  }));
  const sinceMs = Math.max(...all.map(({ atMs }) => atMs)) - REMEMBERED_MS;
  const gone = all.filter(({ atMs }) => atMs < sinceMs).map(({ field }) => field);
  if (gone.length > 0) await link.ask({ key, add: (to) => to.hdel(key, ...gone) });
  return all
    .filter(({ atMs }) => atMs >= sinceMs)
    .map(({ vantage, member, atMs }) => ({ vantage, member, atMs }))
    .sort((a, b) => (a.vantage + a.member < b.vantage + b.member ? -1 : 1));
}

/** Says that a process is gone. */
export async function removePresence(
  link: RedisLink,
  keys: RedisKeys,
  { vantage, member }: Omit<Presence, 'atMs'>,
): Promise<void> {
  const key = keys.vantages;
  await link.ask({ key, add: (to) => to.hdel(key, JSON.stringify([vantage, member])) });
}

function parseField(field: string): { readonly vantage: string; readonly member: string } {
  const [vantage, member] = asList(JSON.parse(field));
  if (typeof vantage !== 'string' || typeof member !== 'string') throw damaged('a heartbeat');
  return { vantage, member };
}
