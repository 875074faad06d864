import type { CancelTimer, Clock } from '../core/clock.ts';

interface Timer {
  dueMs: number;
  /** Order of setting: timers due at the same instant fire in it. */
  order: number;
  readonly fire: () => void;
  /** Where it stands in the heap; -1 before it is set, and once it has fired or was cancelled. */
  index: number;
}

/** A timer that is set again and again, and leaves nothing behind when it is. */
export interface Alarm {
  /** Has it fire after so many milliseconds, and no more when it was to fire before. */
  set(delayMs: number): void;
  /** Has it not fire. */
  cancel(): void;
}

/**
 * A Clock whose timers all share one timer of the clock beneath. Every law of {@link Clock} holds; setting and
 * cancelling cost O(log n), and a cancelled timer holds no memory. Timers fire in the order they are due. The
 * timer beneath is released whenever none is pending, so that an idle heap keeps no process alive.
 */
export class TimerHeap implements Clock {
  readonly #clock: Clock;
  readonly #timers: Timer[] = [];
  /** The instants of the timers, beside each other: comparing them touches little memory. */
  readonly #dueMs: number[] = [];
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
    const timer = unset(fire);
    this.#set(timer, delayMs);
    return () => this.#cancel(timer);
  }

  /** A timer that does not fire before it is set. */
  alarm(fire: () => void): Alarm {
    const timer = unset(fire);
    return { set: (delayMs) => this.#set(timer, delayMs), cancel: () => this.#cancel(timer) };
  }

  #set(timer: Timer, delayMs: number): void {
    this.#remove(timer);
    const dueMs = this.#clock.monotonicMs() + Math.max(0, delayMs);
    timer.dueMs = dueMs;
    timer.order = this.#order++;
    timer.index = this.#timers.length;
    this.#timers.push(timer);
    this.#dueMs.push(dueMs);
    this.#sink(timer, dueMs, this.#rise(timer, dueMs, timer.index));
    this.#arm();
  }

  #cancel(timer: Timer): void {
    this.#remove(timer);
    this.#arm();
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
    const lastDueMs = this.#dueMs.pop();
    if (!last || lastDueMs === undefined || last === timer) return;
    this.#sink(last, lastDueMs, this.#rise(last, lastDueMs, index));
  }

  /** Moves the gap at `index` up to where the timer may stand, as far as those above it are concerned. */
  #rise(timer: Timer, dueMs: number, index: number): number {
    let gap = index;
    while (gap > 0) {
      const parent = (gap - 1) >> 1;
      if (!this.#isBefore(timer, dueMs, parent)) break;
      this.#move(parent, gap);
      gap = parent;
    }
    return gap;
  }

  /** Moves the gap down to where the timer belongs, and puts it there. */
  #sink(timer: Timer, dueMs: number, index: number): void {
    const size = this.#timers.length;
    let gap = index;
    for (let child = 2 * gap + 1; child < size; child = 2 * gap + 1) {
      if (child + 1 < size && !this.#isOrdered(child, child + 1)) child++;
      if (this.#isBefore(timer, dueMs, child)) break;
      this.#move(child, gap);
      gap = child;
    }
    this.#timers[gap] = timer;
    this.#dueMs[gap] = dueMs;
    timer.index = gap;
  }

  #move(from: number, to: number): void {
    const timer = this.#timers[from];
    if (!timer) return;
    this.#timers[to] = timer;
    this.#dueMs[to] = this.#dueMs[from] ?? Infinity;
    timer.index = to;
  }

  /** Whether the timer comes before the one at `index`. */
  #isBefore(timer: Timer, dueMs: number, index: number): boolean {
    const otherMs = this.#dueMs[index] ?? Infinity;
    return dueMs < otherMs || (dueMs === otherMs && timer.order < (this.#timers[index]?.order ?? Infinity));
  }

  /** Whether the timer at one place comes before that at another. */
  #isOrdered(first: number, second: number): boolean {
    const [firstMs, secondMs] = [this.#dueMs[first] ?? Infinity, this.#dueMs[second] ?? Infinity];
    if (firstMs !== secondMs) return firstMs < secondMs;
    return (this.#timers[first]?.order ?? Infinity) < (this.#timers[second]?.order ?? Infinity);
  }
}

function unset(fire: () => void): Timer {
  return { dueMs: 0, order: 0, fire, index: -1 };
}
