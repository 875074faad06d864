import { createHash } from 'node:crypto';
import { hostname } from 'node:os';
import { encodeDhcp, NO_ADDRESS } from '../wire/dhcp.ts';
import {
  addressesOption,
  DHCP_OPTION,
  linkSelectionOption,
  messageTypeOption,
} from '../wire/dhcp-options.ts';
import type { DhcpMessageType, DhcpOptions } from '../wire/dhcp-options.ts';
import type { DhcpTransaction } from '../wire/dhcp-reply.ts';

/**
 * The ways to ask. `relay`: as a relay agent, the server replies to our own address at the relay's port; `inform`: as
 * a client that has an address and wants the rest; `broadcast`: as a client that has none, in the server's own network.
 */
export const DHCP_MODES = ['relay', 'inform', 'broadcast'] as const;
export type DhcpMode = (typeof DHCP_MODES)[number];

/** Who asks, and for what network. */
export interface DhcpClient {
  readonly mode: DhcpMode;
  /** Our own address; `0.0.0.0` in the mode `broadcast`. */
  readonly ownAddress: string;
  readonly linkSelection: string | undefined;
  readonly subnetSelection: string | undefined;
}

const ASKED_FOR = Uint8Array.of(
  DHCP_OPTION.dnsServers,
  DHCP_OPTION.domainName,
  DHCP_OPTION.ntpServers,
  DHCP_OPTION.leaseSeconds,
  DHCP_OPTION.serverId,
);

const ETHERNET = 1;

/**
 * A message of a client. `chosen`: options that depend on what was said before. `leased`: the address that the client
 * has from the server.
 */
export function dhcpRequest(
  client: DhcpClient,
  { xid, hardwareAddress }: DhcpTransaction,
  type: DhcpMessageType,
  { chosen = [], leased = NO_ADDRESS }: Partial<DhcpSettled> = {},
): Buffer {
  const { mode, ownAddress, linkSelection, subnetSelection } = client;
  const hardware = Buffer.from(hardwareAddress.replaceAll(':', ''), 'hex');
  const options: DhcpOptions = new Map([
    [DHCP_OPTION.messageType, messageTypeOption(type)],
    [DHCP_OPTION.clientId, Uint8Array.of(ETHERNET, ...hardware)],
    ...chosen,
    ...(type === 'RELEASE' ? [] : [[DHCP_OPTION.parameters, ASKED_FOR] as const]),
    ...option(DHCP_OPTION.subnetSelection, subnetSelection, addressesOption),
    ...option(DHCP_OPTION.relayAgent, linkSelection, linkSelectionOption),
  ]);
  return encodeDhcp({
    op: 'request',
    hops: mode === 'relay' ? 1 : 0,
    xid,
    broadcast: mode === 'broadcast' && type !== 'RELEASE',
    clientAddress: mode === 'inform' ? ownAddress : leased,
    yourAddress: NO_ADDRESS,
    relayAddress: mode === 'relay' ? ownAddress : NO_ADDRESS,
    hardwareAddress,
    options,
  });
}

/** What was settled before a message. */
export interface DhcpSettled {
  readonly chosen: readonly (readonly [number, Uint8Array])[];
  readonly leased: string;
}

function option(
  code: number,
  address: string | undefined,
  encode: (address: string) => Uint8Array,
): readonly (readonly [number, Uint8Array])[] {
  return address === undefined ? [] : [[code, encode(address)]];
}

const LOCAL_UNICAST = 0x02;
const LOCAL_BITS = 0x03;

/**
 * The hardware address that a check asks with: one of local administration, the same in every run, so that a server
 * that sets an offered address aside for a while sets one aside and not a new one each time; another one for each
 * machine, address and request, so that nobody is in another one's way, this machine's own lease included.
 */
export function standInHardwareAddress(ownAddress: string, identity: string): string {
  const digest = createHash('sha256')
    .update(JSON.stringify([hostname(), ownAddress, identity]))
    .digest();
  const first = ((digest[0] ?? 0) & ~LOCAL_BITS) | LOCAL_UNICAST;
  return [first, ...digest.subarray(1, 6)].map((byte) => byte.toString(16).padStart(2, '0')).join(':');
}
