import type { Evidence, Reading, Value } from '../../src/core/reading.ts';
import type { DnsReply } from '../wire/dns-reply.ts';
import { isTruncated } from '../wire/dns.ts';
import type { DnsEnd, DnsExchange } from './dns-exchange.ts';
import { closedEarly, faultReading, timedOut } from './fault-reading.ts';
import type { Trouble } from './fault-reading.ts';

/** The last exchange of an attempt, with the time that all its exchanges took. */
export interface DnsAsked extends DnsExchange {
  readonly transport: 'udp' | 'tcp' | 'tls';
  /** Whether an exchange before it ended in a truncated reply. */
  readonly askedAgain: boolean;
}

/** Whether an exchange over UDP ended in a truncated reply. */
export function endedTruncated({ end }: DnsExchange): boolean {
  return end.kind === 'message' && isTruncated(end.message);
}

/** What an attempt comes to that asks again, over a stream, after a truncated reply over UDP. */
export async function askAgain(first: DnsExchange, overTcp: () => Promise<DnsExchange>): Promise<DnsAsked> {
  const second = await overTcp();
  return {
    end: second.end,
    latencyMs: first.latencyMs + second.latencyMs,
    phases: {
      ...second.phases,
      exchange: (first.phases['exchange'] ?? 0) + (second.phases['exchange'] ?? 0),
    },
    strays: first.strays + second.strays,
    transport: 'tcp',
    askedAgain: true,
  };
}

/**
 * What an attempt amounts to. `label` says for people what was asked of whom; `address` is who was asked; `decode` as
 * the wire's replyDecoder.
 */
export function dnsReading(
  decode: (message: Buffer) => DnsReply | undefined,
  asked: DnsAsked,
  label: string,
  address: string,
): Reading {
  const { end, latencyMs, phases, transport } = asked;
  const reply = end.kind === 'message' ? decode(end.message) : undefined;
  if (!reply) {
    const attempt = { label: `${label} over ${transport}`, latencyMs, phases };
    return faultReading({ ...attempt, evidence: evidenceOf(asked, address) }, troubleOf(end, asked));
  }
  const evidence = evidenceOf(asked, address, reply.rcode);
  return { kind: 'answer', latencyMs, phases, values: valuesOf(reply, asked), evidence };
}

function evidenceOf({ transport, strays }: DnsAsked, address: string, rcode?: string): Evidence {
  const evidence: Record<string, string | number> = { address, transport };
  if (strays > 0) evidence['strays'] = strays;
  if (rcode !== undefined) evidence['rcode'] = rcode;
  return evidence;
}

function valuesOf(reply: DnsReply, { transport, askedAgain }: DnsAsked): Readonly<Record<string, Value>> {
  const { rcode, answers, authoritative, truncated, ttl } = reply;
  const values: Record<string, Value> = {
    rcode,
    answers,
    answerCount: answers.length,
    authoritative,
    truncated: truncated || askedAgain,
    transport,
  };
  if (ttl !== undefined) values['ttl'] = ttl;
  return values;
}

function troubleOf(end: DnsEnd, asked: DnsAsked): Trouble {
  switch (end.kind) {
    case 'failed':
      return end;
    case 'closed':
      return closedEarly(end.received);
    case 'oversized':
      return { kind: 'fault', fault: 'protocol', text: 'reply larger than it may be' };
    case 'malformed':
    case 'message':
      return { kind: 'fault', fault: 'protocol', text: 'reply that cannot be decoded' };
    case 'aborted':
      return timedOut(`in ${phaseOf(asked)}${ignoredOf(asked)}`);
  }
}

/** The phase that an attempt was in when it ended. */
function phaseOf({ transport, phases }: DnsAsked): string {
  if (transport === 'udp') return 'exchange';
  if (phases['connect'] === undefined) return 'connect';
  return transport === 'tls' && phases['tls'] === undefined ? 'tls' : 'exchange';
}

function ignoredOf({ strays }: DnsAsked): string {
  return strays === 0 ? '' : `; ignored ${strays} that replied to something else`;
}
