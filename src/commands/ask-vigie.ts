import { Agent, request } from 'undici';
import { z } from 'zod';
import { systemClock } from '../clock.ts';
import type { Clock } from '../core/clock.ts';
import { UsageError } from './io.ts';

const DEADLINE_MS = 5_000;
const MOST_BYTES = 64 * 1_024 * 1_024;

const HOW_TO_TELL = 'put a token of its access.tokens into the environment variable VIGIE_TOKEN';

const problemSchema = z.looseObject({ status: z.number(), detail: z.string() });

/**
 * What a vigie that is running answers to a GET, within five seconds, shown a token where there is one. Throws a UsageError
 * that says what to change: when nothing answers there, when what answers is no vigie, and with its own words when it says
 * no.
 */
export async function askVigie<T>(
  url: string,
  path: string,
  schema: z.ZodType<T>,
  token?: string,
  clock: Clock = systemClock,
): Promise<T> {
  const { status, body } = await answerOf({ url, path, token }, clock);
  if (status === 403) throw new UsageError(whoAsks(url));
  return understood(url, status, body, schema);
}

/** What a vigie that is running answers to JSON that is posted, as {@link askVigie} has its answers. */
export async function tellVigie<T>(
  url: string,
  path: string,
  said: object,
  schema: z.ZodType<T>,
  token?: string,
): Promise<T> {
  const { status, body } = await answerOf({ url, path, token, said }, systemClock);
  const refusal = problemSchema.safeParse(body);
  if ((status === 403 || status === 404 || status === 409) && refusal.success)
    throw new UsageError(refusal.data.detail);
  return understood(url, status, body, schema);
}

interface Asked {
  readonly url: string;
  readonly path: string;
  readonly token: string | undefined;
  /** What is posted; it is a GET when absent. */
  readonly said?: object;
}

interface Answer {
  readonly status: number;
  readonly body: unknown;
}

async function answerOf({ url, path, token, said }: Asked, clock: Clock): Promise<Answer> {
  const dispatcher = new Agent({ maxResponseSize: MOST_BYTES });
  const deadline = new AbortController();
  const cancel = clock.after(DEADLINE_MS, () => deadline.abort());
  const post = said && { method: 'POST', body: JSON.stringify(said) };
  const headers = {
    ...(token !== undefined && { authorization: `Bearer ${token}` }),
    ...(said && { 'content-type': 'application/json' }),
  };
  try {
    const target = new URL(path, url);
    const response = await request(target, { signal: deadline.signal, dispatcher, headers, ...post });
    return { status: response.statusCode, body: await response.body.json() };
  } catch (error) {
    const why = deadline.signal.aborted ? 'no answer in time' : codeOf(error);
    throw new UsageError(`no vigie answers at ${url} (${why}); is it running? name another with --url`);
  } finally {
    cancel();
    await dispatcher.close();
  }
}

function understood<T>(url: string, status: number, body: unknown, schema: z.ZodType<T>): T {
  const refusal = problemSchema.safeParse(body);
  if (status === 422 && refusal.success) throw new UsageError(refusal.data.detail);
  if (status === 401 || status === 429) throw new UsageError(whoAsks(url));
  const parsed = schema.safeParse(body);
  if ((status !== 200 && status !== 201) || !parsed.success) throw new UsageError(`${url} is not a vigie`);
  return parsed.data;
}

function whoAsks(url: string): string {
  return `${url} wants to know who asks: ${HOW_TO_TELL}`;
}

function codeOf(error: unknown): string {
  const code: unknown = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : 'no answer that is understood';
}
