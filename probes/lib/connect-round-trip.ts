import type { ProbeContext } from '../../src/core/probe.ts';
import { watchLateness } from './own-lateness.ts';
import type { RoundTrip } from './round-trips.ts';
import { exchangeOverStream } from './stream.ts';

/** One connection made and ended: from SYN to SYN-ACK is one round trip (RFC 9293 §3.5). */
export async function connectRoundTrip(
  address: string,
  port: number,
  context: ProbeContext,
): Promise<RoundTrip> {
  const lateness = watchLateness(context);
  const { end, timing } = await exchangeOverStream(
    { address, port, read: () => 'connected', limit: Number.POSITIVE_INFINITY },
    context,
  );
  if (end.kind === 'failed') return { kind: 'failed', error: end.error, strays: 0 };
  if (end.kind !== 'reply' || timing.connectMs === undefined) return { kind: 'lost', strays: 0 };
  return { kind: 'took', ms: timing.connectMs, own: lateness(), strays: 0 };
}
