import type { CancelTimer, Clock } from '../src/core/clock.ts';

interface Timer {
  readonly dueMs: number;
  readonly fire: () => void;
}

/** A clock driven by hand. Nothing happens unless the test says that time passes. */
export class FakeClock implements Clock {
  #wallMs: number;
  #monotonicMs = 1_000_000;
  readonly #timers = new Set<Timer>();

  /** Starts at a wall-clock instant: milliseconds since the epoch, or RFC 3339. */
  constructor(wall: number | string = '2026-03-01T00:00:00.000Z') {
    this.#wallMs = typeof wall === 'number' ? wall : Date.parse(wall);
  }

  /** Timers that have neither fired nor been cancelled. */
  get pending(): number {
    return this.#timers.size;
  }

  wallMs(): number {
    return Math.floor(this.#wallMs);
  }

  monotonicMs(): number {
    return this.#monotonicMs;
  }

  after(delayMs: number, fire: () => void): CancelTimer {
    const timer: Timer = { dueMs: this.#monotonicMs + Math.max(0, delayMs), fire };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  /** Lets time pass, firing each timer at its instant, in order; promises settle in between. */
  async advance(ms: number): Promise<void> {
    const untilMs = this.#monotonicMs + ms;
    await settle();
    for (let next = this.#next(untilMs); next; next = this.#next(untilMs)) {
      this.#pass(Math.max(0, next.dueMs - this.#monotonicMs));
      await this.#fire(next);
    }
    this.#pass(untilMs - this.#monotonicMs);
  }

  /** Lets time pass as a blocked event loop does: what was due meanwhile fires late, all of it at the end. */
  async stall(ms: number): Promise<void> {
    this.#pass(ms);
    await this.advance(0);
  }

  /** Sets the wall clock forward, or back where negative; no time passes. */
  stepWall(ms: number): void {
    this.#wallMs += ms;
  }

  #next(untilMs: number): Timer | undefined {
    let next: Timer | undefined;
    for (const timer of this.#timers) {
      if (timer.dueMs <= untilMs && (!next || timer.dueMs < next.dueMs)) next = timer;
    }
    return next;
  }

  async #fire(timer: Timer): Promise<void> {
    this.#timers.delete(timer);
    timer.fire();
    await settle();
  }

  #pass(ms: number): void {
    this.#wallMs += ms;
    this.#monotonicMs += ms;
  }
}

/** Lets everything that waits for a promise alone go on. */
export function settle(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
