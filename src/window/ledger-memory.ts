import type { Ledger, LedgerEntry, LedgerName } from './ledger.ts';

/** Books that live and end with the process: for tests, and for judging from files alone. */
export function memoryLedger(): Ledger {
  const books = new Map<LedgerName, Map<string, LedgerEntry>>();
  const bookOf = (name: LedgerName): Map<string, LedgerEntry> => {
    const book = books.get(name) ?? new Map<string, LedgerEntry>();
    books.set(name, book);
    return book;
  };
  return {
    append(name, entries) {
      const book = bookOf(name);
      return Promise.resolve(
        entries.map(({ key, atMs, json }) => {
          if (book.has(key)) return false;
          book.set(key, { key, atMs, json, sequence: book.size + 1 });
          return true;
        }),
      );
    },
    entries: (name, afterSequence) =>
      Promise.resolve([...bookOf(name).values()].filter(({ sequence }) => sequence > afterSequence)),
  };
}
