import type { Clock } from '../../src/core/clock.ts';

/** A clock for work that follows its own timers: time stands still but for {@link SteppedClock.step}. */
export class SteppedClock implements Clock {
  #nowMs: number;
  #next: { readonly dueMs: number; readonly fire: () => void } | undefined;
  #armed = Promise.withResolvers<void>();

  constructor(nowMs: number) {
    this.#nowMs = nowMs;
  }

  wallMs(): number {
    return this.#nowMs;
  }

  monotonicMs(): number {
    return this.#nowMs;
  }

  /** Keeps one timer: that of the work under test, which sets the next when it is done. */
  after(delayMs: number, fire: () => void): () => void {
    this.#next = { dueMs: this.#nowMs + Math.max(0, delayMs), fire };
    this.#armed.resolve();
    return () => {
      this.#next = undefined;
    };
  }

  /** Goes to the instant that the timer is due at and fires it. Resolves when the work has set the next one. */
  async step(): Promise<void> {
    const next = this.#next;
    if (!next) throw new Error('no timer is set');
    this.#next = undefined;
    this.#armed = Promise.withResolvers<void>();
    this.#nowMs = Math.max(this.#nowMs, next.dueMs);
    next.fire();
    await this.#armed.promise;
  }
}
