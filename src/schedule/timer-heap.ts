import type { CancelTimer, Clock } from '../core/clock.ts';

interface Timer {
  readonly dueMs: number;
  /** Order of creation: timers due at the same instant fire in it. */
  readonly order: number;
  readonly fire: () => void;
  /** Where it stands in the heap; -1 once it has fired or was cancelled. */
  index: number;
}

/**
 * A Clock whose timers all share one timer of the clock beneath. Every law of {@link Clock} holds; setting and
 * cancelling cost O(log n), and a cancelled timer holds no memory. Timers fire in the order they are due. The
 * timer beneath is released whenever none is pending, so that an idle heap keeps no process alive.
 */
export class TimerHeap implements Clock {
  readonly #clock: Clock;
  readonly #timers: Timer[] = [];
  #order = 0;
  #armedForMs = Infinity;
  #disarm: CancelTimer = () => undefined;
  #firing = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Timers that have neither fired nor been cancelled. */
  get pending(): number {
    return this.#timers.length;
  }

  wallMs(): number {
    return this.#clock.wallMs();
  }

  monotonicMs(): number {
    return this.#clock.monotonicMs();
  }

  after(delayMs: number, fire: () => void): CancelTimer {
    const dueMs = this.#clock.monotonicMs() + Math.max(0, delayMs);
    const timer: Timer = { dueMs, order: this.#order++, fire, index: this.#timers.length };
    this.#timers.push(timer);
    this.#rise(timer);
    this.#arm();
    return () => {
      this.#remove(timer);
      this.#arm();
    };
  }

  #arm(): void {
    if (this.#firing) return;
    const first = this.#timers[0];
    // A timer armed too early costs one empty turn; cancelling and setting it at every change would cost more.
    if (first && first.dueMs >= this.#armedForMs) return;
    this.#disarm();
    this.#armedForMs = first ? first.dueMs : Infinity;
    this.#disarm = first
      ? this.#clock.after(first.dueMs - this.#clock.monotonicMs(), () => this.#fireDue())
      : () => undefined;
  }

  #fireDue(): void {
    this.#armedForMs = Infinity;
    this.#firing = true;
    const nowMs = this.#clock.monotonicMs();
    const newcomers = this.#order;
    try {
      for (let first = this.#timers[0]; first; first = this.#timers[0]) {
        // Those set by the timers fired here wait for the next turn, or a chain of zero delays would never end.
        if (first.dueMs > nowMs || first.order >= newcomers) break;
        this.#remove(first);
        first.fire();
      }
    } finally {
      this.#firing = false;
      this.#arm();
    }
  }

  #remove(timer: Timer): void {
    const { index } = timer;
    if (index < 0) return;
    timer.index = -1;
    const last = this.#timers.pop();
    if (!last || last === timer) return;
    this.#place(last, index);
    this.#rise(last);
    this.#sink(last);
  }

  #rise(timer: Timer): void {
    while (timer.index > 0) {
      const parent = this.#timers[(timer.index - 1) >> 1];
      if (!parent || !isBefore(timer, parent)) return;
      this.#swap(timer, parent);
    }
  }

  #sink(timer: Timer): void {
    for (;;) {
      const left = this.#timers[2 * timer.index + 1];
      const right = this.#timers[2 * timer.index + 2];
      const child = left && right && isBefore(right, left) ? right : left;
      if (!child || !isBefore(child, timer)) return;
      this.#swap(child, timer);
    }
  }

  #swap(a: Timer, b: Timer): void {
    const { index } = a;
    this.#place(a, b.index);
    this.#place(b, index);
  }

  #place(timer: Timer, index: number): void {
    this.#timers[index] = timer;
    timer.index = index;
  }
}

function isBefore(a: Timer, b: Timer): boolean {
  return a.dueMs < b.dueMs || (a.dueMs === b.dueMs && a.order < b.order);
}
