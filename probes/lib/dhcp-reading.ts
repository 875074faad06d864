import type { Reading, Value } from '../../src/core/reading.ts';
import type { DhcpReply } from '../wire/dhcp-reply.ts';
import type { Endpoint } from './bound-exchange.ts';
import type { DhcpConversation } from './dhcp-conversation.ts';
import { codeOf } from './faults.ts';
import { faultReading, timedOut } from './fault-reading.ts';
import type { Trouble } from './fault-reading.ts';

/** What is known of a conversation besides what was said. */
export interface DhcpSubject {
  /** What was asked of whom, for people. */
  readonly label: string;
  readonly server: Endpoint;
  /** Where replies were to arrive. */
  readonly local: Endpoint;
  /** How long finding the address of the name took; undefined when there was no name. */
  readonly resolveMs: number | undefined;
}

/** What a conversation amounts to. Throws an error that is in no table: a bug of ours. */
export function dhcpReading(conversation: DhcpConversation, subject: DhcpSubject): Reading {
  const { end, latencyMs, strays } = conversation;
  const { label, server, local, resolveMs } = subject;
  const phases = { ...(resolveMs === undefined ? {} : { resolve: resolveMs }), ...conversation.phases };
  const evidence = { address: server.address, ...(strays === 0 ? {} : { strays }) };
  if (end.kind === 'reply' && end.reply !== 'malformed') {
    return { kind: 'answer', latencyMs, phases, values: valuesOf(end.reply), evidence };
  }
  const unbindable = end.kind === 'unbound' ? whyUnbindable(end.error, local) : undefined;
  if (unbindable !== undefined) return { kind: 'blind', blind: 'local-resource', detail: unbindable };
  return faultReading({ label, latencyMs, phases, evidence }, troubleOf(conversation));
}

function troubleOf({ end, phase, strays }: DhcpConversation): Trouble {
  switch (end.kind) {
    case 'reply':
      return { kind: 'fault', fault: 'protocol', text: `reply to ${phase} that is no DHCP message` };
    case 'unbound':
    case 'failed':
      return { kind: 'failed', error: end.error };
    case 'aborted':
      return timedOut(
        `in ${phase}${strays === 0 ? '' : `; ignored ${strays} that replied to something else`}`,
      );
  }
}

const UNBINDABLE: Readonly<Record<string, (port: number) => string>> = {
  EACCES: (port) =>
    `not permitted; it takes the capability CAP_NET_BIND_SERVICE, or net.ipv4.ip_unprivileged_port_start at ${port} or below`,
  EADDRINUSE: () => 'another program of this machine has it: a DHCP client, server or relay',
  EADDRNOTAVAIL: () => 'the address is not one of this machine',
};

/** Why the port could not be had, for people; undefined when the code says nothing of ports. */
function whyUnbindable(error: Error, { address, port }: Endpoint): string | undefined {
  const code = codeOf(error) ?? '';
  const why = UNBINDABLE[code];
  return why && `cannot listen on UDP port ${port} of ${address} (${code}): ${why(port)}`;
}

function valuesOf(reply: DhcpReply): Readonly<Record<string, Value>> {
  const { offeredAddress, serverId, leaseSeconds, dns, domain, ntp } = reply;
  return {
    messageType: reply.type,
    ...(offeredAddress === undefined ? {} : { offeredAddress }),
    ...(serverId === undefined ? {} : { serverId }),
    ...(leaseSeconds === undefined ? {} : { leaseSeconds }),
    ...(dns === undefined ? {} : { dns }),
    ...(domain === undefined ? {} : { domain }),
    ...(ntp === undefined ? {} : { ntp }),
  };
}
