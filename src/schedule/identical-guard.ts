/** The least time between two identical requests, start to start (sla-math §1). */
export const IDENTICAL_GAP_MS = 1_000;

const FIRST_SWEEP_SIZE = 1_024;

/**
 * Keeps identical requests a second apart, whoever sends them: checks that share a target, vantages run by one
 * process, attempts of one slot. One guard per process. Instants are monotonic milliseconds.
 */
export class IdenticalGuard {
  readonly #takenMs = new Map<string, number>();
  #sweepSize = FIRST_SWEEP_SIZE;

  /** From when on a request may be sent, as far as is known now; -Infinity when nothing stands against it. */
  freeAtMs(identity: string): number {
    return (this.#takenMs.get(identity) ?? -Infinity) + IDENTICAL_GAP_MS;
  }

  /**
   * Takes the right to send a request now. Returns 0 when it is granted: the request must be started in the same
   * turn. Otherwise nothing is taken, and the answer is how long to wait, in milliseconds, before asking again.
   */
  take(identity: string, nowMs: number): number {
    const waitMs = this.freeAtMs(identity) - nowMs;
    if (waitMs > 0) return waitMs;
    this.#takenMs.set(identity, nowMs);
    if (this.#takenMs.size > this.#sweepSize) this.#sweep(nowMs);
    return 0;
  }

  /** Lets the next request leave at this instant, and not before. */
  holdUntil(identity: string, ms: number): void {
    this.#takenMs.set(identity, ms - IDENTICAL_GAP_MS);
  }

  #sweep(nowMs: number): void {
    for (const [identity, takenMs] of this.#takenMs) {
      if (takenMs + IDENTICAL_GAP_MS <= nowMs) this.#takenMs.delete(identity);
    }
    this.#sweepSize = Math.max(FIRST_SWEEP_SIZE, 2 * this.#takenMs.size);
  }
}
