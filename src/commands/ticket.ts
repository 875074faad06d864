import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { systemClock } from '../clock.ts';
import { suggest } from '../config/nearest.ts';
import { ticketTable } from '../console/ticket-table.ts';
import { type ContractVersion, versionsOf } from '../contract/rule-history.ts';
import { INSTANT_EXPECTED, parseInstant } from '../core/instant.ts';
import type { TicketVerdict } from '../core/ticket.ts';
import { ticketJson } from '../core/ticket-json.ts';
import { instantJson } from '../core/verdict-json.ts';
import { countedNow, missingHolidays, TicketBook } from '../casework/ticket-book.ts';
import { type TicketAnswer, TicketDesk } from '../casework/ticket-desk.ts';
import { enterLines } from '../casework/ticket-lines.ts';
import { readTicketEvents } from '../casework/ticket-request.ts';
import { tellVigie } from './ask-vigie.ts';
import { type OpenBooks, withBooks, writerNamed } from './books.ts';
import { reading, UnusableLine } from './input-lines.ts';
import { EXIT, type ExitCode, type Io, jsonText, type OutputFormat, styleOf, UsageError } from './io.ts';

/** Options that all of `vigie ticket` have. */
export interface TicketOptions {
  readonly config: string;
  readonly output: OutputFormat;
  /** RFC 3339; when it happened, or the instant to judge at. Now when absent. */
  readonly at?: string;
  readonly author?: string;
  /** Where the vigie listens whose books are written to; those of the configuration when absent. */
  readonly url?: string;
}

/** Options of `vigie ticket open`. */
export interface TicketOpenOptions extends TicketOptions {
  readonly severity: number;
  readonly complete: boolean;
  readonly title?: string;
}

/** Options of `vigie ticket event`. */
export interface TicketEventOptions extends TicketOptions {
  readonly severity?: number;
}

/** Options of `vigie ticket link`. */
export interface TicketLinkOptions extends TicketOptions {
  readonly from: string;
  readonly scope: string;
}

/** `vigie ticket open`: a ticket was opened. Said again as it was, it stays as it is. */
export function ticketOpen(ticket: string, options: TicketOpenOptions, io: Io): Promise<ExitCode> {
  const { severity, complete, title, url } = options;
  const opened = { ticket, event: 'opened', severity, complete, ...(title !== undefined && { title }) };
  if (url !== undefined) return enterAt(url, { ...opened, at: atText(options) }, options, io);
  return withBooks(options.config, io, async (books) => {
    const known = (await bookOf(books)).ticket(ticket)?.events.find(({ event }) => event === 'opened');
    // Who does not say when means the ticket that is there.
    const at = options.at ?? (known ? instantJson(known.atMs) : atText(options));
    const event = { ...opened, at };
    return enterInto(books, event, options, io);
  });
}

/** `vigie ticket event`: something happened to a ticket. */
export function ticketEvent(
  ticket: string,
  event: string,
  options: TicketEventOptions,
  io: Io,
): Promise<ExitCode> {
  const { severity, url } = options;
  const given = { ticket, event, at: atText(options), ...(severity !== undefined && { severity }) };
  if (url !== undefined) return enterAt(url, given, options, io);
  return withBooks(options.config, io, (books) => enterInto(books, given, options, io));
}

/** `vigie ticket list`: all tickets and how their clocks stand. A breach is a finding. */
export function ticketList(options: TicketOptions, io: Io): Promise<ExitCode> {
  return withBooks(options.config, io, async (books) => {
    const book = await bookOf(books);
    warnOfHolidays(books, book.verdicts(atMsOf(options)), atMsOf(options), io);
    const tickets = [...book.verdicts(atMsOf(options))].sort((a, b) => (a.ticket < b.ticket ? -1 : 1));
    print(tickets, options.output, io);
    return isBreach(tickets) ? EXIT.finding : EXIT.fine;
  });
}

/** `vigie ticket show`: one ticket, its events and links. A breach is a finding. */
export function ticketShow(id: string, options: TicketOptions, io: Io): Promise<ExitCode> {
  return withBooks(options.config, io, async (books) => {
    const book = await bookOf(books);
    warnOfHolidays(books, book.verdicts(atMsOf(options)), atMsOf(options), io);
    const verdict = requireTicket(book, id, atMsOf(options));
    if (options.output === 'json') io.out(jsonText({ ...ticketJson(verdict), links: linksOf(book, id) }));
    else print([verdict], 'text', io);
    return isBreach([verdict]) ? EXIT.finding : EXIT.fine;
  });
}

/** `vigie ticket import`: all events of a file of JSON Lines, or none. */
export function ticketImport(file: string, options: TicketOptions, io: Io): Promise<ExitCode> {
  return withBooks(options.config, io, async (books) => {
    const desk = deskOn(books);
    try {
      const written = await reading(file, (lines) =>
        enterLines({ lines, contracts: books.config, desk, by: writerNamed(options.author) }),
      );
      return toldWritten(written, options, io);
    } catch (error) {
      if (!(error instanceof UnusableLine)) throw error;
      io.err(`${error.message}\n`);
      return EXIT.usage;
    }
  });
}

