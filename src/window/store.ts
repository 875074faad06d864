import type { CheckKey, Observation } from '../core/observation.ts';
import type { SlotBits } from '../core/slots.ts';
import type { Transition } from '../core/timeline.ts';
import type { Evidence } from '../core/reading.ts';
import type { Cause } from '../core/cause.ts';
import type { Outcome } from '../core/observation.ts';

/** A range of slots of a check: [fromSlot, toSlot). */
export interface SlotRange extends CheckKey {
  readonly fromSlot: number;
  readonly toSlot: number;
}

/** Why a slot was not good, by one vantage: what a claim is made of. */
export interface Mark {
  readonly vantage: string;
  readonly slot: number;
  readonly outcome: Exclude<Outcome, 'good'>;
  readonly cause: Cause;
  readonly evidence?: Evidence;
}

/** The first and last slot ever seen of a check, over all vantages. */
export interface SeenRange {
  readonly firstSlot: number;
  readonly lastSlot: number;
}

/**
 * A judge's progress with one check. `cursorMs` is where judging goes on: everything before it is in the
 * transitions.
 */
export interface JudgeCommit {
  readonly check: string;
  /** The judge's term of leadership; grows. A commit with an older epoch than the stored one is fenced. */
  readonly epoch: number;
  /** The cursor that this commit follows on; null for the first. */
  readonly expectedCursorMs: number | null;
  readonly cursorMs: number;
  /** All transitions at or after this instant are replaced: a revision reaches back, an ordinary commit does not. */
  readonly replaceFromMs: number;
  readonly transitions: readonly Transition[];
}

/**
 * `committed`: stored. `repeated`: this very commit was stored before; nothing changed. `fenced`: a newer epoch
 * has committed; step down. `stale`: the cursor is not where the commit expects it; load again.
 */
export type CommitResult = 'committed' | 'repeated' | 'fenced' | 'stale';

/** What is stored of the judging of one check. */
export interface JudgedCheck {
  readonly check: string;
  readonly epoch: number;
  readonly cursorMs: number;
  readonly transitions: readonly Transition[];
}

/** How long things are kept, counted back from `nowMs`. */
export interface Retention {
  /** Slot bitmaps and marks; 35 days by design. */
  readonly slotsMs: number;
  /** Transitions; 14 months by design. The one in force at the edge is kept. */
  readonly transitionsMs: number;
}

/**
 * The memory between the probes and the judge. Laws:
 * - `put` is idempotent and commutative: replays, duplicates and order never change what is read (bits are OR-ed,
 *   marks merged by {@link strongerMark}).
 * - what `put` was given is read by this process at once, and is durable within a second of the call even if the
 *   process is killed; what `flush` or `close` returned from is durable.
 * - every method rejects only when the store is broken, never for what it was given; nothing is half-applied.
 */
export interface WindowStore {
  put(observations: readonly Observation[]): Promise<void>;

  /** The bits of each range, in the order asked for. */
  read(ranges: readonly SlotRange[]): Promise<readonly SlotBits[]>;

  /** The marks in a range with their evidence, by slot, then vantage. */
  marks(range: SlotRange): Promise<readonly Mark[]>;

  /** What was ever seen of a check, by any vantage; undefined when nothing. Survives the pruning of its slots. */
  seen(key: CheckKey): Promise<SeenRange | undefined>;

  /**
   * Where slots have changed since the last call, judged or not: the start of the earliest by check and interval, in milliseconds since
   * the epoch. What changed before the first call is not among them. Taking them forgets them; what lies behind the
   * cursor of a commit that is made before it is taken is told as late as well. Absent where others write, too: then any
   * may have changed.
   */
  takeChanged?(): ReadonlyMap<CheckKey, number>;

  /**
   * Where bits changed behind a check's committed cursor since the last call: the start of the earliest such slot per
   * check, in milliseconds since the epoch. The judge goes back there. Each is told once, and again to who takes the
   * judgement up anew ({@link judged}) or opens the store, until a commit has reached back to it.
   */
  takeLate(): Promise<ReadonlyMap<string, number>>;

  /** Stores judgements; each is applied whole or not at all, in order. */
  commit(commits: readonly JudgeCommit[]): Promise<readonly CommitResult[]>;

  /** The stored judgement of each check, in the order asked for; undefined where there is none. */
  judged(checks: readonly string[]): Promise<readonly (JudgedCheck | undefined)[]>;

  /** Small durable facts by name (run counters, the last start): overwritten whole. */
  getFact(name: string): Promise<string | undefined>;
  setFact(name: string, value: string): Promise<void>;

  /** Drops what is older than the retention. Returns the number of rows dropped. */
  prune(nowMs: number, retention: Retention): Promise<number>;

  /** Makes everything durable. */
  flush(): Promise<void>;

  /** Flushes and lets go of every handle. Later calls reject. */
  close(): Promise<void>;
}
