import type { ProbeContext } from '../../src/core/probe.ts';
import { framed, LARGEST_FRAME_BYTES, matchReply, unframed, withId } from '../wire/dns.ts';
import type { DatagramSockets } from './datagram.ts';
import { exchangeOverStream } from './stream.ts';
import type { StreamTls } from './stream.ts';

/** Where a DNS server is. */
export interface DnsServer {
  /** IP address. */
  readonly address: string;
  readonly port: number;
  /** Present exactly when TLS is to be spoken (RFC 7858). */
  readonly tls?: StreamTls | undefined;
}

/** How an exchange with a DNS server ended. `message` is a reply to the query that is not decoded further yet. */
export type DnsEnd =
  | { readonly kind: 'message'; readonly message: Buffer }
  | { readonly kind: 'malformed' }
  | { readonly kind: 'oversized' }
  | { readonly kind: 'closed'; readonly received: number }
  | { readonly kind: 'failed'; readonly error: Error }
  | { readonly kind: 'aborted' };

/** One query and what came of it. */
export interface DnsExchange {
  readonly end: DnsEnd;
  readonly latencyMs: number;
  /** Milliseconds of `connect`, `tls` and `exchange`, those that were completed. */
  readonly phases: Readonly<Record<string, number>>;
  /** Messages that replied to something else and were ignored. */
  readonly strays: number;
}

/** Bytes that a server may send over UDP to a query without EDNS (RFC 1035 §4.2.1). */
const LEAST_PAYLOAD_BYTES = 512;

/**
 * Sends a query, as {@link encodeQuery} makes it, over UDP under an id of its own. Replies that do not match are
 * ignored (RFC 5452 §9.1); one that is larger than the query allows (`edns` bytes, at least 512) ends as oversized.
 */
export function askOverUdp(
  sockets: DatagramSockets,
  { address, port }: DnsServer,
  query: Buffer,
  edns: number,
  context: ProbeContext,
): Promise<DnsExchange> {
  const message = withFreshId(query, context);
  const largest = Math.max(LEAST_PAYLOAD_BYTES, edns);
  const startedMs = context.clock.monotonicMs();
  const exchange = sockets.exchange<DnsEnd>(
    {
      address,
      port,
      payload: () => message,
      read: (datagram) => {
        const end = endOf(message, datagram);
        return end?.kind === 'message' && datagram.length > largest ? { kind: 'oversized' } : end;
      },
    },
    context,
  );
  return exchange.then((outcome) => {
    const { strays } = outcome;
    if (outcome.kind === 'reply') {
      const { reply: end, latencyMs } = outcome;
      return { end, latencyMs, phases: { exchange: latencyMs }, strays };
    }
    return { end: outcome, latencyMs: context.clock.monotonicMs() - startedMs, phases: {}, strays };
  });
}

/** Sends a query over a connection of its own, TCP (RFC 7766) or TLS (RFC 7858); replies that do not match are ignored. */
export async function askOverStream(
  { address, port, tls }: DnsServer,
  query: Buffer,
  context: ProbeContext,
): Promise<DnsExchange> {
  const message = withFreshId(query, context);
  let strays = 0;
  const { end, timing } = await exchangeOverStream<DnsEnd>(
    {
      address,
      port,
      tls,
      payload: framed(message),
      read: (received) => {
        const ends = unframed(received).map((frame) => endOf(message, frame));
        const first = ends.findIndex((candidate) => candidate !== undefined);
        strays = first < 0 ? ends.length : first;
        return ends[first];
      },
      // Room for one ignored message of the largest size before the reply.
      limit: 2 * LARGEST_FRAME_BYTES,
    },
    context,
  );
  const { latencyMs, connectMs, tlsMs, exchangeMs } = timing;
  const phases = {
    ...(connectMs === undefined ? {} : { connect: connectMs }),
    ...(tlsMs === undefined ? {} : { tls: tlsMs }),
    ...(exchangeMs === undefined ? {} : { exchange: exchangeMs }),
  };
  return { end: end.kind === 'reply' ? end.reply : end, latencyMs, phases, strays };
}

function withFreshId(query: Buffer, { random }: ProbeContext): Buffer {
  return withId(query, Math.floor(random() * 0x1_0000));
}

function endOf(query: Buffer, message: Buffer): DnsEnd | undefined {
  switch (matchReply(query, message)) {
    case 'stray':
      return undefined;
    case 'malformed':
      return { kind: 'malformed' };
    case 'reply':
      return { kind: 'message', message };
  }
}
