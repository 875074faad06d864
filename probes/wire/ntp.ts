/** Length of an NTP header without extension fields and MAC (RFC 5905 §7.3). */
export const NTP_HEADER_BYTES = 48;

/** The association modes of RFC 5905 §3 that a client meets: it sends `client` and believes only `server`. */
export const NTP_MODE = { client: 3, server: 4 } as const;

/** The leap indicator (RFC 5905 §7.3): 0 none, 1 and 2 a second is added or removed today, 3 not synchronised. */
export type LeapIndicator = 0 | 1 | 2 | 3;

/**
 * The fields of an NTP header, version 4 (RFC 5905 §7.3). Timestamps are the 64 bits of the wire: seconds of an
 * unnamed era in the upper half, a binary fraction in the lower; 0 means "not known".
 */
export interface NtpPacket {
  readonly leap: LeapIndicator;
  readonly version: number;
  readonly mode: number;
  /** 0 unspecified or a kiss-o'-death, 1 primary, 2–15 secondary, 16 not synchronised. */
  readonly stratum: number;
  /** log2 of seconds; signed. */
  readonly poll: number;
  readonly precision: number;
  /** Milliseconds, in steps of 1000/65536. */
  readonly rootDelayMs: number;
  readonly rootDispersionMs: number;
  /** The four bytes as they are; see {@link referenceIdText}. */
  readonly referenceId: number;
  readonly reference: bigint;
  readonly origin: bigint;
  readonly receive: bigint;
  readonly transmit: bigint;
}

const SHORT_UNITS_PER_MS = 65_536 / 1000;
const UNIX_EPOCH_SECONDS = 2_208_988_800;
const ERA_MS = 2 ** 32 * 1000;

/**
 * A request that says nothing of us: every field is zero but version, mode and the transmit timestamp, which is a
 * random cookie instead of our time (draft-ietf-ntp-data-minimization §4). The reply brings it back as origin.
 */
export function encodeRequest(cookie: bigint): Uint8Array {
  const bytes = new DataView(new ArrayBuffer(NTP_HEADER_BYTES));
  bytes.setUint8(0, (4 << 3) | NTP_MODE.client);
  bytes.setBigUint64(40, cookie);
  return new Uint8Array(bytes.buffer);
}

/** The 48 bytes of a header. Values out of their field's range are cut to its bits. */
export function encodePacket(packet: NtpPacket): Uint8Array {
  const bytes = new DataView(new ArrayBuffer(NTP_HEADER_BYTES));
  bytes.setUint8(0, (packet.leap << 6) | ((packet.version & 7) << 3) | (packet.mode & 7));
  bytes.setUint8(1, packet.stratum);
  bytes.setInt8(2, packet.poll);
  bytes.setInt8(3, packet.precision);
  bytes.setUint32(4, Math.round(packet.rootDelayMs * SHORT_UNITS_PER_MS));
  bytes.setUint32(8, Math.round(packet.rootDispersionMs * SHORT_UNITS_PER_MS));
  bytes.setUint32(12, packet.referenceId);
  bytes.setBigUint64(16, packet.reference);
  bytes.setBigUint64(24, packet.origin);
  bytes.setBigUint64(32, packet.receive);
  bytes.setBigUint64(40, packet.transmit);
  return new Uint8Array(bytes.buffer);
}

/** The header of a datagram; undefined when it is too short. What follows the header is not looked at. */
export function decodePacket(datagram: Uint8Array): NtpPacket | undefined {
  if (datagram.byteLength < NTP_HEADER_BYTES) return undefined;
  const bytes = new DataView(datagram.buffer, datagram.byteOffset, NTP_HEADER_BYTES);
  const first = bytes.getUint8(0);
  return {
    leap: leapOf(first >> 6),
    version: (first >> 3) & 7,
    mode: first & 7,
    stratum: bytes.getUint8(1),
    poll: bytes.getInt8(2),
    precision: bytes.getInt8(3),
    rootDelayMs: bytes.getUint32(4) / SHORT_UNITS_PER_MS,
    rootDispersionMs: bytes.getUint32(8) / SHORT_UNITS_PER_MS,
    referenceId: bytes.getUint32(12),
    reference: bytes.getBigUint64(16),
    origin: bytes.getBigUint64(24),
    receive: bytes.getBigUint64(32),
    transmit: bytes.getBigUint64(40),
  };
}

function leapOf(bits: number): LeapIndicator {
  return bits === 0 || bits === 1 || bits === 2 ? bits : 3;
}

/**
 * The instant of a wire timestamp in milliseconds since the Unix epoch, with a fraction good to about 0.0003 ms. The
 * wire does not name the era (the first ends in 2036): of all candidates it is the one nearest to `nearMs`, so it is
 * right as long as that is right within 68 years (RFC 5905 §6).
 */
export function unixMsOf(timestamp: bigint, nearMs: number): number {
  const seconds = Number(timestamp >> 32n) - UNIX_EPOCH_SECONDS;
  const inFirstEra = seconds * 1000 + (Number(timestamp & 0xffff_ffffn) / 2 ** 32) * 1000;
  return inFirstEra + Math.round((nearMs - inFirstEra) / ERA_MS) * ERA_MS;
}

/** The wire timestamp of an instant in milliseconds since the Unix epoch; the era is dropped. */
export function timestampOf(unixMs: number): bigint {
  const seconds = Math.floor(unixMs / 1000);
  const fraction = Math.floor(((unixMs - seconds * 1000) / 1000) * 2 ** 32);
  return BigInt.asUintN(64, (BigInt(seconds + UNIX_EPOCH_SECONDS) << 32n) | BigInt(fraction));
}

/**
 * A reference identifier in words (RFC 5905 §7.3). Strata 0 and 1 name a kiss code or a source in up to four ASCII
 * letters (`RATE`, `GPS`); above, and where the bytes are not letters, it is written like the IPv4 address that it
 * most often is. Empty when all bytes are zero.
 */
export function referenceIdText(stratum: number, referenceId: number): string {
  if (referenceId === 0) return '';
  const bytes = [24, 16, 8, 0].map((shift) => (referenceId >>> shift) & 0xff);
  if (stratum > 1) return bytes.join('.');
  const text = String.fromCodePoint(...bytes).replace(/\0+$/, '');
  return /^[\x20-\x7e]+$/.test(text) ? text : bytes.join('.');
}
