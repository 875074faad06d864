import type { Evidence, Reading, Value } from '../../src/core/reading.ts';
import { decodeReply } from '../wire/dns-reply.ts';
import type { DnsReply } from '../wire/dns-reply.ts';
import { isTruncated } from '../wire/dns.ts';
import type { DnsQuestion } from '../wire/dns.ts';
import type { DnsEnd, DnsExchange } from './dns-exchange.ts';
import { closedEarly, faultReading, timedOut } from './fault-reading.ts';
import type { Trouble } from './fault-reading.ts';

/** The last exchange of an attempt, with the time that all its exchanges took. */
export interface DnsAsked extends DnsExchange {
  readonly transport: 'udp' | 'tcp' | 'tls';
  /** Whether an exchange before it ended in a truncated reply. */
  readonly askedAgain: boolean;
}

/** The exchange that an attempt comes to: asks again over a stream when told to and the reply over UDP is truncated. */
export async function askAgainWhenTruncated(
  first: DnsExchange,
  overTcp: () => Promise<DnsExchange>,
): Promise<DnsAsked> {
  if (first.end.kind !== 'message' || !isTruncated(first.end.message)) {
    return { ...first, transport: 'udp', askedAgain: false };
  }
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

/** What an attempt amounts to. `label` says for people what was asked of whom; `address` is who was asked. */
export function dnsReading(question: DnsQuestion, asked: DnsAsked, label: string, address: string): Reading {
  const { end, latencyMs, phases } = asked;
  const evidence = { address, transport: asked.transport, ...straysOf(asked) };
  const attempt = { label: `${label} over ${asked.transport}`, latencyMs, phases, evidence };
  const reply = end.kind === 'message' ? decodeReply(question, end.message) : undefined;
  if (!reply) return faultReading(attempt, troubleOf(end, asked));
  return {
    kind: 'answer',
    latencyMs,
    phases,
    values: valuesOf(reply, asked),
    evidence: { ...evidence, rcode: reply.rcode },
  };
}

function straysOf({ strays }: DnsExchange): Evidence {
  return strays === 0 ? {} : { strays };
}

function valuesOf(reply: DnsReply, { transport, askedAgain }: DnsAsked): Readonly<Record<string, Value>> {
  const { rcode, answers, authoritative, truncated, ttl } = reply;
  return {
    rcode,
    answers,
    answerCount: answers.length,
    authoritative,
    truncated: truncated || askedAgain,
    transport,
    ...(ttl === undefined ? {} : { ttl }),
  };
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
