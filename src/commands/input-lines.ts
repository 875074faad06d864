import { createReadStream } from 'node:fs';
import { ReplayError } from '../replay/read-lines.ts';
import { UsageError } from './io.ts';

/** A line of one of the files cannot be used; the message names the place. */
export class UnusableLine extends Error {
  override readonly name = 'UnusableLine';
}

/** Does something with the lines of a file, none when there is none, and says of which file it is that they are wrong. */
export async function reading<T>(
  path: string | undefined,
  use: (lines: AsyncIterable<string>) => Promise<T>,
): Promise<T> {
  try {
    return await use(linesOf(path));
  } catch (error) {
    if (error instanceof ReplayError)
      throw new UnusableLine(`${path}:${error.line}: ${error.message}`, { cause: error });
    if (isUnreadable(error)) throw new UsageError(`${path} cannot be read: ${error.code}`);
    throw error;
  }
}

/** Split at line feeds alone: readline also splits at U+2028, which may stand within JSON. */
async function* linesOf(path: string | undefined): AsyncGenerator<string> {
  if (path === undefined) return;
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
