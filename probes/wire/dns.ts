import { encode, RECURSION_DESIRED } from 'dns-packet';
import type { Answer } from 'dns-packet';

/** The record types that can be asked for. */
export const RECORD_TYPES = ['A', 'AAAA', 'CNAME', 'MX', 'NS', 'PTR', 'SOA', 'SRV', 'TXT', 'CAA'] as const;
/** One of {@link RECORD_TYPES}. */
export type RecordType = (typeof RECORD_TYPES)[number];

/** What is asked, in the class IN. */
export interface DnsQuestion {
  readonly name: string;
  readonly type: RecordType;
  /** Whether the server may ask others (RD, RFC 1035 §4.1.1). */
  readonly recursion: boolean;
  /** The UDP payload that we say we take (EDNS, RFC 6891 §6.2.3), in bytes; 0 sends no EDNS. */
  readonly edns: number;
}

const HEADER_BYTES = 12;
const FLAG_RESPONSE = 0x8000;
const FLAG_TRUNCATED = 0x0200;
const OPCODE_MASK = 0x7800;
/** The lower four bits of the code of a reply, in the second word of its header. */
export const RCODE_MASK = 0x000f;

/** Encodes a query (RFC 1035 §4.1) with the id 0; {@link withId} gives each message its own. */
export function encodeQuery({ name, type, recursion, edns }: DnsQuestion): Buffer {
  return encode({
    type: 'query',
    flags: recursion ? RECURSION_DESIRED : 0,
    questions: [{ name, type, class: 'IN' }],
    additionals: edns === 0 ? [] : [ednsRecord(edns)],
  });
}

function ednsRecord(udpPayloadSize: number): Answer {
  return {
    type: 'OPT',
    name: '.',
    udpPayloadSize,
    extendedRcode: 0,
    ednsVersion: 0,
    flags: 0,
    flag_do: false,
    options: [],
  };
}

/** A copy of an encoded query under an id (0 to 65,535). */
export function withId(query: Buffer, id: number): Buffer {
  const message = Buffer.from(query);
  message.writeUInt16BE(id, 0);
  return message;
}

/** A message as it goes over a stream: behind its length (RFC 1035 §4.2.2). */
export function framed(message: Buffer): Buffer {
  const frame = Buffer.allocUnsafe(2 + message.length);
  frame.writeUInt16BE(message.length, 0);
  message.copy(frame, 2);
  return frame;
}

/** The largest message that a stream can carry, its length included, in bytes. */
export const LARGEST_FRAME_BYTES = 2 + 0xffff;

/** The whole messages at the begin of what a stream has brought so far, in order. */
export function unframed(received: Buffer): readonly Buffer[] {
  const messages: Buffer[] = [];
  let at = 0;
  while (at + 2 <= received.length) {
    const end = at + 2 + received.readUInt16BE(at);
    if (end > received.length) break;
    messages.push(received.subarray(at + 2, end));
    at = end;
  }
  return messages;
}

/**
 * Whether a message replies to a query (RFC 5452 §9.1): `stray` when it has another id, is no response, or answers
 * another question; `malformed` when it has the id but breaks off in the header or the question; else `reply`. A
 * reply without a question is taken where servers leave it out: on an error or a truncation.
 */
export function matchReply(query: Buffer, message: Buffer): 'reply' | 'stray' | 'malformed' {
  if (message.length < 2 || message.readUInt16BE(0) !== query.readUInt16BE(0)) return 'stray';
  if (message.length < HEADER_BYTES) return 'malformed';
  const flags = message.readUInt16BE(2);
  if ((flags & FLAG_RESPONSE) === 0 || (flags & OPCODE_MASK) !== 0) return 'stray';
  if (message.readUInt16BE(4) === 0) {
    return (flags & RCODE_MASK) !== 0 || (flags & FLAG_TRUNCATED) !== 0 ? 'reply' : 'malformed';
  }
  return matchQuestion(query, message);
}

function matchQuestion(query: Buffer, message: Buffer): 'reply' | 'stray' | 'malformed' {
  const end = questionEnd(query);
  for (let at = HEADER_BYTES; at < end; at++) {
    const asked = query[at];
    const got = message[at];
    if (got === undefined) return 'malformed';
    if (asked !== got && foldCase(asked) !== foldCase(got)) return 'stray';
  }
  return message.readUInt16BE(4) === 1 ? 'reply' : 'malformed';
}

function questionEnd(query: Buffer): number {
  let at = HEADER_BYTES;
  for (let length = query[at] ?? 0; length !== 0; length = query[at] ?? 0) at += 1 + length;
  return at + 1 + 4;
}

/** Letters compare without case (RFC 4343); a length or type byte that is a letter's code loses nothing by it. */
function foldCase(byte: number | undefined): number | undefined {
  return byte !== undefined && byte >= 0x41 && byte <= 0x5a ? byte + 0x20 : byte;
}

/** Whether a message that {@link matchReply} took has been cut to fit its transport (TC). */
export function isTruncated(message: Buffer): boolean {
  return (message.readUInt16BE(2) & FLAG_TRUNCATED) !== 0;
}
