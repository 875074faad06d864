import type { Fault } from '../../src/core/cause.ts';
import type { ProbeContext } from '../../src/core/probe.ts';
import { connectRoundTrip } from './connect-round-trip.ts';
import { faultOf } from './faults.ts';
import type { Lookup } from './lookup.ts';
import { resolveHost } from './resolve.ts';

/** Where a machine is to be heard. */
export interface HeartbeatTarget {
  /** Host name or IP address. */
  readonly host: string;
  readonly port: number;
}

/**
 * What was heard of a machine. `connected`: a TCP connection stood after `ms` milliseconds. `silent`: it came to the
 * fault. `deaf`: trouble of our own, which says nothing of the machine.
 */
export type Heartbeat =
  | { readonly kind: 'connected'; readonly ms: number }
  | { readonly kind: 'silent'; readonly fault: Fault }
  | { readonly kind: 'deaf' };

/** Makes one connection and ends it. Never rejects for what the other side does; the end of the context is a timeout. */
export async function hearHeartbeat(
  { host, port }: HeartbeatTarget,
  lookup: Lookup,
  context: ProbeContext,
): Promise<Heartbeat> {
  const resolution = await resolveHost(lookup, host, 'any', context);
  if (resolution.kind === 'aborted') return { kind: 'silent', fault: 'timeout' };
  if (resolution.kind === 'failed') return brokenBy(resolution.error);
  const trip = await connectRoundTrip(resolution.address, port, context);
  if (trip.kind === 'took') return { kind: 'connected', ms: trip.ms };
  return trip.kind === 'lost' ? { kind: 'silent', fault: 'timeout' } : brokenBy(trip.error);
}

function brokenBy(error: Error): Heartbeat {
  const trouble = faultOf(error);
  if (!trouble) throw error;
  return trouble.kind === 'fault' ? { kind: 'silent', fault: trouble.fault } : { kind: 'deaf' };
}
