import type { Refusal } from '../../src/core/cause.ts';
import type { Answer, Evidence, Reading, Value } from '../../src/core/reading.ts';
import { referenceIdText } from '../wire/ntp.ts';
import type { LeapIndicator } from '../wire/ntp.ts';
import { faultReading, timedOut } from './fault-reading.ts';
import type { Burst } from './ntp-burst.ts';
import { better, sampleOf } from './ntp-sample.ts';
import type { Kiss, NtpReply, NtpSample } from './ntp-sample.ts';
import { leastMs } from './own-lateness.ts';
import { wallLessMonotonic } from './wall-bounds.ts';

/** What is known of a burst besides its replies. */
export interface NtpAttempt {
  /** Server and port as configured, for people. */
  readonly label: string;
  readonly address: string;
  /** How long finding the address of the name took; undefined when there was no name. */
  readonly resolveMs: number | undefined;
  /** From the first request to the end of the burst. */
  readonly burstMs: number;
}

const LEAP_WORDS: Readonly<Record<LeapIndicator, string>> = {
  0: 'none',
  1: 'insert',
  2: 'delete',
  3: 'unsynchronised',
};

/**
 * A server that limits us has its reasons (heavy use by the client is not downtime, SLA3); one that denies us has shut
 * us out. Neither is an outage.
 */
const REFUSED_AS: Readonly<Record<Kiss, Refusal>> = { RATE: 'throttled', DENY: 'locked', RSTR: 'locked' };

/**
 * What a burst amounts to. Any reply that tells the server's state makes an answer, of the best of them; a refusal
 * counts only when there is none. An error that is in no table is a bug of ours, and thrown.
 */
export function readingOf(burst: Burst, attempt: NtpAttempt): Reading {
  const refusal = burst.replies.length === 0 ? burst.refusal : undefined;
  const told = refusal ? [refusal.reply] : burst.replies;
  if (told.length === 0) return unanswered(burst, attempt);
  const wallLessMonotonicMs = wallLessMonotonic(burst.clocks);
  if (wallLessMonotonicMs === undefined) {
    return { kind: 'blind', blind: 'clock-skew', detail: 'our own clock was stepped during the exchange' };
  }
  const samples = told.map((reply) => sampleOf(reply, wallLessMonotonicMs));
  const best = samples.reduce(better);
  const answer = { ...answerOf(best, burst, attempt), ...ownLateness(best, samples, told) };
  if (!refusal) return answer;
  const detail = `${attempt.label}: kiss-o'-death ${refusal.kiss}`;
  return { ...answer, refusal: REFUSED_AS[refusal.kiss], detail };
}

function unanswered(
  { failure, sent, strays }: Burst,
  { label, address, burstMs, ...attempt }: NtpAttempt,
): Reading {
  const ignored = strays === 0 ? '' : `; datagrams that answer none, ignored: ${strays}`;
  return faultReading(
    { label, latencyMs: burstMs, phases: resolvePhase(attempt), evidence: { address, sent } },
    failure
      ? { kind: 'failed', error: failure }
      : timedOut(`waiting for a reply; requests sent: ${sent}${ignored}`),
  );
}

function resolvePhase({ resolveMs }: Pick<NtpAttempt, 'resolveMs'>): Readonly<Record<string, number>> {
  return resolveMs === undefined ? {} : { resolve: resolveMs };
}

function answerOf(sample: NtpSample, burst: Burst, attempt: NtpAttempt): Answer {
  return {
    kind: 'answer',
    latencyMs: sample.roundTripMs,
    phases: { ...resolvePhase(attempt), exchange: sample.roundTripMs },
    values: valuesOf(sample, burst, attempt),
    evidence: evidenceOf(sample, burst, attempt),
  };
}

/** The best is the one that was quick: had we not been late, any of them might have been it. */
function ownLateness(
  best: NtpSample,
  samples: readonly NtpSample[],
  replies: readonly NtpReply[],
): Pick<Answer, 'ownMs'> {
  const ownOf = (name: 'delayMs' | 'roundTripMs'): number | undefined => {
    const least = leastMs(samples.map((sample, i) => ({ ms: sample[name], own: replies[i]?.own })));
    return least && best[name] - Math.min(...least);
  };
  const [delayMs, latency] = [ownOf('delayMs'), ownOf('roundTripMs')];
  return delayMs === undefined || latency === undefined ? {} : { ownMs: { delayMs, latency } };
}

function valuesOf(sample: NtpSample, burst: Burst, attempt: NtpAttempt): Readonly<Record<string, Value>> {
  const { packet, offsetMs } = sample;
  return {
    synchronised: sample.synchronised,
    ...(offsetMs === undefined
      ? {}
      : { offsetMs: microseconds(offsetMs), offsetAbsMs: microseconds(Math.abs(offsetMs)) }),
    delayMs: microseconds(sample.delayMs),
    stratum: packet.stratum,
    leap: LEAP_WORDS[packet.leap],
    rootDelayMs: microseconds(packet.rootDelayMs),
    rootDispersionMs: microseconds(packet.rootDispersionMs),
    referenceId: referenceIdText(packet.stratum, packet.referenceId),
    exchanges: burst.replies.length,
    address: attempt.address,
  };
}

function evidenceOf(sample: NtpSample, burst: Burst, attempt: NtpAttempt): Evidence {
  const { packet, offsetMs } = sample;
  return {
    address: attempt.address,
    sent: burst.sent,
    answered: burst.replies.length,
    stratum: packet.stratum,
    leap: LEAP_WORDS[packet.leap],
    referenceId: referenceIdText(packet.stratum, packet.referenceId),
    ...(offsetMs === undefined ? {} : { offsetMs: microseconds(offsetMs) }),
    ...(burst.refusal ? { kiss: burst.refusal.kiss } : {}),
  };
}

function microseconds(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}
