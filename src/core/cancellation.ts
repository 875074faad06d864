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
  // A run has one listener: a list or a Set would make a new table for it every time.
  #first: (() => void) | undefined;
  #others: (() => void)[] | undefined;
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
    if (this.#first || this.#others) (this.#others ??= []).push(listener);
    else this.#first = listener;
  }

  removeEventListener(_type: 'abort', listener: () => void): void {
    if (this.#first === listener) this.#first = undefined;
    else this.#others = this.#others?.filter((other) => other !== listener);
    if (this.#others?.length === 0) this.#others = undefined;
  }

  /** `reason`: that of the signal. Calling it again does nothing. */
  abort(reason?: unknown): void {
    if (this.#aborted) return;
    this.#aborted = true;
    this.#reason = reason;
    try {
      for (let next = this.#take(); next; next = this.#take()) next();
    } finally {
      this.#controller?.abort(reason);
    }
  }

  #take(): (() => void) | undefined {
    const next = this.#first ?? this.#others?.shift();
    this.#first = undefined;
    return next;
  }
}
