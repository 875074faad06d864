import type { Clock } from '../core/clock.ts';
import type { CheckKey } from '../core/observation.ts';
import type { JudgedHead } from './judged-head.ts';
import type { LatencyStore } from './latency-store.ts';
import type { Ledger } from './ledger.ts';
import type { RedisHealth } from './redis-health.ts';
import type { RedisAccess } from './redis-link.ts';
import type { Held } from './redis-lock.ts';
import type { Presence } from './redis-presence.ts';
import type { SpillLimits } from './spill.ts';
import type { WindowStoreError } from './store-error.ts';
import type { WindowStore } from './store.ts';

/** What shared windows are opened with. */
export interface RedisStoreOptions {
  readonly access: RedisAccess;
  /** What the names of all keys begin with; windows of different installations differ in it. */
  readonly prefix?: string;
  readonly clock: Clock;
  /** Where slots wait while Redis is away; in memory alone without it. */
  readonly spill?: { readonly path: string; readonly limits?: SpillLimits };
  /** Told whenever Redis goes away or comes back. */
  readonly onHealth?: (health: RedisHealth) => void;
  /** Told of trouble with the spill file, which no caller waits for. */
  readonly onError?: (error: WindowStoreError) => void;
}

/**
 * Windows and ledgers that several processes share through Redis. Laws beyond those of {@link WindowStore} and
 * {@link Ledger}: with Redis away, `put`, `flush` and `close` go on, and what they were given is kept here until it is
 * merged; everything else rejects with `away`. Late slots that were taken but never committed are told again to the next
 * process that asks.
 */
export interface RedisStore extends WindowStore, Ledger {
  readonly health: RedisHealth;

  readonly latencies: LatencyStore;

  /** Every check and interval that was ever put and not forgotten. */
  series(): Promise<readonly CheckKey[]>;

  /** Says that a process looks from a vantage at this instant. */
  heartbeat(vantage: string, member: string, nowMs: number): Promise<void>;

  /** Says that it looks no more. */
  leave(vantage: string, member: string): Promise<void>;

  /** Who was last heard of, and when. */
  vantages(): Promise<readonly Presence[]>;

  /**
   * Whether a request may leave: 0 when no other process has reserved it within the last second, and then it is
   * reserved for this one for a second and a little; else how long to wait, in milliseconds, before asking again. 0 while Redis is
   * away: each process keeps its own requests apart.
   */
  reserve(identity: string): Promise<number>;

  /** Takes a lock that is free or the holder's for so long, or says who holds it; a crash leaves it to expire. */
  lock(name: string, holder: string, forMs: number): Promise<Held>;

  /** Lets go of a lock, if it is the holder's. */
  unlock(name: string, holder: string): Promise<void>;

  /** The next of the whole numbers that are counted under this name among the facts, above `above`; never one twice. */
  next(name: string, above: number): Promise<number>;

  /** Where the stored judgement of each check stands, in the order asked for; undefined where there is none. */
  heads(checks: readonly string[]): Promise<readonly (JudgedHead | undefined)[]>;

  /** Whether slots of this length may be labelled by our clock; those that may not are not written. */
  mayLabel(intervalMs: number): boolean;
}
