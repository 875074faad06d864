import type { Fault } from '../core/cause.ts';
import type { Reading } from '../core/reading.ts';

/** References are asked at most this often, and a sign of life is taken for the present for this long. */
export const EGRESS_FRESH_MS = 1_000;

/** From a failure to the round that it waited for: one turn of asking, and room for a timer that is late. */
const LONGEST_WAIT_MS = 2 * EGRESS_FRESH_MS;

/**
 * Whether a missing network of ours could look like this. Nothing came back at all: a name not resolved, no route, a
 * timeout. A refusal, a reset, bad TLS or a wrong answer did come back, and so were carried by a network that works.
 */
const EXCUSABLE: Readonly<Record<Fault, boolean>> = {
  resolve: true,
  connect: true,
  timeout: true,
  refused: false,
  reset: false,
  tls: false,
  protocol: false,
};

/** An attempt that failed. Instants are monotonic milliseconds. */
export interface FailedAttempt {
  readonly fault: Fault;
  readonly startedMs: number;
  readonly endedMs: number;
}

/** A round in which no reference answered, and nothing else did either. Instants are monotonic milliseconds. */
export interface SilentRound {
  readonly askedMs: number;
  readonly endedMs: number;
}

/** All that the guard remembers: two instants, however many checks there are. */
export interface EgressEvidence {
  /** When something from beyond this machine was last heard: by a check, or from a reference. */
  readonly lastHeardMs: number | undefined;
  readonly lastSilence: SilentRound | undefined;
}

/**
 * Whose fault an attempt's failure is. `ours`: our network was gone, the slot is `absent: local-network`. `theirs`: it
 * worked, the slot is bad. `unknown`: nobody can testify, and the slot is bad as well: doubt never hides downtime.
 */
export type EgressVerdict = 'ours' | 'theirs' | 'unknown';

/**
 * What the evidence says of a failure; `ask` when it says nothing. Pure.
 * - A silent round that overlaps the attempt spoils it, whatever was heard afterwards: for a part of the attempt there
 *   was no network.
 * - Something heard during the attempt's last second or later shows that the network works. Something older doesn't:
 *   the network may have gone since.
 * - A silent round that began after the attempt speaks of it when it began as soon as it was allowed to.
 */
export function decideEgress(failure: FailedAttempt, evidence: EgressEvidence): EgressVerdict | 'ask' {
  if (!EXCUSABLE[failure.fault]) return 'theirs';
  const { lastHeardMs, lastSilence } = evidence;
  if (lastSilence && lastSilence.askedMs <= failure.endedMs && lastSilence.endedMs >= failure.startedMs) {
    return 'ours';
  }
  if (lastHeardMs !== undefined && lastHeardMs >= failure.endedMs - EGRESS_FRESH_MS) return 'theirs';
  const askedAfterMs = lastSilence ? lastSilence.askedMs - failure.endedMs : -1;
  return askedAfterMs > 0 && askedAfterMs <= LONGEST_WAIT_MS ? 'ours' : 'ask';
}

/** Whether a reading came over the network, so that there is one: an answer, right or wrong, or a refusal. */
export function cameOverNetwork(reading: Reading): boolean {
  return reading.kind === 'answer' || (reading.kind === 'fault' && !EXCUSABLE[reading.fault]);
}
