import { decodeDhcp, NO_ADDRESS, transactionOf } from './dhcp.ts';
import type { DhcpMessage } from './dhcp.ts';
import { addressesOf, DHCP_OPTION, messageTypeOf, secondsOf, textOf } from './dhcp-options.ts';

/** What a server says to a client, in the options that we ask for. What it does not say is undefined. */
export interface DhcpReply {
  readonly type: 'OFFER' | 'ACK' | 'NAK';
  /** The address that the client may have. */
  readonly offeredAddress: string | undefined;
  /** By what the server names itself (54): one of its addresses. */
  readonly serverId: string | undefined;
  /** 4294967295 is for ever. */
  readonly leaseSeconds: number | undefined;
  readonly dns: readonly string[] | undefined;
  readonly domain: string | undefined;
  readonly ntp: readonly string[] | undefined;
}

/** The transaction that a reply must be of. */
export interface DhcpTransaction {
  /** 32 bits. */
  readonly xid: number;
  /** Six bytes in hexadecimal, like `02:00:5e:10:00:01`. */
  readonly hardwareAddress: string;
}

/**
 * What a datagram is to a transaction: `stray` when it is no reply to it, `malformed` when it is, but is cut off, says
 * no type that a server may say, or has an option of a length that it cannot have.
 */
export function readReply(
  datagram: Buffer,
  { xid, hardwareAddress }: DhcpTransaction,
): DhcpReply | 'stray' | 'malformed' {
  const transaction = transactionOf(datagram);
  if (transaction?.xid !== xid || transaction.hardwareAddress !== hardwareAddress) return 'stray';
  const message = decodeDhcp(datagram);
  return message && isShaped(message) ? replyOf(message) : 'malformed';
}

const SHAPES: readonly (readonly [number, (value: Uint8Array) => unknown])[] = [
  [DHCP_OPTION.serverId, addressesOf],
  [DHCP_OPTION.leaseSeconds, secondsOf],
  [DHCP_OPTION.dnsServers, addressesOf],
  [DHCP_OPTION.ntpServers, addressesOf],
];

function isShaped({ options }: DhcpMessage): boolean {
  return SHAPES.every(([code, read]) => {
    const value = options.get(code);
    return value === undefined || read(value) !== undefined;
  });
}

function replyOf({ yourAddress, options }: DhcpMessage): DhcpReply | 'malformed' {
  const type = messageTypeOf(options.get(DHCP_OPTION.messageType));
  if (type !== 'OFFER' && type !== 'ACK' && type !== 'NAK') return 'malformed';
  const read = <Value>(code: number, as: (value: Uint8Array) => Value | undefined): Value | undefined => {
    const value = options.get(code);
    return value && as(value);
  };
  return {
    type,
    offeredAddress: yourAddress === NO_ADDRESS ? undefined : yourAddress,
    serverId: read(DHCP_OPTION.serverId, addressesOf)?.[0],
    leaseSeconds: read(DHCP_OPTION.leaseSeconds, secondsOf),
    dns: read(DHCP_OPTION.dnsServers, addressesOf),
    domain: read(DHCP_OPTION.domainName, textOf),
    ntp: read(DHCP_OPTION.ntpServers, addressesOf),
  };
}
