import { decode } from 'dns-packet';
import type { Answer, DecodedPacket, StringAnswer, TxtData } from 'dns-packet';
import { RCODE_MASK } from './dns.ts';
import type { DnsQuestion } from './dns.ts';
import { printable } from './printable.ts';

/** A reply, decoded. */
export interface DnsReply {
  /** IANA's mnemonic, the extended code of EDNS included; `RCODE` and a number when there is none. */
  readonly rcode: string;
  readonly authoritative: boolean;
  readonly truncated: boolean;
  /** The records of the asked type that the name leads to, aliases followed; sorted, see {@link decodeReply}. */
  readonly answers: readonly string[];
  /** The smallest time to live of those records, in seconds; undefined when there are none. */
  readonly ttl: number | undefined;
}

/**
 * Decodes a message that {@link matchReply} took. Undefined when it cannot be decoded. The answers are written as in
 * zone files, on one line: names in lower case without the last dot, several fields with a space between, a TXT
 * record as its strings joined without quotes, bytes that do not print as `\DDD`.
 */
export function decodeReply(question: DnsQuestion, message: Buffer): DnsReply | undefined {
  const packet = decoded(message);
  if (!packet) return undefined;
  const records = reached(question, packet.answers ?? []);
  return {
    rcode: rcodeOf(packet, message),
    authoritative: packet.flag_aa,
    truncated: packet.flag_tc,
    answers: records.map(presented).sort(),
    ttl: records.length === 0 ? undefined : Math.min(...records.map(ttlOf)),
  };
}

/** The message id, which differs from one query to the next. */
const ID_BYTES = 2;

/**
 * {@link decodeReply} for one question asked again and again: a message that differs from the last one in nothing but
 * its id is not decoded anew.
 */
export function replyDecoder(question: DnsQuestion): (message: Buffer) => DnsReply | undefined {
  let last = new Uint8Array(ID_BYTES);
  let reply: DnsReply | undefined;
  return (message) => {
    if (message.compare(last, ID_BYTES, last.length, ID_BYTES) !== 0) {
      reply = decodeReply(question, message);
      // A copy outside of the runtime's pool, which the message would keep from being let go.
      last = new Uint8Array(message);
    }
    return reply;
  };
}

function decoded(message: Buffer): DecodedPacket | undefined {
  try {
    const packet = decode(message);
    // The library reads a record whose data is cut off as a shorter one, but counts the length that it claims.
    return decode.bytes <= message.length ? packet : undefined;
  } catch {
    return undefined;
  }
}

/** Names by their number; see the IANA registry "DNS RCODEs" (RFC 6895 §2.3). */
const RCODES: Readonly<Record<number, string>> = {
  0: 'NOERROR',
  1: 'FORMERR',
  2: 'SERVFAIL',
  3: 'NXDOMAIN',
  4: 'NOTIMP',
  5: 'REFUSED',
  6: 'YXDOMAIN',
  7: 'YXRRSET',
  8: 'NXRRSET',
  9: 'NOTAUTH',
  10: 'NOTZONE',
  11: 'DSOTYPENI',
  16: 'BADVERS',
  23: 'BADCOOKIE',
};

function rcodeOf(packet: DecodedPacket, message: Buffer): string {
  const opt = packet.additionals?.find((record) => record.type === 'OPT');
  const code = ((opt?.extendedRcode ?? 0) << 4) | (message.readUInt16BE(2) & RCODE_MASK);
  return RCODES[code] ?? `RCODE${code}`;
}

const LONGEST_ALIAS_CHAIN = 16;

/** The records of the asked type at the name, or at the name that its aliases lead to (RFC 1034 §3.6.2). */
function reached({ name, type }: DnsQuestion, records: readonly Answer[]): readonly Answer[] {
  const byOwner = Map.groupBy(records.filter(isOfClassIn), (record) => canonicalName(record.name));
  let owner = canonicalName(name);
  for (let step = 0; step <= LONGEST_ALIAS_CHAIN; step++) {
    const own = byOwner.get(owner) ?? [];
    const wanted = own.filter((record) => record.type === type);
    const alias = own.find(isAlias);
    if (wanted.length > 0 || !alias) return wanted;
    owner = canonicalName(alias.data);
  }
  return [];
}

function isAlias(record: Answer): record is StringAnswer {
  return record.type === 'CNAME';
}

function isOfClassIn(record: Answer): boolean {
  return record.type !== 'OPT' && record.class === 'IN';
}

function ttlOf(record: Answer): number {
  return record.type === 'OPT' ? 0 : (record.ttl ?? 0);
}

function canonicalName(name: string): string {
  return printable(name.replace(/(?<=.)\.$/, '').toLowerCase());
}

function presented(record: Answer): string {
  switch (record.type) {
    case 'A':
    case 'AAAA':
      return record.data;
    case 'CNAME':
    case 'NS':
    case 'PTR':
      return canonicalName(record.data);
    case 'MX':
      return `${record.data.preference ?? 0} ${canonicalName(record.data.exchange)}`;
    case 'SRV':
      return `${record.data.priority ?? 0} ${record.data.weight ?? 0} ${record.data.port} ${canonicalName(record.data.target)}`;
    case 'TXT':
      return printable(joined(record.data));
    case 'CAA':
      return `${record.data.flags ?? 0} ${record.data.tag} "${printable(record.data.value)}"`;
    case 'SOA':
      return presentedSoa(record);
    default:
      return '';
  }
}

function joined(data: TxtData): string {
  const strings = [data].flat().map((part) => (typeof part === 'string' ? Buffer.from(part) : part));
  return Buffer.concat(strings).toString();
}

function presentedSoa({ data }: Extract<Answer, { type: 'SOA' }>): string {
  const numbers = [data.serial, data.refresh, data.retry, data.expire, data.minimum];
  return [canonicalName(data.mname), canonicalName(data.rname), ...numbers.map(String)].join(' ');
}
