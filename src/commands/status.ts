import { Agent, request } from 'undici';
import { z } from 'zod';
import { systemClock } from '../clock.ts';
import { verdictTable } from '../console/verdict-table.ts';
import type { VerdictJson } from '../core/verdict-json.ts';
import { VERDICT_STATES } from '../core/verdict.ts';
import { EXIT, type ExitCode, type Io, jsonText, styleOf, type OutputFormat, UsageError } from './io.ts';

/** Options of `vigie status`. */
export interface StatusOptions {
  readonly url: string;
  readonly output: OutputFormat;
}

const DEADLINE_MS = 5_000;
const MOST_BYTES = 64 * 1_024 * 1_024;

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
  verdicts: z.array(z.custom<VerdictJson>((value) => verdictSchema.safeParse(value).success)),
});

/** `vigie status`: the verdicts of a vigie that is running. A breach is a finding. */
export async function status(options: StatusOptions, io: Io): Promise<ExitCode> {
  const answer = await fetchVerdicts(options.url);
  if (options.output === 'json') {
    io.out(jsonText(answer));
  } else {
    const { readings } = answer;
    const firstFirst = answer.verdicts.toSorted(
      (a, b) => readings.indexOf(a.reading) - readings.indexOf(b.reading),
    );
    io.out(`${verdictTable(firstFirst, styleOf(io)).join('\n')}\n`);
  }
  return answer.verdicts.some(({ state }) => state === 'breached') ? EXIT.finding : EXIT.fine;
}

async function fetchVerdicts(url: string): Promise<z.output<typeof answerSchema>> {
  const dispatcher = new Agent({ maxResponseSize: MOST_BYTES });
  const deadline = new AbortController();
  const cancel = systemClock.after(DEADLINE_MS, () => deadline.abort());
  try {
    const response = await request(new URL('/api/verdicts', url), { signal: deadline.signal, dispatcher });
    const parsed = answerSchema.safeParse(await response.body.json());
    if (response.statusCode !== 200 || !parsed.success) throw new UsageError(`${url} is not a vigie`);
    return parsed.data;
  } catch (error) {
    if (error instanceof UsageError) throw error;
    const why =
      error instanceof Error && 'code' in error ? String(error.code) : 'no answer that is understood';
    throw new UsageError(`no vigie answers at ${url} (${why}); is it running? name another with --url`);
  } finally {
    cancel();
    await dispatcher.close();
  }
}
