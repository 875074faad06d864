import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { z } from 'zod';
import { type Claim, claimOf } from '../casework/claim.ts';
import { systemClock } from '../clock.ts';
import type { Config } from '../config/config.ts';
import { claimText } from '../console/claim-text.ts';
import { foldExclusions, inForce } from '../register/exclusions.ts';
import { judgeFor, takeIn } from '../casework/judging.ts';
import { memoryStore } from '../window/memory.ts';
import { openSqliteStore } from '../window/sqlite.ts';
import { WindowStoreError } from '../window/store-error.ts';
import type { WindowStore } from '../window/store.ts';
import { askVigie } from './ask-vigie.ts';
import { type OpenBooks, withBooks } from './books.ts';
import { EXIT, type ExitCode, type Io, jsonText, type OutputFormat } from './io.ts';
import { bookOf, requireTicket } from './ticket.ts';

/** Options of `vigie ticket claim`. */
export interface TicketClaimOptions {
  readonly config: string;
  readonly output: OutputFormat;
  /** Where a running vigie listens; as the configuration says when absent. */
  readonly url?: string;
}

const claimSchema = z.custom<Claim>(
  (value) => z.looseObject({ incidents: z.array(z.unknown()) }).safeParse(value).success,
);

/**
 * `vigie ticket claim`: what the provider asks for. From a vigie that is running, which has the windows to itself; from
 * the windows themselves when none is.
 */
export function ticketClaim(id: string, options: TicketClaimOptions, io: Io): Promise<ExitCode> {
  return withBooks(options.config, io, async (books) => {
    const claim = await claimed(id, books, options, io);
    io.out(options.output === 'json' ? jsonText(claim) : `${claimText(claim).join('\n')}\n`);
    return EXIT.fine;
  });
}

async function claimed(id: string, books: OpenBooks, { url }: TicketClaimOptions, io: Io): Promise<Claim> {
  const { config } = books;
  const token = io.env['VIGIE_TOKEN'] ?? config.access?.tokens[0]?.token.reveal();
  const ask = (): Promise<Claim> => {
    const { host, port } = config.listen;
    const scheme = config.web?.tls ? 'https' : 'http';
    const address = url ?? `${scheme}://${host.includes(':') ? `[${host}]` : host}:${port}`;
    return askVigie(address, `/api/tickets/${encodeURIComponent(id)}/claim`, claimSchema, token);
  };
  if (url !== undefined || config.windowUrl !== undefined) return ask();
  try {
    return await withWindows(config, (store) => offline(id, books, store));
  } catch (error) {
    if (error instanceof WindowStoreError && error.trouble === 'locked') return ask();
    throw error;
  }
}

async function withWindows(config: Config, use: (store: WindowStore) => Promise<Claim>): Promise<Claim> {
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

async function offline(id: string, books: OpenBooks, store: WindowStore): Promise<Claim> {
  const { config, ledger } = books;
  const book = await bookOf(books);
  const nowMs = systemClock.wallMs();
  const ticket = requireTicket(book, id, nowMs);
  const { exclusions } = foldExclusions(await ledger.entries('exclusions', 0));
  const judge = judgeFor({ ...config, exclusions: [...config.exclusions, ...inForce(exclusions.values())] });
  for (const judged of await store.judged(config.checks.map((check) => check.id)))
    if (judged) judge.restore(judged.check, judged.transitions, judged.cursorMs);
  await takeIn(judge, store, nowMs);
  return claimOf(ticket, book.ticket(id)?.links ?? [], {
    config,
    store,
    breathe: () => setImmediate(),
    verdictsOf: async (kind, period) => [
      ...judge.verdicts(nowMs, (of) => (of === kind ? period : undefined)),
    ],
  });
}
