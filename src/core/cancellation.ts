/** Tells work that is under way to end. An AbortSignal is one; a {@link Cancellation} is one that costs next to nothing. */
export interface Cancel {
  readonly aborted: boolean;
  addEventListener(type: 'abort', listener: () => void, options?: { readonly once: boolean }): void;
  removeEventListener(type: 'abort', listener: () => void): void;
}

/** What ends the work that something was lent for: at a fraction of the cost of its signal where it has that. */
export function cancelOf(lent: {
  readonly cancel?: Cancel | undefined;
  readonly signal: AbortSignal;
}): Cancel {
  return lent.cancel ?? lent.signal;
}

/** Ends work once, for good. Listeners are called in the turn of the abort, in the order added, once each. */
export class Cancellation implements Cancel {
  // A Set would make a new table whenever the last one leaves, which happens at every run.
  readonly #listeners: (() => void)[] = [];
  #controller: AbortController | undefined;
  #aborted = false;
  #reason: unknown;

  get aborted(): boolean {
    return this.#aborted;
  }

  /** The same as an AbortSignal, for whoever needs one; made when it is first asked for. */
  get signal(): AbortSignal {
    this.#controller ??= new AbortController();
    if (this.#aborted) this.#controller.abort(this.#reason);
    return this.#controller.signal;
  }

  /** A listener may be added once at a time. */
  addEventListener(_type: 'abort', listener: () => void): void {
    this.#listeners.push(listener);
  }

  removeEventListener(_type: 'abort', listener: () => void): void {
    const i = this.#listeners.lastIndexOf(listener);
    if (i < 0) return;
    if (i === this.#listeners.length - 1) this.#listeners.pop();
    else this.#listeners.splice(i, 1);
  }

  /** `reason`: that of the signal. Calling it again does nothing. */
  abort(reason?: unknown): void {
    if (this.#aborted) return;
    this.#aborted = true;
    this.#reason = reason;
    try {
      for (let next = this.#listeners.shift(); next; next = this.#listeners.shift()) next();
    } finally {
      this.#controller?.abort(reason);
    }
  }
}
