import type { ProbeContext } from '../../src/core/probe.ts';

/** A context that ends before the runner's deadline does. */
export interface Patience {
  readonly context: ProbeContext;
  /** Whether it was given up by now, for whatever reason. */
  readonly over: () => boolean;
  /** Ends whatever still runs within it, and its timer. To be called once. */
  end(): void;
}

/**
 * A context of at most so many milliseconds within another one. What the runner's deadline cuts short counts as the
 * watched service's fault; what runs out of patience is for the probe to judge.
 */
export function patienceOf(context: ProbeContext, patienceMs: number): Patience {
  const own = new AbortController();
  const cancel = context.clock.after(patienceMs, () => own.abort());
  const signal = AbortSignal.any([context.signal, own.signal]);
  return {
    context: { ...context, signal },
    over: () => signal.aborted,
    end() {
      cancel();
      own.abort();
    },
  };
}
