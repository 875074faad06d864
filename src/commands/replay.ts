import { probeKinds } from '../../probes/index.ts';
import type { Config } from '../config/config.ts';
import { isNamed, type NamedPeriod, periodNamed } from '../contract/periods.ts';
import { contractAt, versionsOf } from '../contract/rule-history.ts';
import type { Contract } from '../contract/schema.ts';
import type { DeclaredExclusion } from '../core/exclusion.ts';
import { INSTANT_EXPECTED, parseInstant } from '../core/instant.ts';
import type { TicketVerdict } from '../core/ticket.ts';
import type { Verdict } from '../core/verdict.ts';
import { replayExclusions } from '../replay/exclusions.ts';
import { type ReplayedVerdicts, replayInFull } from '../replay/replay.ts';
import { replayTickets } from '../replay/tickets.ts';
import { missingHolidays } from '../casework/ticket-book.ts';
import { reading, UnusableLine } from './input-lines.ts';
import { EXIT, type ExitCode, type Io, type OutputFormat, UsageError } from './io.ts';
import { loadOrTell } from './load.ts';
import { replayText } from './replay-text.ts';

/** Options of `vigie replay`; observations, tickets or both are there. */
export interface ReplayOptions {
  readonly config: string;
  readonly observations?: string;
  readonly tickets?: string;
  readonly exclusions?: string;
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
  try {
    const { verdicts, owed } = await judged(options, { config, atMs, named });
    const tickets =
      options.tickets === undefined
        ? undefined
        : await reading(options.tickets, (lines) => replayTickets({ contracts: config, lines, atMs }));
    if (tickets) warnOfHolidays(config, tickets, atMs, io);
    io.out(replayText(options.output, { atMs, verdicts, owed, tickets, contracts: config }, io));
    return isBreach(verdicts, tickets ?? []) ? EXIT.finding : EXIT.fine;
  } catch (error) {
    if (!(error instanceof UnusableLine)) throw error;
    io.err(`${error.message}\n`);
    return EXIT.usage;
  }
}

interface Asked {
  readonly config: Config;
  readonly atMs: number;
  readonly named: NamedPeriod | undefined;
}

async function judged(options: ReplayOptions, asked: Asked): Promise<ReplayedVerdicts> {
  const { config, atMs, named } = asked;
  const exclusions = await readExclusions(options.exclusions, config, atMs);
  const periods = named ? { [named.kind]: named.period } : {};
  const { verdicts, owed } = await reading(options.observations, (lines) =>
    replayInFull({ config: { ...config, exclusions }, lines, atMs, periods }),
  );
  if (named?.part === undefined) return { verdicts, owed };
  return { verdicts: verdicts.filter((one) => isOther(one, named) || isNamed(one.period, named)), owed };
}

/** What is in force at an instant, by the configuration and by a file where there is one. Rejects as `reading` does. */
export async function readExclusions(
  path: string | undefined,
  config: Config,
  atMs: number,
): Promise<readonly DeclaredExclusion[]> {
  if (path === undefined) return config.exclusions;
  return reading(path, (lines) => replayExclusions({ config, lines, atMs }));
}

/** Says so when working time was counted in a year that the list of holidays knows nothing of. */
function warnOfHolidays(config: Config, tickets: readonly TicketVerdict[], atMs: number, io: Io): void {
  const versions = versionsOf(config);
  const counted = tickets.filter(({ gti, gtr, openedMs }) =>
    contractAt(versions, openedMs).rows.some(
      (row) => row.type === 'support' && row.workingTime && (row.id === gti?.row || row.id === gtr?.row),
    ),
  );
  const instants = counted.flatMap(({ openedMs, resolvedMs }) =>
    [openedMs, resolvedMs ?? atMs].map((ms) => ({ openedMs, atMs: ms })),
  );
  for (const text of missingHolidays(config, instants)) io.err(`vigie: warning: ${text}\n`);
}

const INPUTS = ['observations', 'tickets', 'exclusions'] as const;

function requireInput(options: ReplayOptions): void {
  if (options.observations === undefined && options.tickets === undefined)
    throw new UsageError('nothing to replay, expected --observations, --tickets or both');
  const [first, second] = INPUTS.filter((input) => options[input] === '-');
  if (first && second)
    throw new UsageError(`--${first} and --${second} are both -, expected one of them to be a file`);
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
