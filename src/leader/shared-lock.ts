import { type LeaderLock, LOCK_LIFE_MS } from './leader-lock.ts';

/** Locks by name that processes share; both methods reject when they cannot be had. */
export interface SharedLocks {
  /** Takes a lock that is free or the holder's for so long, or says who holds it. */
  lock(name: string, holder: string, forMs: number): Promise<{ readonly holder: string }>;
  unlock(name: string, holder: string): Promise<void>;
}

/** Leadership by a lock in the shared windows. `holder` must be nobody else's. */
export function sharedLock(locks: SharedLocks, name: string, holder: string): LeaderLock {
  return {
    async hold() {
      try {
        const { holder: by } = await locks.lock(name, holder, LOCK_LIFE_MS);
        return by === holder ? 'held' : 'another';
      } catch {
        // Why, the store tells whoever looks after it.
        return 'unreachable';
      }
    },
    async release() {
      try {
        await locks.unlock(name, holder);
      } catch {
        // It ends by itself.
      }
    },
  };
}
