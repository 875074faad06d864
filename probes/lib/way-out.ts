import type { ProbeContext } from '../../src/core/probe.ts';
import type { DatagramSockets } from './datagram.ts';
import { askOverUdp } from './dns-exchange.ts';
import { closedEarly, timedOut, type Trouble } from './fault-reading.ts';
import type { IpVersion, Lookup } from './lookup.ts';
import { resolveHost } from './resolve.ts';
import { exchangeOverStream, type StreamTls } from './stream.ts';

/** A host out there, and by what it is seen to be reached. */
export type WayOut = {
  /** What the target is called in the values. */
  readonly name: string;
  readonly host: string;
  readonly port: number;
  readonly ipVersion: IpVersion;
} & (
  | { readonly transport: 'tcp'; readonly greeting: boolean }
  | { readonly transport: 'tls'; readonly tls: StreamTls }
  | { readonly transport: 'dns'; readonly query: Buffer }
);

/**
 * Whether a host was reached, and in what time, the looking up of its name not counted. `ownMs`: how much of that may be
 * our own event loop's lateness; absent where that is not measured.
 */
export type Reach =
  | { readonly kind: 'reached'; readonly ms: number; readonly ownMs?: number }
  | { readonly kind: 'unreached'; readonly trouble: Trouble };

/** What the targets share. */
export interface WayOutMeans {
  readonly sockets: DatagramSockets;
  readonly lookup: Lookup;
}

/** Tries one target. A reply of a DNS server counts whatever it says: it came from out there. */
export async function tryWayOut(way: WayOut, means: WayOutMeans, context: ProbeContext): Promise<Reach> {
  const found = await resolveHost(means.lookup, way.host, way.ipVersion, context);
  if (found.kind !== 'address') return unreached(found.kind === 'failed' ? found : timedOut('in resolve'));
  const { address } = found;
  const startedMs = context.clock.monotonicMs();
  const reach = await (way.transport === 'dns'
    ? reachByQuery(address, way, means.sockets, context)
    : reachByConnection(address, way, context));
  if (reach.kind !== 'reached' || !context.lag) return reach;
  return { ...reach, ownMs: context.lag.worstSince(startedMs) };
}

function unreached(trouble: Trouble): Reach {
  return { kind: 'unreached', trouble };
}

async function reachByQuery(
  address: string,
  { port, query }: Extract<WayOut, { transport: 'dns' }>,
  sockets: DatagramSockets,
  context: ProbeContext,
): Promise<Reach> {
  const { end, latencyMs } = await askOverUdp(sockets, { address, port }, query, EDNS_BYTES, context);
  switch (end.kind) {
    case 'message':
      return { kind: 'reached', ms: latencyMs };
    case 'failed':
      return unreached(end);
    case 'aborted':
      return unreached(timedOut('waiting for a reply'));
    default:
      return unreached({ kind: 'fault', fault: 'protocol', text: 'reply that cannot be decoded' });
  }
}

/** What {@link WayOut.query} is to say that a reply may have. */
export const EDNS_BYTES = 1_232;

async function reachByConnection(
  address: string,
  way: Exclude<WayOut, { transport: 'dns' }>,
  context: ProbeContext,
): Promise<Reach> {
  const wanted = way.transport === 'tcp' && way.greeting ? 1 : 0;
  const { end, timing } = await exchangeOverStream(
    {
      address,
      port: way.port,
      tls: way.transport === 'tls' ? way.tls : undefined,
      read: (received) => (received.length >= wanted ? 'reached' : undefined),
      limit: Number.POSITIVE_INFINITY,
    },
    context,
  );
  switch (end.kind) {
    case 'reply':
      return { kind: 'reached', ms: timing.latencyMs };
    case 'failed':
      return unreached(end);
    case 'closed':
      return unreached(closedEarly(end.received));
    case 'oversized':
    case 'aborted':
      return unreached(timedOut('in connect'));
  }
}
