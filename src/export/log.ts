import { pino, type DestinationStream, type Logger } from 'pino';
import type { Clock } from '../core/clock.ts';
import type { LogLevel } from './log-level.ts';

/** What the log needs. */
export interface LogOptions {
  readonly clock: Clock;
  readonly level: LogLevel;
  /** `json`: one object a line. `text`: for people at a terminal. */
  readonly format: 'json' | 'text';
  /** Where lines go; standard error when absent. */
  readonly destination?: DestinationStream;
}

/** When standard error is not read, so much is kept waiting, in bytes; then lines are dropped, never the loop held. */
const BACKLOG_BYTES = 1_048_576;

/** Fields that are censored wherever they stand, down to the third level of an entry. */
const SENSITIVE = [
  'headers',
  'authorization',
  'cookie',
  'password',
  'passphrase',
  'secret',
  'secretKey',
  'accessKey',
  'token',
  'signature',
] as const;

const CENSOR = '[secret]';

/**
 * The log: pino to standard error. A `Secret` prints as `[secret]`, sensitive fields and the user part of URLs are
 * censored, an error shows its type, code, message, stack and causes and nothing else that hangs on it; trouble that is
 * expected only its type and message.
 */
export function createLog({ clock, level, format, destination }: LogOptions): Logger {
  return pino(
    {
      level,
      base: null,
      timestamp: () => `,"time":"${new Date(clock.wallMs()).toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { err: describeError, error: describeError },
      redact: { paths: SENSITIVE.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]), censor: CENSOR },
      hooks: { streamWrite: (line) => withoutUsers(format === 'text' ? readable(line) : line) },
    },
    destination ?? standardError(),
  );
}

/** That nobody can read what is written is no failure of who writes: a terminal that is gone, a full disk behind it. */
function standardError(): DestinationStream {
  const stream = pino.destination({ fd: 2, sync: false, maxLength: BACKLOG_BYTES });
  stream.on('error', () => undefined);
  return stream;
}

const URL_USER = /([a-z][a-z0-9+.-]*:\/\/)[^\s/@"\\]+@/gi;

function withoutUsers(line: string): string {
  return line.replace(URL_USER, `$1${CENSOR}@`);
}

interface ErrorFields {
  readonly type: string;
  readonly message: string;
  readonly code?: string;
  readonly stack?: string;
  readonly cause?: unknown;
}

const CAUSES_SHOWN = 5;

/** Trouble that is expected, by the names of its errors: the message says all, and where in our code it arose says nothing. */
const EXPECTED_TROUBLE: ReadonlySet<string> = new Set(['WindowStoreError', 'RedisFailure']);

/** `broken` is what nobody foresaw. */
function isExpected(error: Error): boolean {
  return EXPECTED_TROUBLE.has(error.name) && !('trouble' in error && error.trouble === 'broken');
}

function describeError(error: unknown, depth = 0): ErrorFields | string {
  if (!(error instanceof Error)) return typeof error === 'string' ? error : typeof error;
  if (isExpected(error)) return { type: error.name, message: error.message };
  const { code } = error as NodeJS.ErrnoException;
  return {
    type: error.name,
    message: error.message,
    ...(typeof code === 'string' && { code }),
    ...(error.stack !== undefined && { stack: error.stack }),
    ...(error.cause !== undefined &&
      depth < CAUSES_SHOWN && { cause: describeError(error.cause, depth + 1) }),
  };
}

/** One line of JSON as people read it: time of day, level, message, fields; then the stacks of an error. */
function readable(line: string): string {
  const { time, level, msg, err, ...fields } = record(JSON.parse(line));
  const words = Object.entries(fields).map(([name, value]) => `${name}=${show(value)}`);
  const { stack, message } = record(err);
  const said = message !== undefined && stack === undefined ? `${show(msg)}: ${show(message)}` : show(msg);
  const first = [show(time).slice(11, 19), show(level).padEnd(5), said, ...words];
  return `${[first.join(' ').trimEnd(), ...stacks(err)].join('\n')}\n`;
}

function stacks(error: unknown): readonly string[] {
  const { stack, cause } = record(error);
  if (typeof stack !== 'string') return [];
  return [...stack.split('\n').map((line) => `      ${show(line)}`), ...stacks(cause)];
}

function record(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value)) : {};
}

/** What a server sent must not forge lines or move the cursor. */
const CONTROL = /[\p{Cc}\u2028\u2029]/gu;

function show(value: unknown): string {
  if (value === undefined) return '';
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.replace(CONTROL, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
