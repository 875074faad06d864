import { z } from 'zod';
import { verdictTable } from '../console/verdict-table.ts';
import type { VerdictJson } from '../core/verdict-json.ts';
import { VERDICT_STATES } from '../core/verdict.ts';
import { askVigie } from './ask-vigie.ts';
import { EXIT, type ExitCode, type Io, jsonText, type OutputFormat, styleOf } from './io.ts';
import { runningUrl } from './running-url.ts';

/** Options of `vigie status`. */
export interface StatusOptions {
  readonly url?: string;
  readonly config?: string;
  readonly output: OutputFormat;
}

/** What the table reads first; the rest of a verdict follows from it, as both ends are vigie. */
const verdictSchema = z.looseObject({
  row: z.string(),
  state: z.enum(VERDICT_STATES),
  downtimeMs: z.object({}),
  incidents: z.array(z.unknown()),
});
const answerSchema = z.looseObject({
  at: z.iso.datetime(),
  readings: z.array(z.string()),
  warnings: z.array(z.string()).optional(),
  verdicts: z.array(z.custom<VerdictJson>((value) => verdictSchema.safeParse(value).success)),
});

/** `vigie status`: the verdicts of a vigie that is running. A breach is a finding. */
export async function status(options: StatusOptions, io: Io): Promise<ExitCode> {
  const url = runningUrl(options, io);
  if (url === undefined) return EXIT.configuration;
  const answer = await askVigie(url, '/api/verdicts', answerSchema, io.env['VIGIE_TOKEN']);
  if (options.output === 'json') {
    io.out(jsonText(answer));
  } else {
    const { readings } = answer;
    const firstFirst = answer.verdicts.toSorted(
      (a, b) => readings.indexOf(a.reading) - readings.indexOf(b.reading),
    );
    io.out(`${verdictTable(firstFirst, styleOf(io)).join('\n')}\n`);
    for (const warning of answer.warnings ?? []) io.err(`${warning}\n`);
  }
  return answer.verdicts.some(({ state }) => state === 'breached') ? EXIT.finding : EXIT.fine;
}
