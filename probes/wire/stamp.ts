import { createHmac, timingSafeEqual } from 'node:crypto';

/** The port that reflectors listen on unless told otherwise (RFC 8762 §4.1). */
export const STAMP_PORT = 862;

/** What a Session-Sender writes (RFC 8762 §4.2). Timestamps are the 64 bits of the wire. */
export interface StampRequest {
  /** Counts from 0 within a session; 32 bits. */
  readonly sequence: number;
  /** When it left, by the sender's clock. */
  readonly timestamp: bigint;
  /** See {@link ERROR_ESTIMATE}; 16 bits. */
  readonly errorEstimate: number;
}

/** What a Session-Reflector writes (RFC 8762 §4.3). */
export interface StampReply extends StampRequest {
  /** When the request arrived, by the clock of `timestamp`. */
  readonly receive: bigint;
  /** The request, word for word. */
  readonly sender: StampRequest;
  /** Time to live of the request on arrival; 255 where it is not known. */
  readonly senderTtl: number;
}

/**
 * The error estimate of an ordinary machine (RFC 4656 §4.1.2): not known to be synchronised, NTP timestamps, good to
 * 4 · 2^22 · 2^-32 seconds, about 4 ms.
 */
export const ERROR_ESTIMATE = (22 << 8) | 4;

const PTP_FORMAT = 0x4000;

/** Where the fields of a packet are, in bytes from its begin. */
interface Layout {
  readonly bytes: number;
  readonly timestamp: number;
  readonly errorEstimate: number;
  readonly receive: number;
  readonly senderSequence: number;
  readonly senderTimestamp: number;
  readonly senderErrorEstimate: number;
  readonly senderTtl: number;
}

/** RFC 8762 §4.2.1 and §4.3.1. */
const UNAUTHENTICATED: Layout = {
  bytes: 44,
  timestamp: 4,
  errorEstimate: 12,
  receive: 16,
  senderSequence: 24,
  senderTimestamp: 28,
  senderErrorEstimate: 36,
  senderTtl: 40,
};

/** RFC 8762 §4.2.2 and §4.3.2. */
const AUTHENTICATED: Layout = {
  bytes: 112,
  timestamp: 16,
  errorEstimate: 24,
  receive: 32,
  senderSequence: 48,
  senderTimestamp: 64,
  senderErrorEstimate: 72,
  senderTtl: 80,
};

const SEALED_BYTES = 96;
const SEAL_BYTES = 16;

/** HMAC-SHA-256 over the first 96 bytes, cut to 16 (RFC 8762 §4.4). */
function sealOf(packet: Uint8Array, key: Uint8Array): Uint8Array {
  const mac = createHmac('sha256', key).update(packet.subarray(0, SEALED_BYTES)).digest();
  return mac.subarray(0, SEAL_BYTES);
}

function isSealed(packet: Uint8Array, key: Uint8Array): boolean {
  return timingSafeEqual(packet.subarray(SEALED_BYTES, SEALED_BYTES + SEAL_BYTES), sealOf(packet, key));
}

function layoutOf(key: Uint8Array | undefined): Layout {
  return key ? AUTHENTICATED : UNAUTHENTICATED;
}

/** A test packet of 44 bytes, or of 112 with its HMAC when there is a key. */
export function encodeStampRequest(request: StampRequest, key?: Uint8Array): Uint8Array {
  const packet = new Uint8Array(layoutOf(key).bytes);
  writeRequest(packet, request, layoutOf(key));
  if (key) packet.set(sealOf(packet, key), SEALED_BYTES);
  return packet;
}

/** The answer to a test packet: as long as the shortest request of its mode, so that it never amplifies. */
export function encodeStampReply(reply: StampReply, key?: Uint8Array): Uint8Array {
  const layout = layoutOf(key);
  const packet = new Uint8Array(layout.bytes);
  writeRequest(packet, reply, layout);
  const view = new DataView(packet.buffer);
  view.setBigUint64(layout.receive, reply.receive);
  view.setUint32(layout.senderSequence, reply.sender.sequence);
  view.setBigUint64(layout.senderTimestamp, reply.sender.timestamp);
  view.setUint16(layout.senderErrorEstimate, reply.sender.errorEstimate);
  view.setUint8(layout.senderTtl, reply.senderTtl);
  if (key) packet.set(sealOf(packet, key), SEALED_BYTES);
  return packet;
}

function writeRequest(packet: Uint8Array, request: StampRequest, layout: Layout): void {
  const view = new DataView(packet.buffer);
  view.setUint32(0, request.sequence);
  view.setBigUint64(layout.timestamp, request.timestamp);
  view.setUint16(layout.errorEstimate, request.errorEstimate);
}

/**
 * The request in a datagram; undefined when it is too short, its HMAC is wrong, or it is a reply: where a reply has its
 * time of arrival a request has zeroes. RFC 8762 would have them ignored, but two reflectors that a forged request
 * sets upon each other would then never stop. What follows the packet is not looked at.
 */
export function decodeStampRequest(datagram: Uint8Array, key?: Uint8Array): StampRequest | undefined {
  const layout = layoutOf(key);
  if (datagram.byteLength < layout.bytes) return undefined;
  const view = new DataView(datagram.buffer, datagram.byteOffset, layout.bytes);
  if (view.getBigUint64(layout.receive) !== 0n) return undefined;
  if (key && !isSealed(datagram, key)) return undefined;
  return readRequest(view, layout);
}

/** The reply in a datagram; undefined when it is too short or its HMAC is wrong. */
export function decodeStampReply(datagram: Uint8Array, key?: Uint8Array): StampReply | undefined {
  const layout = layoutOf(key);
  if (datagram.byteLength < layout.bytes || (key && !isSealed(datagram, key))) return undefined;
  const view = new DataView(datagram.buffer, datagram.byteOffset, layout.bytes);
  return {
    ...readRequest(view, layout),
    receive: view.getBigUint64(layout.receive),
    sender: {
      sequence: view.getUint32(layout.senderSequence),
      timestamp: view.getBigUint64(layout.senderTimestamp),
      errorEstimate: view.getUint16(layout.senderErrorEstimate),
    },
    senderTtl: view.getUint8(layout.senderTtl),
  };
}

function readRequest(view: DataView, layout: Layout): StampRequest {
  return {
    sequence: view.getUint32(0),
    timestamp: view.getBigUint64(layout.timestamp),
    errorEstimate: view.getUint16(layout.errorEstimate),
  };
}

const NANOSECONDS_PER_MS = 1e6;

/**
 * Milliseconds that the reflector says it held the request, from arrival to departure, by its own clock; negative when
 * that was stepped back. Reads both timestamp formats (RFC 8762 §4.2.1): NTP, and PTP truncated to 64 bits.
 */
export function stampTurnaroundMs({ receive, timestamp, errorEstimate }: StampReply): number {
  if ((errorEstimate & PTP_FORMAT) === 0) {
    return (Number(BigInt.asIntN(64, timestamp - receive)) / 2 ** 32) * 1000;
  }
  const seconds = Number(BigInt.asIntN(32, (timestamp >> 32n) - (receive >> 32n)));
  const nanoseconds = Number((timestamp & 0xffff_ffffn) - (receive & 0xffff_ffffn));
  return seconds * 1000 + nanoseconds / NANOSECONDS_PER_MS;
}
