import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { z } from 'zod';
import { systemClock } from '../clock.ts';
import { ClosingBook, parseClosing } from '../closing/closing-book.ts';
import { closingText } from '../closing/closing.ts';
import { ClosingDesk } from '../keeping/closing-desk.ts';
import type { Config } from '../config/config.ts';
import type { ClosedPeriod } from '../core/closed-period.ts';
import { coversRegion } from '../casework/judging.ts';
import type { KeptClosing } from '../report/report.ts';
import { memoryStore } from '../window/memory.ts';
import { openSqliteStore } from '../window/sqlite.ts';
import { WindowStoreError } from '../window/store-error.ts';
import type { WindowStore } from '../window/store.ts';
import { askVigie } from './ask-vigie.ts';
import type { OpenBooks } from './books.ts';
import { UsageError } from './io.ts';
import { VERSION } from './version.ts';

/** Which closing of a period is wanted. */
export interface ClosingWanted {
  readonly period: string;
  /** The latest when absent. */
  readonly number?: number;
  /** Where a running vigie listens; as the configuration says when absent. */
  readonly url?: string;
  /** What it is shown to be let in. */
  readonly token?: string;
}

/**
 * A closing from the ledger, or what a period that is not closed comes to so far: as a running vigie says, or from the
 * windows when none is running. Throws a UsageError when there is none.
 */
export async function closingWanted(wanted: ClosingWanted, books: OpenBooks): Promise<KeptClosing> {
  const { period, number } = wanted;
  const book = new ClosingBook(books.ledger);
  await book.catchUp();
  const kept = book.of(period);
  const chosen = number ?? kept.at(-1)?.number;
  if (chosen === undefined) return provisional(wanted, books);
  const text = await book.text(period, chosen);
  const closing = text === undefined ? undefined : parseClosing(text);
  if (text === undefined || !closing) {
    const known = kept.map((one) => `#${one.number}`).join(', ') || 'none';
    throw new UsageError(`there is no closing ${period}#${chosen}; there are: ${known}`);
  }
  return { closing, text };
}

const closingSchema = z.custom<ClosedPeriod>((value) => parseClosing(JSON.stringify(value)) !== undefined);

async function provisional({ period, url, token }: ClosingWanted, books: OpenBooks): Promise<KeptClosing> {
  const { config } = books;
  const ask = async (): Promise<KeptClosing> => {
    const path = `/api/periods/${encodeURIComponent(period)}`;
    const closing = await askVigie(url ?? addressOf(config), path, closingSchema, token);
    return { closing, text: closingText(closing) };
  };
  if (url !== undefined || config.windowUrl !== undefined) return ask();
  try {
    return await withWindows(config, (store) => offline(period, books, store));
  } catch (error) {
    if (error instanceof WindowStoreError && error.trouble === 'locked') return ask();
    throw error;
  }
}

/** Where a vigie of this configuration listens. */
export function addressOf({ listen: { host, port } }: Config): string {
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

/** Does something with the embedded windows of a configuration. Rejects with a WindowStoreError. */
export async function withWindows<T>(config: Config, use: (store: WindowStore) => Promise<T>): Promise<T> {
  const path = join(config.dataDir, 'windows.sqlite');
  // Asking must not make what was never there.
  if (!existsSync(path)) return use(memoryStore());
  const store = await openSqliteStore({ path, clock: systemClock });
  try {
    return await use(store);
  } finally {
    await store.close();
  }
}

async function offline(
  period: string,
  { config, ledger }: OpenBooks,
  store: WindowStore,
): Promise<KeptClosing> {
  const desk = new ClosingDesk({
    clock: systemClock,
    log: { info: () => undefined, warn: () => undefined },
    ledger,
    store,
    version: VERSION,
    keptMs: 0,
    config: () => config,
    coversRegion: () => coversRegion(config),
    breathe: () => setImmediate(),
    onClosed: () => Promise.resolve(),
  });
  const closing = await desk.provisional(period);
  if (!closing)
    throw new UsageError(`${period} is no period, expected a month like 2026-03 or a year like 2026`);
  return { closing, text: closingText(closing) };
}
