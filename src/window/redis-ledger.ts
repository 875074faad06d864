import { type RedisKeys } from './redis-keys.ts';
import type { LedgerEntry, LedgerName, NewLedgerEntry } from './ledger.ts';
import type { RedisLink } from './redis-link.ts';
import { asList, asTexts, damaged } from './redis-reply.ts';

/** Appends to a ledger; says of each entry whether it was written. Rejects with a RedisFailure. */
export async function appendEntries(
  link: RedisLink,
  keys: RedisKeys,
  ledger: LedgerName,
  entries: readonly NewLedgerEntry[],
): Promise<readonly boolean[]> {
  if (entries.length === 0) return [];
  const names = keys.ledger(ledger);
  const args = entries.flatMap(({ key, atMs, json }) => [key, JSON.stringify([key, atMs, json])]);
  const reply = await link.ask({ key: names[0], add: (to) => to.ledgerAppend(2, ...names, ...args) });
  return asList(reply).map((written) => written === 1);
}

/** The lines of a ledger after a sequence number. Rejects with a RedisFailure. */
export async function readEntries(
  link: RedisLink,
  keys: RedisKeys,
  ledger: LedgerName,
  afterSequence: number,
): Promise<readonly LedgerEntry[]> {
  const [lines] = keys.ledger(ledger);
  const reply = await link.ask({ key: lines, add: (to) => to.lrange(lines, afterSequence, -1) });
  return asTexts(reply).map((line, i) => ({ ...parseEntry(line), sequence: afterSequence + i + 1 }));
}

function parseEntry(line: string): NewLedgerEntry {
  const [key, atMs, json]: readonly unknown[] = asList(JSON.parse(line));
  if (typeof key !== 'string' || typeof atMs !== 'number' || typeof json !== 'string') {
    throw damaged('a ledger entry');
  }
  return { key, atMs, json };
}
