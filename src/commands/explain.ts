import { z } from 'zod';
import { probeKinds } from '../../probes/index.ts';
import type { Config } from '../config/config.ts';
import { suggest } from '../config/nearest.ts';
import { explanationText } from '../console/explanation-text.ts';
import type { Explanation } from '../core/explanation.ts';
import { INSTANT_EXPECTED, parseInstant } from '../core/instant.ts';
import type { Question } from '../judge/judge.ts';
import { replayed } from '../replay/replay.ts';
import { explainRow } from '../casework/explaining.ts';
import { askVigie } from './ask-vigie.ts';
import { EXIT, type ExitCode, type Io, jsonText, type OutputFormat, UsageError } from './io.ts';
import { loadOrTell } from './load.ts';
import { readExclusions, requirePeriod } from './replay.ts';
import { reading, UnusableLine } from './input-lines.ts';
import { runningUrl } from './running-url.ts';

/** Options of `vigie explain`; without observations a vigie that is running is asked. */
export interface ExplainOptions {
  readonly config: string;
  readonly scope?: string;
  readonly reading?: string;
  readonly period?: string;
  readonly at?: string;
  readonly observations?: string;
  readonly exclusions?: string;
  readonly url?: string;
  readonly output: OutputFormat;
}

/** `vigie explain`: how the verdicts on a row came about. A breach is a finding. */
export async function explain(row: string, options: ExplainOptions, io: Io): Promise<ExitCode> {
  const question: Question = {
    row,
    ...(options.scope !== undefined && { scope: options.scope }),
    ...(options.reading !== undefined && { reading: options.reading }),
  };
  const explanations =
    options.observations === undefined
      ? await fromRunning(question, options, io)
      : await fromRecord(question, options.observations, options, io);
  if (typeof explanations === 'number') return explanations;
  if (explanations.length === 0)
    throw new UsageError(`there is no verdict on ${described(question, options)}`);
  io.out(
    options.output === 'json'
      ? jsonText({ explanations })
      : `${explanations.map((one) => explanationText(one).join('\n')).join('\n\n')}\n`,
  );
  return explanations.some(({ verdict }) => verdict.state === 'breached') ? EXIT.finding : EXIT.fine;
}

function described({ row, scope, reading: by }: Question, { period }: ExplainOptions): string {
  return [row, scope, by && `read as by "${by}"`, period && `in ${period}`].filter(Boolean).join(', ');
}

async function fromRecord(
  question: Question,
  observations: string,
  options: ExplainOptions,
  io: Io,
): Promise<readonly Explanation[] | ExitCode> {
  const atMs = parseInstant(options.at ?? '');
  if (atMs === undefined)
    throw new UsageError(`--at is ${options.at ?? 'missing'}, expected ${INSTANT_EXPECTED}`);
  const config = loadOrTell(options.config, probeKinds(), io);
  if (!config) return EXIT.configuration;
  requireRow(config, question.row);
  const period = options.period === undefined ? undefined : requirePeriod(config.contract, options.period);
  try {
    const exclusions = await readExclusions(options.exclusions, config, atMs);
    const { judge, windows } = await reading(observations, (lines) =>
      replayed({ config: { ...config, exclusions }, lines, atMs }),
    );
    return await explainRow(judge, windows, question, atMs, period);
  } catch (error) {
    if (!(error instanceof UnusableLine)) throw error;
    io.err(`${error.message}\n`);
    return EXIT.usage;
  }
}

function requireRow({ contract }: Config, row: string): void {
  const known = contract.rows.map(({ id }) => id);
  if (!known.includes(row)) throw new UsageError(`${row} is no row of the contract${suggest(row, known)}`);
}

const answerSchema = z.object({
  explanations: z.array(
    z.custom<Explanation>(
      (value) => z.looseObject({ verdict: z.looseObject({ row: z.string() }) }).safeParse(value).success,
    ),
  ),
});

async function fromRunning(
  question: Question,
  options: ExplainOptions,
  io: Io,
): Promise<readonly Explanation[] | ExitCode> {
  for (const option of ['at', 'exclusions'] as const) {
    if (options[option] === undefined) continue;
    throw new UsageError(`--${option} needs --observations: a running vigie tells what is now`);
  }
  const url = runningUrl(options, io);
  if (url === undefined) return EXIT.configuration;
  const query = new URLSearchParams(Object.entries({ ...question }));
  if (options.period !== undefined) query.set('period', options.period);
  const { explanations } = await askVigie(
    url,
    `/api/explain?${query.toString()}`,
    answerSchema,
    io.env['VIGIE_TOKEN'],
  );
  return explanations;
}
