import { Agent, request } from 'undici';
import { z } from 'zod';
import { systemClock } from '../clock.ts';
import { UsageError } from './io.ts';

const DEADLINE_MS = 5_000;
const MOST_BYTES = 64 * 1_024 * 1_024;

const HOW_TO_TELL = 'put a token of its access.tokens into the environment variable VIGIE_TOKEN';

const problemSchema = z.looseObject({ status: z.number(), detail: z.string() });

/**
 * What a vigie that is running answers to a GET, within five seconds, shown a token where there is one. Throws a UsageError that says what to change: when
 * nothing answers there, when what answers is no vigie, and with its own words when it says no.
 */
export async function askVigie<T>(
  url: string,
  path: string,
  schema: z.ZodType<T>,
  token?: string,
): Promise<T> {
  const dispatcher = new Agent({ maxResponseSize: MOST_BYTES });
  const deadline = new AbortController();
  const cancel = systemClock.after(DEADLINE_MS, () => deadline.abort());
  try {
    const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
    const response = await request(new URL(path, url), { signal: deadline.signal, dispatcher, headers });
    const body = await response.body.json();
    const refusal = problemSchema.safeParse(body);
    if (response.statusCode === 422 && refusal.success) throw new UsageError(refusal.data.detail);
    if (response.statusCode === 401 || response.statusCode === 403 || response.statusCode === 429)
      throw new UsageError(`${url} wants to know who asks: ${HOW_TO_TELL}`);
    const parsed = schema.safeParse(body);
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
