import type { ProbeContext } from '../../src/core/probe.ts';
import { timestampOf } from '../wire/ntp.ts';
import {
  decodeStampReply,
  encodeStampRequest,
  ERROR_ESTIMATE,
  stampTurnaroundMs,
  type StampReply,
} from '../wire/stamp.ts';
import type { DatagramSockets } from './datagram.ts';
import { type OwnLateness, type TimedExchange, watchLateness } from './own-lateness.ts';
import type { RoundTrip } from './round-trips.ts';

/** A reflector, and the key that is shared with it, if any. */
export interface StampPeer {
  /** IP address. */
  readonly address: string;
  readonly port: number;
  readonly key: Uint8Array | undefined;
}

/** Our wall clock shows milliseconds; the 22 bits of an NTP timestamp below them are free to be a cookie. */
const COOKIE_BITS = 22n;

/** One test packet to a reflector and back (RFC 8762), less the time that the reflector says it held it. */
export async function stampRoundTrip(
  sockets: DatagramSockets,
  { address, port, key }: StampPeer,
  sequence: number,
  context: ProbeContext,
): Promise<RoundTrip> {
  const { clock } = context;
  const timestamp = unpredictableTimestamp(context);
  const packet = encodeStampRequest({ sequence, timestamp, errorEstimate: ERROR_ESTIMATE }, key);
  let sentMs = 0;
  let lateness = (): OwnLateness | undefined => undefined;
  const payload = (): Uint8Array => {
    lateness = watchLateness(context);
    sentMs = clock.monotonicMs();
    return packet;
  };
  const read = (datagram: Uint8Array): TimedExchange | undefined => {
    const arrivedMs = clock.monotonicMs();
    const reply = decodeStampReply(datagram, key);
    if (reply?.sender.sequence !== sequence || reply.sender.timestamp !== timestamp) return undefined;
    return { ms: onTheWayMs(arrivedMs - sentMs, reply), own: lateness() };
  };
  const outcome = await sockets.exchange({ address, port, payload, read }, context);
  const { strays } = outcome;
  switch (outcome.kind) {
    case 'reply':
      return { kind: 'took', ...outcome.reply, strays };
    case 'failed':
      return { kind: 'failed', error: outcome.error, strays };
    case 'aborted':
      return { kind: 'lost', strays };
  }
}

function unpredictableTimestamp({ clock, random }: ProbeContext): bigint {
  const cookie = BigInt(Math.floor(random() * 2 ** Number(COOKIE_BITS)));
  return ((timestampOf(clock.wallMs()) >> COOKIE_BITS) << COOKIE_BITS) | cookie;
}

function onTheWayMs(roundTripMs: number, reply: StampReply): number {
  const heldMs = stampTurnaroundMs(reply);
  // A clock that was stepped meanwhile, or that tells no times, is not believed.
  return heldMs > 0 && heldMs < roundTripMs ? roundTripMs - heldMs : roundTripMs;
}
