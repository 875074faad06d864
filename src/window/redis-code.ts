import type { StoreTrouble } from './store-error.ts';

/**
 * What Redis said, as it names it: the first word of an error reply (https://redis.io/docs/latest/develop/reference/protocol-spec/#simple-errors),
 * a system's error code, or a word of ours: `CLOSED` for a connection that was lost, `TIMEOUT` for no answer in time.
 */
export type RedisCode = string;

interface Meaning {
  readonly trouble: StoreTrouble;
  /** Whether data that was acknowledged may be gone: what is in memory is to be merged again. */
  readonly mayHaveLost: boolean;
}

const AWAY: Meaning = { trouble: 'away', mayHaveLost: false };
const REPLACED: Meaning = { trouble: 'away', mayHaveLost: true };
const BROKEN: Meaning = { trouble: 'broken', mayHaveLost: false };

/** Codes that do not simply mean that Redis cannot be had for now. */
const MEANINGS: Readonly<Record<RedisCode, Meaning>> = {
  READONLY: REPLACED,
  MOVED: REPLACED,
  ASK: REPLACED,
  LOADING: REPLACED,
  MASTERDOWN: REPLACED,
  CLUSTERDOWN: REPLACED,
  ERR: BROKEN,
  CROSSSLOT: BROKEN,
  EXECABORT: BROKEN,
  NOSCRIPT: AWAY,
  WRONGTYPE: { trouble: 'corrupt', mayHaveLost: false },
};

/** What a code means for the store. */
export function meaningOf(code: RedisCode): Meaning {
  return MEANINGS[code] ?? AWAY;
}

/** The code of whatever a client for Redis may reject with. */
export function redisCode(error: unknown): RedisCode {
  if (!(error instanceof Error)) return 'CLOSED';
  if ('code' in error && typeof error.code === 'string') return error.code;
  const last = 'lastNodeError' in error ? error.lastNodeError : undefined;
  if (last instanceof Error) return redisCode(last);
  // In an error reply the first word is the code, by the protocol.
  if (error.name === 'ReplyError') return /^[A-Z]+/.exec(error.message)?.[0] ?? 'ERR';
  return 'CLOSED';
}

/** An answer that did not come, by its code. */
export class RedisFailure extends Error {
  override readonly name = 'RedisFailure';
  readonly code: RedisCode;

  constructor(code: RedisCode, options?: ErrorOptions) {
    super(`redis: ${code}`, options);
    this.code = code;
  }
}

/** Any rejection of a client as a failure with a code. */
export function redisFailure(error: unknown): RedisFailure {
  return error instanceof RedisFailure ? error : new RedisFailure(redisCode(error), { cause: error });
}
