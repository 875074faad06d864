import type { CancelTimer, Clock } from '../core/clock.ts';
import { type BoxFault, SLOW_MS } from './fault.ts';

/** How a service answers while it listens: rightly, or as the fault in force wants it. */
export class Conduct {
  readonly clock: Clock;
  readonly #fault: () => BoxFault | undefined;
  readonly #pending = new Set<CancelTimer>();

  /** `fault` tells the fault in force at the moment of the call. */
  constructor(clock: Clock, fault: () => BoxFault | undefined) {
    this.clock = clock;
    this.#fault = fault;
  }

  /** The fault in force. What it makes of the answers besides is for the service to say. */
  get fault(): BoxFault | undefined {
    return this.#fault();
  }

  /** Answers one request: calls `right` or `wrong`, at once or late, or neither. */
  answer(right: () => void, wrong: () => void): void {
    switch (this.#fault()) {
      case undefined:
      case 'throttled':
      case 'stopped':
      case 'lost':
      case 'altered':
      case 'error':
        right();
        break;
      case 'slow':
        this.#later(right);
        break;
      case 'wrong':
        wrong();
        break;
      case 'silent':
      case 'down':
        break;
    }
  }

  /** Drops the answers that are not out yet. */
  end(): void {
    for (const cancel of this.#pending) cancel();
    this.#pending.clear();
  }

  #later(right: () => void): void {
    const cancel = this.clock.after(SLOW_MS, () => {
      this.#pending.delete(cancel);
      right();
    });
    this.#pending.add(cancel);
  }
}
