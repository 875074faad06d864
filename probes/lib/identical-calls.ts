import { type Clock, sleep } from '../../src/core/clock.ts';

/** The least time between two identical calls, start to start, in milliseconds: the provider refuses nearer ones. */
const GAP_MS = 1_000;

/** When and how long a call may go on. */
export interface CallContext {
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

interface Call<Result> {
  readonly beganMs: number;
  readonly isShared: boolean;
  /** Never rejects; undefined where it was cut short, or came to a bug: it says nothing to others. */
  readonly end: Promise<Result | undefined>;
}

/**
 * Keeps the identical calls of a process a second apart (contract SLA9: identical requests are limited to one a second)
 * where the scheduler's guard cannot: it compares whole runs, and a run may make several calls. Names tell calls
 * apart: who calls, what, where.
 */
export class IdenticalCalls<Result> {
  readonly #last = new Map<string, Call<Result>>();

  /**
   * Makes a call that is measured, and that the guard keeps apart from its like: it waits only for one that was shared.
   * Undefined when the signal was aborted before it could be made.
   */
  async own(name: string, context: CallContext, make: () => Promise<Result>): Promise<Result | undefined> {
    for (let last = this.#lastOf(name, context); last?.isShared; last = this.#lastOf(name, context)) {
      if (!(await gapAfter(last, context))) return undefined;
    }
    return this.#begin(name, false, context, make);
  }

  /**
   * Asks what is only to be known: the answer to an identical call that began less than a second ago does as well.
   * Undefined when the signal was aborted before there was one.
   */
  async shared(name: string, context: CallContext, make: () => Promise<Result>): Promise<Result | undefined> {
    for (let last = this.#lastOf(name, context); last; last = this.#lastOf(name, context)) {
      const result = await within(context.signal, last.end);
      if (result !== undefined) return result;
      if (!(await gapAfter(last, context))) return undefined;
    }
    return this.#begin(name, true, context, make);
  }

  async #begin(
    name: string,
    isShared: boolean,
    { clock, signal }: CallContext,
    make: () => Promise<Result>,
  ): Promise<Result | undefined> {
    if (signal.aborted) return undefined;
    const beganMs = clock.monotonicMs();
    const result = make();
    const end = result.then(
      (answer) => (signal.aborted ? undefined : answer),
      () => undefined,
    );
    this.#last.set(name, { beganMs, isShared, end });
    return result;
  }

  /** The last call of that name that began less than a second ago. Older ones of any name are forgotten. */
  #lastOf(name: string, { clock }: CallContext): Call<Result> | undefined {
    const oldestMs = clock.monotonicMs() - GAP_MS;
    for (const [other, { beganMs }] of this.#last) if (beganMs <= oldestMs) this.#last.delete(other);
    return this.#last.get(name);
  }
}

/** Waits until a second has passed since a call began; false when the signal was aborted before. */
async function gapAfter(
  { beganMs }: Pick<Call<unknown>, 'beganMs'>,
  { clock, signal }: CallContext,
): Promise<boolean> {
  await sleep(clock, beganMs + GAP_MS - clock.monotonicMs(), signal);
  return !signal.aborted;
}

/** What a promise comes to, or undefined once the signal is aborted. */
async function within<T>(signal: AbortSignal, promise: Promise<T | undefined>): Promise<T | undefined> {
  if (signal.aborted) return undefined;
  const abandoned = Promise.withResolvers<undefined>();
  const abandon = (): void => abandoned.resolve(undefined);
  signal.addEventListener('abort', abandon, { once: true });
  try {
    return await Promise.race([promise, abandoned.promise]);
  } finally {
    signal.removeEventListener('abort', abandon);
  }
}
