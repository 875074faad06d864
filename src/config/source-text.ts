import type { Place, Problem } from './config.ts';
import { LineIndex } from './line-index.ts';

/** The largest file that is read as configuration or contract, in bytes. */
export const SOURCE_LIMIT_BYTES = 1_048_576;

/** The text of a file; or why the file could not be had at all; or what is wrong inside it. */
export type SourceText =
  { readonly text: string } | { readonly unreadable: string } | { readonly problem: Problem };

const TOO_LARGE = 'it is larger than 1 MiB, or no regular file';

/** What a system error means for the file that was named. */
const UNREADABLE: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  ENOTDIR: 'there is no such file: part of its path is not a directory',
  EISDIR: 'it is a directory, not a file',
  EACCES: 'this user may not read it',
  EPERM: 'this user may not read it',
  ELOOP: 'its links lead in a circle',
  EFBIG: TOO_LARGE,
};

/** Why a file could not be read, in words; from the `code` of the system's error. */
export function describeUnreadable(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'no code';
  return UNREADABLE[code] ?? `it cannot be read (${code})`;
}

/**
 * Reads a source: without its byte order mark, at most 1 MiB, in UTF-8. Whoever decoded the bytes left U+FFFD where
 * they were not UTF-8.
 */
export function readSource(file: string, readFile: (path: string) => string): SourceText {
  let raw: string;
  try {
    raw = readFile(file);
  } catch (error) {
    return { unreadable: describeUnreadable(error) };
  }
  const text = raw.startsWith('\uFEFF') ? raw.slice(1) : raw;
  if (Buffer.byteLength(text) > SOURCE_LIMIT_BYTES) return { unreadable: TOO_LARGE };
  const undecoded = text.indexOf('\uFFFD');
  if (undecoded >= 0) {
    const place = { file, ...new LineIndex(text).placeAt(undecoded) };
    return { problem: sourceProblem(place, 'from here on it is not UTF-8 text') };
  }
  return { text };
}

/** The error that a file could not be had. */
export function unreadableProblem(file: string, reason: string): Problem {
  return sourceProblem({ file, line: 1, column: 1 }, reason);
}

/** An error of the text of a file, before it is a document. */
export function sourceProblem(place: Place, message: string): Problem {
  return { severity: 'error', place, path: '', message };
}
