import { sleep } from '../../src/core/clock.ts';
import type { ProbeContext } from '../../src/core/probe.ts';
import type { OwnLateness, TimedExchange } from './own-lateness.ts';

/** How many round trips, and how far apart. */
export interface RoundTripPlan {
  readonly count: number;
  /** From the start of one to the start of the next. */
  readonly spacingMs: number;
}

/** What came of one round trip. `failed`: the socket's own error. `lost`: it was given up. */
export type RoundTrip =
  | {
      readonly kind: 'took';
      readonly ms: number;
      readonly own: OwnLateness | undefined;
      readonly strays: number;
    }
  | { readonly kind: 'failed'; readonly error: Error; readonly strays: number }
  | { readonly kind: 'lost'; readonly strays: number };

/** What came of all. */
export interface RoundTrips {
  /** How many were begun. */
  readonly sent: number;
  /** Those that came back, in the order of return. */
  readonly took: readonly TimedExchange[];
  /** The first error of a socket, which ended the series. */
  readonly failure: Error | undefined;
  /** Datagrams that answered nothing of ours. */
  readonly strays: number;
}

/** How long what is missing is waited for, once one came back and the last one left. */
export const LINGER_MS = 500;

/**
 * Round trips `spacingMs` apart, none waiting for the one before. Ends when all are back, {@link LINGER_MS} after the
 * last start or the first return, whichever is later, at an error of a socket, or in the turn of the abort. While
 * nothing came back it waits for the abort. Rejects only when a round trip does: a bug.
 */
export async function runRoundTrips(
  { count, spacingMs }: RoundTripPlan,
  context: ProbeContext,
  roundTrip: (sequence: number, within: ProbeContext) => Promise<RoundTrip>,
): Promise<RoundTrips> {
  const over = new AbortController();
  const within = { ...context, signal: AbortSignal.any([context.signal, over.signal]) };
  const record = new RoundTripRecord(over);
  const begun: Promise<void>[] = [];
  while (begun.length < count && !within.signal.aborted) {
    const trip = roundTrip(begun.length, within).then((each) => record.add(each));
    // A bug ends the series at once; it is thrown on below.
    trip.catch(() => over.abort());
    begun.push(trip);
    if (begun.length < count) await sleep(context.clock, spacingMs, within.signal);
  }
  const all = Promise.all(begun);
  await Promise.race([all, record.firstReturn]);
  await Promise.race([all, sleep(context.clock, LINGER_MS, within.signal)]);
  over.abort();
  await all;
  return record.roundTrips(begun.length);
}

class RoundTripRecord {
  readonly firstReturn: Promise<void>;
  readonly #first = Promise.withResolvers<void>();
  readonly #over: AbortController;
  readonly #took: TimedExchange[] = [];
  #failure: Error | undefined;
  #strays = 0;

  constructor(over: AbortController) {
    this.#over = over;
    this.firstReturn = this.#first.promise;
  }

  add(trip: RoundTrip): void {
    // Round trips that overlap have seen the same strays.
    this.#strays = Math.max(this.#strays, trip.strays);
    if (trip.kind === 'took') {
      this.#took.push(trip);
      this.#first.resolve();
    } else if (trip.kind === 'failed') {
      this.#failure ??= trip.error;
      this.#over.abort();
    }
  }

  roundTrips(sent: number): RoundTrips {
    return { sent, took: this.#took, failure: this.#failure, strays: this.#strays };
  }
}
