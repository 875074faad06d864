import { request } from 'undici';
import { z } from 'zod';
import { systemClock } from '../clock.ts';
import { verdictTable } from '../console/verdict-table.ts';
import type { VerdictJson } from '../core/verdict-json.ts';
import { VERDICT_STATES } from '../core/verdict.ts';
import { EXIT, type ExitCode, type Io, jsonText, mayColour, type OutputFormat, UsageError } from './io.ts';

/** Options of `vigie status`. */
export interface StatusOptions {
  readonly url: string;
  readonly output: OutputFormat;
}

const DEADLINE_MS = 5_000;
const MOST_BYTES = 64 * 1_024 * 1_024;

/** As much of the answer as is decided on here; the rest is passed on as it is. */
const answerSchema = z.looseObject({
  at: z.iso.datetime(),
  verdicts: z.array(z.looseObject({ row: z.string(), state: z.enum(VERDICT_STATES) })),
});

/** `vigie status`: the verdicts of a vigie that is running. A breach is a finding. */
export async function status(options: StatusOptions, io: Io): Promise<ExitCode> {
  const answer = await fetchVerdicts(options.url);
  if (options.output === 'json') {
    io.out(jsonText(answer));
  } else {
    const verdicts = answer.verdicts as unknown as readonly VerdictJson[];
    io.out(
      `${verdictTable(verdicts, { columns: io.columns, colour: mayColour(io), unicode: true }).join('\n')}\n`,
    );
  }
  return answer.verdicts.some(({ state }) => state === 'breached') ? EXIT.finding : EXIT.fine;
}

async function fetchVerdicts(url: string): Promise<z.output<typeof answerSchema>> {
  const deadline = new AbortController();
  const cancel = systemClock.after(DEADLINE_MS, () => deadline.abort());
  try {
    const response = await request(new URL('/api/verdicts', url), { signal: deadline.signal });
    const chunks: Buffer[] = [];
    let size = 0;
    for await (const chunk of response.body) {
      size += (chunk as Buffer).length;
      if (size > MOST_BYTES) throw new UsageError(`${url} answered more than ${MOST_BYTES} bytes`);
      chunks.push(chunk as Buffer);
    }
    const parsed = answerSchema.safeParse(JSON.parse(Buffer.concat(chunks).toString('utf8')));
    if (response.statusCode !== 200 || !parsed.success) throw new UsageError(`${url} is not a vigie`);
    return parsed.data;
  } catch (error) {
    if (error instanceof UsageError) throw error;
    const why =
      error instanceof Error && 'code' in error ? String(error.code) : 'no answer that is understood';
    throw new UsageError(`no vigie answers at ${url} (${why}); is it running? name another with --url`);
  } finally {
    cancel();
  }
}
