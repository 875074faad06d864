import { printable } from './printable.ts';

/** Codes of the DHCP options that we send or read (RFC 2132; 82: RFC 3046 with 3527; 118: RFC 3011). */
export const DHCP_OPTION = {
  pad: 0,
  dnsServers: 6,
  domainName: 15,
  ntpServers: 42,
  requestedAddress: 50,
  leaseSeconds: 51,
  overload: 52,
  messageType: 53,
  serverId: 54,
  parameters: 55,
  clientId: 61,
  relayAgent: 82,
  subnetSelection: 118,
  end: 255,
} as const;

/** Options by their code, without pad, end and overload. */
export type DhcpOptions = ReadonlyMap<number, Uint8Array>;

/** The types of a DHCP message (RFC 2132 §9.6) by their number less one. */
const MESSAGE_TYPES = ['DISCOVER', 'OFFER', 'REQUEST', 'DECLINE', 'ACK', 'NAK', 'RELEASE', 'INFORM'] as const;

/** The type of a DHCP message by its name. */
export type DhcpMessageType = (typeof MESSAGE_TYPES)[number];

const LINK_SELECTION = 5;
const LONGEST_OPTION_BYTES = 255;

/**
 * Adds the options of one field to those found before; a code that comes again goes on where it stopped (RFC 3396).
 * False when an option runs over the end of the field, or the field has no end option (RFC 2131 §4.1).
 */
export function collectOptions(field: Uint8Array, found: Map<number, Uint8Array>): boolean {
  let at = 0;
  while (at < field.length) {
    const code = field[at] ?? DHCP_OPTION.end;
    if (code === DHCP_OPTION.end) return true;
    const length = code === DHCP_OPTION.pad ? -1 : field[at + 1];
    if (length === undefined) return false;
    const next = at + 2 + length;
    if (length >= 0) found.set(code, joined(found.get(code), field.subarray(at + 2, next)));
    at = next;
  }
  return false;
}

function joined(head: Uint8Array | undefined, tail: Uint8Array): Uint8Array {
  return head ? Buffer.concat([head, tail]) : tail;
}

/** Options as the wire has them, with the end. Throws for a value of more than 255 bytes. */
export function encodeOptions(options: DhcpOptions): Buffer {
  const parts = [...options].flatMap(([code, value]) => {
    if (value.length > LONGEST_OPTION_BYTES) throw new RangeError(`option ${code} is too long`);
    return [Uint8Array.of(code, value.length), value];
  });
  return Buffer.concat([...parts, Uint8Array.of(DHCP_OPTION.end)]);
}

/** The value of the message type option (53). */
export function messageTypeOption(type: DhcpMessageType): Uint8Array {
  return Uint8Array.of(MESSAGE_TYPES.indexOf(type) + 1);
}

/** The message type that a value says; undefined when it is none. */
export function messageTypeOf(value: Uint8Array | undefined): DhcpMessageType | undefined {
  return value?.length === 1 ? MESSAGE_TYPES[(value[0] ?? 0) - 1] : undefined;
}

/** The four bytes of each IPv4 address. */
export function addressesOption(...addresses: readonly string[]): Uint8Array {
  return Uint8Array.from(addresses.flatMap((address) => address.split('.').map(Number)));
}

/** The IPv4 addresses of a value, in its order; undefined unless it holds one or more, and whole ones. */
export function addressesOf(value: Uint8Array): readonly string[] | undefined {
  if (value.length === 0 || value.length % 4 !== 0) return undefined;
  return Array.from({ length: value.length / 4 }, (_, i) => value.subarray(4 * i, 4 * i + 4).join('.'));
}

/** The four bytes of a number of seconds. */
export function secondsOption(seconds: number): Uint8Array {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(seconds);
  return bytes;
}

/** The seconds of a value (RFC 2132 §9.2); 4294967295 is for ever. Undefined unless it has four bytes. */
export function secondsOf(value: Uint8Array): number | undefined {
  return value.length === 4 ? Buffer.from(value).readUInt32BE() : undefined;
}

/** The text of a value on one line, without the zeros that some servers end it with; undefined when it is empty. */
export function textOf(value: Uint8Array): string | undefined {
  return printable(Buffer.from(value).toString('latin1').replace(/\0+$/, '')) || undefined;
}

/** Relay agent information (82) that asks for an address of another subnet than the relay's own (RFC 3527 §3). */
export function linkSelectionOption(subnet: string): Uint8Array {
  const address = addressesOption(subnet);
  return Uint8Array.of(LINK_SELECTION, address.length, ...address);
}
