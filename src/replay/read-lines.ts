import { LineError } from './line-fields.ts';

/** A line of a file that cannot be used, with its number. */
export class ReplayError extends Error {
  override readonly name = 'ReplayError';
  readonly line: number;

  constructor(line: number, message: string) {
    super(message);
    this.line = line;
  }
}

/**
 * All lines or none: a file with a bad line is not used at all. Blank lines are passed over; lines count from 1. Throws
 * {@link ReplayError} where `parse` throws {@link LineError}.
 */
export async function readLines<T>(
  lines: AsyncIterable<string>,
  parse: (text: string, line: number) => T,
): Promise<readonly T[]> {
  const read: T[] = [];
  let number = 0;
  for await (const text of lines) {
    number++;
    if (text.trim() === '') continue;
    try {
      read.push(parse(text, number));
    } catch (error) {
      if (error instanceof LineError) throw new ReplayError(number, error.message);
      throw error;
    }
  }
  return read;
}
