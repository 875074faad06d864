import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { probeKinds } from '../../probes/index.ts';
import type { Config } from '../config/config.ts';
import { verdictTable } from '../console/verdict-table.ts';
import { periodNamed } from '../contract/periods.ts';
import { INSTANT_EXPECTED, parseInstant } from '../core/instant.ts';
import { verdictJson, verdictsJson } from '../core/verdict-json.ts';
import { replay as judge, ReplayError, type ReplayRequest } from '../replay/replay.ts';
import { EXIT, type ExitCode, type Io, jsonText, styleOf, type OutputFormat, UsageError } from './io.ts';
import { loadOrTell } from './load.ts';

/** Options of `vigie replay`. */
export interface ReplayOptions {
  readonly config: string;
  readonly observations: string;
  readonly at: string;
  readonly period?: string;
  readonly output: OutputFormat;
}

/** `vigie replay`: recorded observations to verdicts. A breach is a finding. */
export async function replay(options: ReplayOptions, io: Io): Promise<ExitCode> {
  const atMs = parseInstant(options.at);
  if (atMs === undefined) throw new UsageError(`--at is ${options.at}, expected ${INSTANT_EXPECTED}`);
  const config = loadOrTell(options.config, probeKinds(), io);
  if (!config) return EXIT.configuration;
  const periods = periodsNamed(config, options.period);
  try {
    const verdicts = await judge({ config, lines: linesOf(options.observations), atMs, periods });
    const asText = (): string => `${verdictTable(verdicts.map(verdictJson), styleOf(io)).join('\n')}\n`;
    io.out(options.output === 'json' ? jsonText(verdictsJson(atMs, verdicts)) : asText());
    return verdicts.some(({ state }) => state === 'breached') ? EXIT.finding : EXIT.fine;
  } catch (error) {
    if (error instanceof ReplayError) {
      io.err(`${options.observations}:${error.line}: ${error.message}\n`);
      return EXIT.usage;
    }
    if (isUnreadable(error)) throw new UsageError(`${options.observations} cannot be read: ${error.code}`);
    throw error;
  }
}

function periodsNamed(config: Config, name: string | undefined): ReplayRequest['periods'] {
  if (name === undefined) return {};
  const named = periodNamed(config.contract, name);
  if (!named) throw new UsageError(`--period is ${name}, expected a month like 2026-03 or a year like 2026`);
  return { [named.kind]: named.period };
}

async function* linesOf(path: string): AsyncGenerator<string> {
  const input = path === '-' ? process.stdin : createReadStream(path, 'utf8');
  // A stream that fails before it is read from would end readline without a word.
  const failed = new Promise<never>((_, reject) => input.once('error', reject));
  const lines = createInterface({ input, crlfDelay: Infinity })[Symbol.asyncIterator]();
  for (;;) {
    const next = await Promise.race([lines.next(), failed]);
    if (next.done) return;
    yield next.value;
  }
}

function isUnreadable(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'syscall' in error;
}
