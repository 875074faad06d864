import { createReadStream } from 'node:fs';
import { probeKinds } from '../../probes/index.ts';
import type { Config } from '../config/config.ts';
import { ticketTable } from '../console/ticket-table.ts';
import { verdictTable } from '../console/verdict-table.ts';
import { periodNamed } from '../contract/periods.ts';
import { INSTANT_EXPECTED, parseInstant } from '../core/instant.ts';
import type { TicketVerdict } from '../core/ticket.ts';
import { ticketJson } from '../core/ticket-json.ts';
import type { Verdict } from '../core/verdict.ts';
import { verdictJson, verdictsJson } from '../core/verdict-json.ts';
import { ReplayError } from '../replay/read-lines.ts';
import { replay as judge, type ReplayRequest } from '../replay/replay.ts';
import { replayTickets } from '../replay/tickets.ts';
import { EXIT, type ExitCode, type Io, jsonText, styleOf, type OutputFormat, UsageError } from './io.ts';
import { loadOrTell } from './load.ts';

/** Options of `vigie replay`; observations, tickets or both are there. */
export interface ReplayOptions {
  readonly config: string;
  readonly observations?: string;
  readonly tickets?: string;
  readonly at: string;
  readonly period?: string;
  readonly output: OutputFormat;
}

/** `vigie replay`: recorded observations and ticket events to verdicts. A breach is a finding. */
export async function replay(options: ReplayOptions, io: Io): Promise<ExitCode> {
  requireInput(options);
  const atMs = parseInstant(options.at);
  if (atMs === undefined) throw new UsageError(`--at is ${options.at}, expected ${INSTANT_EXPECTED}`);
  const config = loadOrTell(options.config, probeKinds(), io);
  if (!config) return EXIT.configuration;
  const periods = periodsNamed(config, options.period);
  try {
    const verdicts = await reading(options.observations, (lines) => judge({ config, lines, atMs, periods }));
    const tickets =
      options.tickets === undefined
        ? undefined
        : await reading(options.tickets, (lines) =>
            replayTickets({ contract: config.contract, lines, atMs }),
          );
    io.out(printed(options.output, { atMs, verdicts, tickets }, io));
    return isBreach(verdicts, tickets ?? []) ? EXIT.finding : EXIT.fine;
  } catch (error) {
    if (!(error instanceof UnusableLine)) throw error;
    io.err(`${error.message}\n`);
    return EXIT.usage;
  }
}

function requireInput({ observations, tickets }: ReplayOptions): void {
  if (observations === undefined && tickets === undefined)
    throw new UsageError('nothing to replay, expected --observations, --tickets or both');
  if (observations === '-' && tickets === '-')
    throw new UsageError('--observations and --tickets are both -, expected one of them to be a file');
}

interface Replayed {
  readonly atMs: number;
  readonly verdicts: readonly Verdict[];
  /** Undefined when none were asked for. */
  readonly tickets: readonly TicketVerdict[] | undefined;
}

function printed(output: OutputFormat, { atMs, verdicts, tickets }: Replayed, io: Io): string {
  const ticketsShown = tickets?.map(ticketJson);
  if (output === 'json')
    return jsonText({ ...verdictsJson(atMs, verdicts), ...(ticketsShown && { tickets: ticketsShown }) });
  const style = styleOf(io);
  const table = verdictTable(verdicts.map(verdictJson), style);
  return `${[...table, ...(ticketsShown ? ['', ...ticketTable(ticketsShown, style)] : [])].join('\n')}\n`;
}

function isBreach(verdicts: readonly Verdict[], tickets: readonly TicketVerdict[]): boolean {
  const states = [...verdicts, ...tickets.flatMap(({ gti, gtr }) => [gti, gtr])].map((one) => one?.state);
  return states.includes('breached');
}

function periodsNamed(config: Config, name: string | undefined): ReplayRequest['periods'] {
  if (name === undefined) return {};
  const named = periodNamed(config.contract, name);
  if (!named) throw new UsageError(`--period is ${name}, expected a month like 2026-03 or a year like 2026`);
  return { [named.kind]: named.period };
}

/** A line of one of the files cannot be used; the message names the place. */
class UnusableLine extends Error {
  override readonly name = 'UnusableLine';
}

/** Does something with the lines of a file, none when there is none, and says of which file it is that they are wrong. */
async function reading<T>(
  path: string | undefined,
  use: (lines: AsyncIterable<string>) => Promise<T>,
): Promise<T> {
  try {
    return await use(linesOf(path));
  } catch (error) {
    if (error instanceof ReplayError)
      throw new UnusableLine(`${path}:${error.line}: ${error.message}`, { cause: error });
    if (isUnreadable(error)) throw new UsageError(`${path} cannot be read: ${error.code}`);
    throw error;
  }
}

/** Split at line feeds alone: readline also splits at U+2028, which may stand within JSON. */
async function* linesOf(path: string | undefined): AsyncGenerator<string> {
  if (path === undefined) return;
  const input: AsyncIterable<string> =
    path === '-' ? process.stdin.setEncoding('utf8') : createReadStream(path, 'utf8');
  let rest = '';
  let isFirst = true;
  for await (const chunk of input) {
    const lines = (rest + (isFirst ? chunk.replace(/^\uFEFF/, '') : chunk)).split('\n');
    isFirst = false;
    rest = lines.pop() ?? '';
    yield* lines;
  }
  yield rest;
}

function isUnreadable(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'syscall' in error;
}
