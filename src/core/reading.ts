import type { Blind, Fault, Refusal } from './cause.ts';

/** A scalar or list that a probe saw and that an expectation may look at. */
export type Value = string | number | boolean | readonly string[];

/** Small facts kept for the claim: status, error code, request id. Never a secret, never a whole body. */
export type Evidence = Readonly<Record<string, string | number>>;

interface Seen {
  /** From the first byte sent (or the connect begun) to the last byte needed. Milliseconds with a fraction. */
  readonly latencyMs: number;
  /** Milliseconds by named phase (`resolve`, `connect`, `tls`, `ttfb`, `transfer` …), those that took place. */
  readonly phases?: Readonly<Record<string, number>>;
  readonly values?: Readonly<Record<string, Value>>;
  readonly evidence?: Evidence;
}

/** The service answered. Whether the answer is good is for the expectations to say. */
export interface Answer extends Seen {
  readonly kind: 'answer';
  /** The service answered that it will not serve us, by our own doing (throttled, locked out …). */
  readonly refusal?: Refusal;
  readonly detail?: string;
  /**
   * How much of a time among the values, or of `latency`, may be our own event loop's lateness, in milliseconds. Whatever
   * is not named here may be late by as much as the loop was during the attempt.
   */
  readonly ownMs?: Readonly<Record<string, number>>;
}

/** The service did not answer, or not in its protocol. */
export interface FaultReading extends Partial<Seen> {
  readonly kind: 'fault';
  readonly fault: Fault;
  /** One line for people: what happened, to whom. Never a secret. */
  readonly detail: string;
}

/** We could not see, for a reason of our own. */
export interface BlindReading {
  readonly kind: 'blind';
  readonly blind: Blind;
  readonly detail: string;
}

/** What a probe saw in one attempt. */
export type Reading = Answer | FaultReading | BlindReading;
