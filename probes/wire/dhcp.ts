import { addressesOption, collectOptions, DHCP_OPTION, encodeOptions } from './dhcp-options.ts';
import type { DhcpOptions } from './dhcp-options.ts';

/** The fields of a DHCP message over Ethernet that mean something to us (RFC 2131 §2). */
export interface DhcpMessage {
  /** `op`: who speaks, a client (1) or a server (2). */
  readonly op: 'request' | 'reply';
  /** Relays passed so far. */
  readonly hops: number;
  /** The transaction, 32 bits. */
  readonly xid: number;
  /** Whether the client asks for replies to be broadcast. */
  readonly broadcast: boolean;
  /** `ciaddr`: the address that the client has; `0.0.0.0` for none, as in all of these. */
  readonly clientAddress: string;
  /** `yiaddr`: the address that the client may have. */
  readonly yourAddress: string;
  /** `giaddr`: the relay that the server is to reply to. */
  readonly relayAddress: string;
  /** `chaddr`: six bytes in hexadecimal, like `02:00:5e:10:00:01`. */
  readonly hardwareAddress: string;
  readonly options: DhcpOptions;
}

/** What `ciaddr`, `yiaddr` and `giaddr` hold when they hold nothing. */
export const NO_ADDRESS = '0.0.0.0';

/** The ports of the protocol (RFC 2131 §4.1): servers and relays listen on the first, clients on the second. */
export const DHCP_PORT = { server: 67, client: 68 } as const;

/** The most that a message over UDP on Ethernet holds; whatever is longer is not read. */
export const LARGEST_MESSAGE_BYTES = 1_472;

const OP = { request: 1, reply: 2 } as const;
const ETHERNET = 1;
const HARDWARE_BYTES = 6;
const BROADCAST_FLAG = 0x8000;
const COOKIE = 0x63_82_53_63;
const LEAST_MESSAGE_BYTES = 300;
const AT = {
  hops: 3,
  xid: 4,
  flags: 10,
  clientAddress: 12,
  yourAddress: 16,
  relayAddress: 24,
  hardwareAddress: 28,
  serverName: 44,
  file: 108,
  cookie: 236,
  options: 240,
} as const;

/** A message as the wire has it, at least 300 bytes long (RFC 1542 §2.1). Throws for an option that is too long. */
export function encodeDhcp(message: DhcpMessage): Buffer {
  const head = Buffer.alloc(AT.options);
  head.set([OP[message.op], ETHERNET, HARDWARE_BYTES, message.hops]);
  head.writeUInt32BE(message.xid, AT.xid);
  head.writeUInt16BE(message.broadcast ? BROADCAST_FLAG : 0, AT.flags);
  head.set(addressesOption(message.clientAddress), AT.clientAddress);
  head.set(addressesOption(message.yourAddress), AT.yourAddress);
  head.set(addressesOption(message.relayAddress), AT.relayAddress);
  head.write(message.hardwareAddress.replaceAll(':', ''), AT.hardwareAddress, 'hex');
  head.writeUInt32BE(COOKIE, AT.cookie);
  const whole = Buffer.concat([head, encodeOptions(message.options)]);
  const padding = Buffer.alloc(Math.max(0, LEAST_MESSAGE_BYTES - whole.length), DHCP_OPTION.pad);
  return Buffer.concat([whole, padding]);
}

/** The transaction that a reply is of, by its head alone; undefined when the bytes are no head of a reply. */
export function transactionOf(
  datagram: Buffer,
): { readonly xid: number; readonly hardwareAddress: string } | undefined {
  if (datagram.length < AT.serverName || datagram[0] !== OP.reply) return undefined;
  return { xid: datagram.readUInt32BE(AT.xid), hardwareAddress: hardwareAddressOf(datagram) };
}

/**
 * Decodes a message, options in the overloaded fields included (RFC 2132 §9.3). Undefined when it is too short or
 * too long, not of Ethernet, without the cookie of DHCP, or when its options are cut off.
 */
export function decodeDhcp(datagram: Buffer): DhcpMessage | undefined {
  if (datagram.length < AT.options || datagram.length > LARGEST_MESSAGE_BYTES) return undefined;
  const op = datagram[0] === OP.request ? 'request' : datagram[0] === OP.reply ? 'reply' : undefined;
  if (!op || datagram[1] !== ETHERNET || datagram[2] !== HARDWARE_BYTES) return undefined;
  if (datagram.readUInt32BE(AT.cookie) !== COOKIE) return undefined;
  const options = optionsOf(datagram);
  return (
    options && {
      op,
      hops: datagram[AT.hops] ?? 0,
      xid: datagram.readUInt32BE(AT.xid),
      broadcast: (datagram.readUInt16BE(AT.flags) & BROADCAST_FLAG) !== 0,
      clientAddress: addressAt(datagram, AT.clientAddress),
      yourAddress: addressAt(datagram, AT.yourAddress),
      relayAddress: addressAt(datagram, AT.relayAddress),
      hardwareAddress: hardwareAddressOf(datagram),
      options,
    }
  );
}

const OVERLOADED = { file: 1, serverName: 2 } as const;

function optionsOf(datagram: Buffer): DhcpOptions | undefined {
  const found = new Map<number, Uint8Array>();
  if (!collectOptions(datagram.subarray(AT.options), found)) return undefined;
  const overload = found.get(DHCP_OPTION.overload)?.[0] ?? 0;
  const inFile = (overload & OVERLOADED.file) !== 0;
  const inServerName = (overload & OVERLOADED.serverName) !== 0;
  if (inFile && !collectOptions(datagram.subarray(AT.file, AT.cookie), found)) return undefined;
  if (inServerName && !collectOptions(datagram.subarray(AT.serverName, AT.file), found)) return undefined;
  found.delete(DHCP_OPTION.overload);
  return found;
}

function addressAt(datagram: Buffer, at: number): string {
  return datagram.subarray(at, at + 4).join('.');
}

function hardwareAddressOf(datagram: Buffer): string {
  const bytes = datagram.subarray(AT.hardwareAddress, AT.hardwareAddress + HARDWARE_BYTES);
  return bytes.toString('hex').replaceAll(/(?<=^(?:..)+)(?=..)/g, ':');
}