/** `vigie ticket link`: says that a ticket is about the incident of a row that begins at an instant. */
export function ticketLink(
  ticket: string,
  row: string,
  options: TicketLinkOptions,
  io: Io,
): Promise<ExitCode> {
  return withBooks(options.config, io, async (books) => {
    const rowsOf = ({ contract }: ContractVersion) => contract.rows.map(({ id }) => id);
    const rows = [...new Set(versionsOf(books.config).flatMap(rowsOf))];
    if (!rows.includes(row)) throw new UsageError(`${row} is no row of the contract${suggest(row, rows)}`);
    const fromMs = instantOf('--from', options.from);
    const { scope } = options;
    const link = { ticket, event: 'linked', row, scope, fromMs } as const;
    const written = requireWritten(await deskOn(books).link(link, writerNamed(options.author)));
    const told = written === 0 ? 'was linked already\n' : 'linked\n';
    io.out(options.output === 'json' ? jsonText({ ticket, row, scope, from: instantJson(fromMs) }) : told);
    return EXIT.fine;
  });
}

const writtenSchema = z.looseObject({ written: z.int() });

/** Into the books of a vigie elsewhere, which notes by whose token. */
async function enterAt(
  url: string,
  event: object,
  options: Pick<TicketOptions, 'author' | 'output'>,
  io: Io,
): Promise<ExitCode> {
  if (options.author !== undefined)
    throw new UsageError(
      '--author goes with the books of a configuration: with --url it is whose token is shown',
    );
  const token = io.env['VIGIE_TOKEN'];
  const { written } = await tellVigie(url, '/api/tickets', event, writtenSchema, token);
  return toldWritten(written, options, io);
}

function toldWritten(written: number, { output }: Pick<TicketOptions, 'output'>, io: Io): ExitCode {
  io.out(output === 'json' ? jsonText({ written }) : `${written} new events\n`);
  return EXIT.fine;
}

async function enterInto(
  books: OpenBooks,
  event: { readonly ticket: string },
  options: TicketOptions,
  io: Io,
): Promise<ExitCode> {
  const { ticket } = event;
  const read = readTicketEvents(event, books.config);
  if (!read.ok) throw new UsageError(read.detail);
  const written = requireWritten(await deskOn(books).take(read.events, writerNamed(options.author)));
  if (written === 0)
    io.err(`vigie: ticket ${JSON.stringify(ticket)}: this is there already; nothing was changed\n`);
  print([requireTicket(await bookOf(books), ticket, systemClock.wallMs())], options.output, io);
  return EXIT.fine;
}

/** The tickets of the books, all lines taken in. */
export async function bookOf({ config, ledger }: OpenBooks): Promise<TicketBook> {
  const book = new TicketBook(config);
  book.take(await ledger.entries('tickets', 0));
  return book;
}

/** How a ticket stands. Throws a UsageError when there is none of that id. */
export function requireTicket(book: TicketBook, id: string, atMs: number): TicketVerdict {
  const verdicts = book.verdicts(atMs);
  const found = verdicts.find(({ ticket }) => ticket === id);
  if (found) return found;
  const known = verdicts.map(({ ticket }) => ticket);
  throw new UsageError(`there is no ticket ${JSON.stringify(id)}${suggest(id, known)}`);
}

function deskOn({ config, ledger }: OpenBooks): TicketDesk {
  const book = new TicketBook(config);
  return new TicketDesk({ ledger, book, nowMs: () => systemClock.wallMs(), nonce: randomUUID });
}

function linksOf(book: TicketBook, id: string) {
  return (book.ticket(id)?.links ?? []).map(({ row, scope, fromMs }) => ({
    row,
    scope,
    from: instantJson(fromMs),
  }));
}

function warnOfHolidays(
  { config }: OpenBooks,
  tickets: readonly TicketVerdict[],
  atMs: number,
  io: Io,
): void {
  for (const missing of missingHolidays(config, countedNow(tickets, atMs)))
    io.err(`vigie: warning: ${missing}\n`);
}

/** How many events were new. */
function requireWritten(answer: TicketAnswer): number {
  if (!answer.ok) throw new UsageError(answer.detail);
  return answer.written;
}

function print(tickets: readonly TicketVerdict[], output: OutputFormat, io: Io): void {
  const shown = tickets.map(ticketJson);
  if (output === 'json') io.out(jsonText({ tickets: shown }));
  else io.out(`${ticketTable(shown, styleOf(io)).join('\n')}\n`);
}

function isBreach(tickets: readonly TicketVerdict[]): boolean {
  return tickets.some(({ gti, gtr }) => gti?.state === 'breached' || gtr?.state === 'breached');
}

/** Cut to a millisecond before now, so that what has just happened is in the past at once. */
function atText({ at }: TicketOptions): string {
  return at ?? instantJson(systemClock.wallMs() - 1);
}

function atMsOf({ at }: TicketOptions): number {
  return at === undefined ? systemClock.wallMs() : instantOf('--at', at);
}

function instantOf(option: string, text: string): number {
  const ms = parseInstant(text);
  if (ms === undefined) throw new UsageError(`${option} is ${text}, expected ${INSTANT_EXPECTED}`);
  return ms;
}
