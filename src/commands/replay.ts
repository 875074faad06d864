import { probeKinds } from '../../probes/index.ts';
import { ticketTable } from '../console/ticket-table.ts';
import { verdictTable } from '../console/verdict-table.ts';
import { isNamed, type NamedPeriod, periodNamed } from '../contract/periods.ts';
import type { Contract } from '../contract/schema.ts';
import { INSTANT_EXPECTED, parseInstant } from '../core/instant.ts';
import type { TicketVerdict } from '../core/ticket.ts';
import { ticketJson } from '../core/ticket-json.ts';
import type { Verdict } from '../core/verdict.ts';
import { verdictJson, verdictsJson } from '../core/verdict-json.ts';
import { replay as judge } from '../replay/replay.ts';
import { replayTickets } from '../replay/tickets.ts';
import { reading, UnusableLine } from './input-lines.ts';
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
  const named = options.period === undefined ? undefined : requirePeriod(config.contract, options.period);
  const periods = named ? { [named.kind]: named.period } : {};
  try {
    const all = await reading(options.observations, (lines) => judge({ config, lines, atMs, periods }));
    const verdicts =
      named?.part === undefined
        ? all
        : all.filter((one) => isOther(one, named) || isNamed(one.period, named));
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

/** The period of that name. Throws a UsageError when the name is none. */
export function requirePeriod(contract: Contract, name: string): NamedPeriod {
  const named = periodNamed(contract, name);
  if (!named) throw new UsageError(`--period is ${name}, expected a month like 2026-03 or a year like 2026`);
  return named;
}

/** Whether a verdict is on a period of another kind than the named one. */
function isOther({ period }: Verdict, { period: whole }: NamedPeriod): boolean {
  return (period.part?.of ?? period.name) !== whole.name;
}
