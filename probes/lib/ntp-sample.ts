import { unixMsOf } from '../wire/ntp.ts';
import type { NtpPacket } from '../wire/ntp.ts';
import type { OwnLateness } from './own-lateness.ts';

/** One reply, with when its request left and it arrived. Instants are monotonic milliseconds. */
export interface NtpReply {
  readonly packet: NtpPacket;
  readonly sentMs: number;
  readonly arrivedMs: number;
  /** How late we were about it; absent where that is not measured. */
  readonly own?: OwnLateness | undefined;
}

/** What one reply says of the server's clock. */
export interface NtpSample {
  readonly packet: NtpPacket;
  readonly roundTripMs: number;
  /** The round trip less the time that the server says it took (RFC 5905 §8, δ); never negative. */
  readonly delayMs: number;
  /** How far the server's clock is ahead of ours (RFC 5905 §8, θ); undefined when it tells no usable time. */
  readonly offsetMs: number | undefined;
  /** Whether a client that follows RFC 5905 would take its time from this reply. */
  readonly synchronised: boolean;
}

/** A refusal in a kiss-o'-death (RFC 5905 §7.4): asked too often, or not served at all. */
export type Kiss = 'RATE' | 'DENY' | 'RSTR';

const KISSES: ReadonlyMap<number, Kiss> = new Map([
  [0x52415445, 'RATE'],
  [0x44454e59, 'DENY'],
  [0x52535452, 'RSTR'],
]);

/** MAXDISP (RFC 5905 §7.2): from this root distance on, a packet is not valid (appendix A.5.1.1). */
const MAX_DISTANCE_MS = 16_000;

/** By how much a server's turnaround may exceed the round trip that holds it: two coarse clocks, rounded. */
const TURNAROUND_SLACK_MS = 10;

/** The refusal that a packet is, if it is one. Other kiss codes (INIT, STEP …) say that there is no time yet. */
export function kissOf(packet: NtpPacket): Kiss | undefined {
  return packet.stratum === 0 ? KISSES.get(packet.referenceId) : undefined;
}

/**
 * What a reply says, by `wallLessMonotonicMs` of our own clocks. Not synchronised are: leap indicator 3, stratum 0
 * (what 16 looks like on the wire) or above 15, a root distance of 16 s or more, times that are missing, and a
 * turnaround longer than the round trip or negative: a clock that was stepped between the two.
 */
export function sampleOf({ packet, sentMs, arrivedMs }: NtpReply, wallLessMonotonicMs: number): NtpSample {
  const roundTripMs = arrivedMs - sentMs;
  const t1 = sentMs + wallLessMonotonicMs;
  const t4 = arrivedMs + wallLessMonotonicMs;
  const t2 = unixMsOf(packet.receive, t1);
  const t3 = unixMsOf(packet.transmit, t4);
  const turnaroundMs = t3 - t2;
  const tellsTime =
    packet.transmit !== 0n &&
    turnaroundMs >= -TURNAROUND_SLACK_MS &&
    turnaroundMs <= roundTripMs + TURNAROUND_SLACK_MS;
  return {
    packet,
    roundTripMs,
    delayMs: tellsTime ? Math.min(roundTripMs, Math.max(0, roundTripMs - turnaroundMs)) : roundTripMs,
    offsetMs: tellsTime ? (t2 - t1 + (t3 - t4)) / 2 : undefined,
    synchronised: tellsTime && claimsSynchronised(packet),
  };
}

function claimsSynchronised(packet: NtpPacket): boolean {
  return (
    packet.leap !== 3 &&
    packet.stratum >= 1 &&
    packet.stratum <= 15 &&
    packet.rootDelayMs / 2 + packet.rootDispersionMs < MAX_DISTANCE_MS
  );
}

/**
 * The sample to believe: synchronised before not, one that tells the time before one that doesn't, then the smaller
 * delay, for the error of an offset is at most half of it (RFC 5905 §10).
 */
export function better(a: NtpSample, b: NtpSample): NtpSample {
  if (a.synchronised !== b.synchronised) return a.synchronised ? a : b;
  const tells = a.offsetMs !== undefined;
  if (tells !== (b.offsetMs !== undefined)) return tells ? a : b;
  return a.delayMs <= b.delayMs ? a : b;
}
