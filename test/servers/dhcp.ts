import { createSocket } from 'node:dgram';
import type { RemoteInfo, Socket } from 'node:dgram';
import { once } from 'node:events';
import { decodeDhcp, encodeDhcp, NO_ADDRESS } from '../../probes/wire/dhcp.ts';
import type { DhcpMessage } from '../../probes/wire/dhcp.ts';
import {
  addressesOption,
  DHCP_OPTION,
  messageTypeOf,
  messageTypeOption,
  secondsOption,
} from '../../probes/wire/dhcp-options.ts';
import type { DhcpMessageType } from '../../probes/wire/dhcp-options.ts';

/** A request as the server got it. */
export interface DhcpRequest {
  readonly message: DhcpMessage;
  readonly type: DhcpMessageType | undefined;
  readonly bytes: Buffer;
  readonly from: RemoteInfo;
}

/** What a reply is to say. */
export interface DhcpFacts extends Partial<DhcpMessage> {
  readonly type?: DhcpMessageType;
}

/** What a script may do with a request, as often and as late as it likes. */
export interface DhcpAnswering {
  /** Replies as a good server does, with the facts that are to differ. */
  readonly reply: (facts?: DhcpFacts) => void;
  /** Sends any bytes; from another socket than the server's when given. */
  readonly raw: (bytes: Uint8Array, from?: Socket) => void;
}

/** What a server does with one request. */
export type DhcpScript = (request: DhcpRequest, answering: DhcpAnswering) => void;

/** A scriptable DHCP server on loopback, that replies to where a request came from. */
export interface DhcpServer {
  readonly address: string;
  readonly port: number;
  /** The requests so far, in order. */
  readonly requests: readonly DhcpRequest[];
  /** Datagrams so far. */
  received(): number;
  close(): Promise<void>;
}

/** What the server offers unless told otherwise. */
export const OFFERED = {
  address: '192.0.2.50',
  leaseSeconds: 3_600,
  dns: ['192.0.2.53', '192.0.2.54'],
  domain: 'sla.test',
  ntp: ['192.0.2.123'],
} as const;

const REPLY_TO: Readonly<Partial<Record<DhcpMessageType, DhcpMessageType>>> = {
  DISCOVER: 'OFFER',
  REQUEST: 'ACK',
  INFORM: 'ACK',
};

/** The options of a good server's reply. */
export function optionsOf(type: DhcpMessageType, serverId: string): ReadonlyMap<number, Uint8Array> {
  return new Map([
    [DHCP_OPTION.messageType, messageTypeOption(type)],
    [DHCP_OPTION.serverId, addressesOption(serverId)],
    [DHCP_OPTION.leaseSeconds, secondsOption(OFFERED.leaseSeconds)],
    [DHCP_OPTION.dnsServers, addressesOption(...OFFERED.dns)],
    [DHCP_OPTION.domainName, Buffer.from(OFFERED.domain)],
    [DHCP_OPTION.ntpServers, addressesOption(...OFFERED.ntp)],
  ]);
}

/** The reply of a good server, with the facts that are to differ. */
export function replyTo(
  { message, type }: DhcpRequest,
  serverId: string,
  { type: said, ...facts }: DhcpFacts = {},
): Buffer {
  return encodeDhcp({
    ...message,
    op: 'reply',
    hops: 0,
    yourAddress: type === 'INFORM' ? NO_ADDRESS : OFFERED.address,
    options: optionsOf(said ?? (type && REPLY_TO[type]) ?? 'NAK', serverId),
    ...facts,
  });
}

/** Starts a server that runs the script for every request; RELEASE and what is no request it only records. */
export async function startDhcpServer(
  script: DhcpScript = (_, { reply }) => reply(),
  address = '127.0.0.1',
): Promise<DhcpServer> {
  const requests: DhcpRequest[] = [];
  const socket = createSocket('udp4').bind(0, address);
  await once(socket, 'listening');
  let received = 0;
  socket.on('message', (bytes, from) => {
    received++;
    const message = decodeDhcp(bytes);
    if (message?.op !== 'request') return;
    const type = messageTypeOf(message.options.get(DHCP_OPTION.messageType));
    const request = { message, type, bytes, from };
    requests.push(request);
    if (type === 'RELEASE') return;
    const raw: DhcpAnswering['raw'] = (reply, sender = socket) => sender.send(reply, from.port, from.address);
    script(request, { raw, reply: (facts) => raw(replyTo(request, address, facts)) });
  });
  return {
    address,
    port: socket.address().port,
    requests,
    received: () => received,
    close: async () => {
      socket.close();
      await once(socket, 'close');
    },
  };
}
