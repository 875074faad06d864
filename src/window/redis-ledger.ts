import type { LedgerEntry, LedgerName, NewLedgerEntry } from './ledger.ts';
import type { RedisKeys } from './redis-keys.ts';
import type { RedisLink } from './redis-link.ts';
import { asList, asTexts, damaged } from './redis-reply.ts';

const ENTRIES_A_CALL = 500;

interface Book {
  /** In the order in which this process learnt of them. */
  readonly known: LedgerEntry[];
  readonly keys: Set<string>;
  /** How many lines Redis had when it was last read. */
  read: number;
}

/**
 * The ledgers as this process knows them. A Redis that takes over may have lost lines, and give their places to others:
 * what is known here keeps its number, what is new gets the next, and what Redis lacks can be written again.
 */
export class RedisLedgers {
  readonly #link: RedisLink;
  readonly #keys: RedisKeys;
  readonly #books = new Map<LedgerName, Book>();

  constructor(link: RedisLink, keys: RedisKeys) {
    this.#link = link;
    this.#keys = keys;
  }

  /** See {@link Ledger.append}. Rejects with a RedisFailure, like all here. */
  append(ledger: LedgerName, entries: readonly NewLedgerEntry[]): Promise<readonly boolean[]> {
    return appendEntries(this.#link, this.#keys, ledger, entries);
  }

  /** See {@link Ledger.entries}. */
  async entries(ledger: LedgerName, afterSequence: number): Promise<readonly LedgerEntry[]> {
    const book = this.#book(ledger);
    const from = book.read;
    const lines = await readEntries(this.#link, this.#keys, ledger, from);
    // Two reads at once are given the same lines.
    book.read = Math.max(book.read, from + lines.length);
    for (const { key, atMs, json } of lines) {
      if (book.keys.has(key)) continue;
      book.keys.add(key);
      book.known.push({ key, atMs, json, sequence: book.known.length + 1 });
    }
    return book.known.slice(afterSequence);
  }

  /** Redis may have forgotten lines: it is given all that are known here, and read whole at the next look. */
  async rewrite(): Promise<void> {
    for (const [ledger, book] of this.#books) {
      for (let at = 0; at < book.known.length; at += ENTRIES_A_CALL) {
        await this.append(ledger, book.known.slice(at, at + ENTRIES_A_CALL));
      }
      book.read = 0;
    }
  }

  #book(ledger: LedgerName): Book {
    const book = this.#books.get(ledger) ?? { known: [], keys: new Set(), read: 0 };
    this.#books.set(ledger, book);
    return book;
  }
}

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
