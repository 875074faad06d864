/**
 * What came of holding a lock: `held`, it is ours for its whole life from the instant we asked; `another`, somebody
 * else has it; `unreachable`, nobody could be asked, or the answer is not known.
 */
export type LockAnswer = 'held' | 'another' | 'unreachable';

/** For how long a lock that is not renewed keeps others out, in milliseconds; as client-go has it. */
export const LOCK_LIFE_MS = 15_000;

/** Whoever holds it leads. One holder a lock; methods are called one after the other and never reject. */
export interface LeaderLock {
  /** Takes the lock, or renews it. Answers within a few seconds. */
  hold(): Promise<LockAnswer>;
  /** Lets go of it, if it is ours, so that another need not wait for its end. */
  release(): Promise<void>;
}
