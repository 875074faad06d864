import {
  type Answer,
  AUTHORITATIVE_ANSWER,
  type DecodedPacket,
  decode,
  encode,
  type Packet,
  RECURSION_AVAILABLE,
  RECURSION_DESIRED,
} from 'dns-packet';
import { BOX_VM, INTERNAL_DOMAIN } from './region.ts';

/** Codes of RFC 1035 §4.1.1. */
const RCODE = { noError: 0, formErr: 1, servFail: 2, nxDomain: 3, notImp: 4, refused: 5 } as const;

const HEADER_BYTES = 12;
const FLAG_RESPONSE = 0x8000;
const OPCODE_MASK = 0x7800;
const TTL_SECONDS = 60;
const UDP_PAYLOAD = 1_232;

/**
 * The reply to a query: from the box's own zone, or SERVFAIL when `broken`. Undefined for what is no query, which
 * nothing must answer.
 */
export function dnsAnswer(message: Buffer, broken: boolean): Buffer | undefined {
  const flags = message.length < HEADER_BYTES ? FLAG_RESPONSE : message.readUInt16BE(2);
  if ((flags & FLAG_RESPONSE) !== 0) return undefined;
  const query = decoded(message);
  if (!query) return encode({ type: 'response', id: message.readUInt16BE(0), flags: RCODE.formErr });
  if (broken) return encode(replyTo(query, RCODE.servFail));
  return encode((flags & OPCODE_MASK) === 0 ? zoneReply(query) : replyTo(query, RCODE.notImp));
}

function decoded(message: Buffer): DecodedPacket | undefined {
  try {
    return decode(message);
  } catch {
    return undefined;
  }
}

function zoneReply(query: DecodedPacket): Packet {
  const question = query.questions?.[0];
  if (!question || query.questions?.length !== 1) return replyTo(query, RCODE.formErr);
  const name = question.name.toLowerCase();
  if (name !== INTERNAL_DOMAIN && !name.endsWith(`.${INTERNAL_DOMAIN}`)) return replyTo(query, RCODE.refused);
  const records = recordsAt(name);
  if (!records) return negative(query, RCODE.nxDomain);
  const answers = records.filter(({ type }) => type === question.type);
  return answers.length === 0
    ? negative(query, RCODE.noError)
    : { ...replyTo(query, RCODE.noError), answers };
}

/** A reply without records says so with the zone's authority (RFC 2308 §2). */
function negative(query: DecodedPacket, rcode: number): Packet {
  return { ...replyTo(query, rcode), authorities: [SOA] };
}

function replyTo(query: DecodedPacket, rcode: number): Packet {
  const asked = query.flag_rd ? RECURSION_DESIRED : 0;
  const edns = query.additionals?.some(({ type }) => type === 'OPT') ?? false;
  return {
    type: 'response',
    id: query.id ?? 0,
    flags: AUTHORITATIVE_ANSWER | RECURSION_AVAILABLE | asked | rcode,
    questions: query.questions ?? [],
    additionals: edns ? [OPT] : [],
  };
}

const OPT: Answer = {
  type: 'OPT',
  name: '.',
  udpPayloadSize: UDP_PAYLOAD,
  extendedRcode: 0,
  ednsVersion: 0,
  flags: 0,
  flag_do: false,
  options: [],
};

const SOA: Answer = {
  type: 'SOA',
  name: INTERNAL_DOMAIN,
  ttl: TTL_SECONDS,
  data: {
    mname: `ns.${INTERNAL_DOMAIN}`,
    rname: `hostmaster.${INTERNAL_DOMAIN}`,
    serial: 1,
    refresh: 3_600,
    retry: 600,
    expire: 86_400,
    minimum: TTL_SECONDS,
  },
};

const ADDRESSES: Readonly<Record<string, string>> = {
  [`ns.${INTERNAL_DOMAIN}`]: '10.0.0.2',
  [`ntp1.${INTERNAL_DOMAIN}`]: '10.0.0.123',
  [`ip-${BOX_VM.address.replaceAll('.', '-')}.${INTERNAL_DOMAIN}`]: BOX_VM.address,
};

function recordsAt(name: string): readonly Answer[] | undefined {
  const ttl = TTL_SECONDS;
  if (name === INTERNAL_DOMAIN) return [SOA, { type: 'NS', name, ttl, data: `ns.${INTERNAL_DOMAIN}` }];
  const address = Object.hasOwn(ADDRESSES, name) ? ADDRESSES[name] : undefined;
  return address === undefined ? undefined : [{ type: 'A', name, ttl, data: address }];
}
