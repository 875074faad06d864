import { decodeDhcp, encodeDhcp, NO_ADDRESS, type DhcpMessage } from '../../probes/wire/dhcp.ts';
import {
  addressesOption,
  DHCP_OPTION,
  type DhcpMessageType,
  messageTypeOf,
  messageTypeOption,
  secondsOption,
} from '../../probes/wire/dhcp-options.ts';
import { listenUdp } from './listener.ts';
import { BOX_VM, INTERNAL_DOMAIN } from './region.ts';
import type { BoxService } from './service.ts';

/**
 * The DHCP server of a subnet (RFC 2131), with one address to give. It replies to where a request came from, relayed or
 * not, so that it needs no port of the system. Broken, it refuses (NAK).
 */
export const dhcp = {
  name: 'dhcp',
  summary: 'DHCP server of a subnet',
  port: 21_067,
  faults: ['down', 'silent', 'slow', 'wrong'],
  listen: (port, conduct) =>
    listenUdp(port, (datagram, reply) => {
      const request = decodeDhcp(datagram);
      const type = request && answerTo(request);
      if (!type) return;
      conduct.answer(
        () => reply(encodeDhcp(replyTo(request, type))),
        () => reply(encodeDhcp(replyTo(request, 'NAK'))),
      );
    }),
} as const satisfies BoxService;

/** What a request is answered with; RELEASE and DECLINE are not answered (RFC 2131 §4.3), nor what is no request. */
function answerTo({ op, options }: DhcpMessage): 'OFFER' | 'ACK' | undefined {
  const type = op === 'request' ? messageTypeOf(options.get(DHCP_OPTION.messageType)) : undefined;
  if (type === 'DISCOVER') return 'OFFER';
  return type === 'REQUEST' || type === 'INFORM' ? 'ACK' : undefined;
}

const SERVER = '10.0.0.1';
const LEASE_SECONDS = 3_600;
const SAID = [
  [DHCP_OPTION.dnsServers, addressesOption('10.0.0.2')],
  [DHCP_OPTION.domainName, Buffer.from(INTERNAL_DOMAIN)],
  [DHCP_OPTION.ntpServers, addressesOption('10.0.0.123')],
] as const;
const LEASE = [[DHCP_OPTION.leaseSeconds, secondsOption(LEASE_SECONDS)]] as const;

function replyTo(request: DhcpMessage, type: DhcpMessageType): DhcpMessage {
  const inUse = request.clientAddress !== NO_ADDRESS;
  const refused = type === 'NAK';
  return {
    ...request,
    op: 'reply',
    hops: 0,
    yourAddress: inUse || refused ? NO_ADDRESS : BOX_VM.address,
    options: new Map([
      [DHCP_OPTION.messageType, messageTypeOption(type)],
      [DHCP_OPTION.serverId, addressesOption(SERVER)],
      ...(refused ? [] : SAID),
      ...(refused || inUse ? [] : LEASE),
    ]),
  };
}
