/** Ends a timer that has not fired yet; calling it again does nothing. */
export type CancelTimer = () => void;

/**
 * All that vigie knows of time. Pure code takes `now` as an argument; whatever has a lifetime takes a Clock,
 * and only src/clock.ts touches the runtime's own clocks, so that tests can drive time by hand.
 */
export interface Clock {
  /** Milliseconds since the Unix epoch, UTC, as the machine believes it to be. May step in either direction. */
  wallMs(): number;
  /** Milliseconds from an arbitrary start. Never goes back; the only base for durations. Has a fraction. */
  monotonicMs(): number;
  /** Calls `fire` once, `delayMs` from now or later, never earlier. A delay of 0 or less fires on the next turn. */
  after(delayMs: number, fire: () => void): CancelTimer;
}

/**
 * Resolves after `delayMs`, or at once when the signal is aborted. Never rejects: the caller looks at
 * `signal.aborted` to tell the two apart.
 */
export function sleep(clock: Clock, delayMs: number, signal?: AbortSignal): Promise<void> {
  if (signal?.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const finish = (): void => {
      cancel();
      signal?.removeEventListener('abort', finish);
      resolve();
    };
    const cancel = clock.after(delayMs, finish);
    signal?.addEventListener('abort', finish, { once: true });
  });
}
