import { createReadStream } from 'node:fs';
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

/** Split at line feeds alone: readline also splits at U+2028, which may stand within JSON. */
async function* linesOf(path: string): AsyncGenerator<string> {
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
