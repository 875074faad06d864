import { isIP } from 'node:net';
import { z } from 'zod';
import type { Expectations } from '../src/core/expectation.ts';
import type { ConfiguredProbe, ProbeContext, ProbeKind, ValueSpec } from '../src/core/probe.ts';
import { DatagramSockets } from './lib/datagram.ts';
import { askOverStream, askOverUdp } from './lib/dns-exchange.ts';
import type { DnsServer } from './lib/dns-exchange.ts';
import { askAgain, dnsReading, endedTruncated } from './lib/dns-reading.ts';
import type { DnsAsked } from './lib/dns-reading.ts';
import { faultReading, timedOut } from './lib/fault-reading.ts';
import { createLookup } from './lib/lookup.ts';
import type { Lookup } from './lib/lookup.ts';
import { createTrust } from './lib/trust.ts';
import { resolveHost } from './lib/resolve.ts';
import type { StreamTls } from './lib/stream.ts';
import { replyDecoder } from './wire/dns-reply.ts';
import { encodeQuery, RECORD_TYPES } from './wire/dns.ts';
import { tlsSchema } from './lib/tls-settings.ts';

const TRANSPORTS = ['udp', 'tcp', 'tls'] as const;
type Transport = (typeof TRANSPORTS)[number];

const DEFAULT_PORTS: Readonly<Record<Transport, number>> = { udp: 53, tcp: 53, tls: 853 };

/** Labels of 1 to 63 printable characters, 253 in all (RFC 1035 §2.3.4), or the root. */
const DOMAIN_NAME =
  /^(?=.{1,254}$)(?!.{254}(?<!\.)$)(?:\.|(?:[!-\-/-[\]-~]{1,63}\.)*[!-\-/-[\]-~]{1,63}\.?)$/;

const settingsSchema = z
  .strictObject({
    server: z.string().min(1).max(255).describe('The DNS server to ask: IP address or host name.'),
    port: z
      .int()
      .min(1)
      .max(65_535)
      .optional()
      .describe('Port of the server; 53, over TLS 853, when absent.'),
    transport: z.enum(TRANSPORTS).prefault('udp').describe('How to ask.'),
    name: z
      .string()
      .regex(DOMAIN_NAME, { error: 'expected a domain name; an international one in its xn-- form' })
      .describe('The whole name to ask for; search domains are not added.'),
    type: z.enum(RECORD_TYPES).prefault('A').describe('The type of record to ask for.'),
    recursion: z.boolean().prefault(true).describe('Whether the server is asked to ask others (RD).'),
    edns: z
      .union([z.literal(0), z.int().min(512).max(65_535)], { error: 'expected 0, or 512 to 65535' })
      .prefault(1_232)
      .describe('Bytes that a reply over UDP may have, told by EDNS; 0 sends no EDNS.'),
    onTruncated: z
      .enum(['tcp', 'accept'])
      .prefault('tcp')
      .describe('What to do with a truncated reply over UDP: ask again over TCP, or take it as it is.'),
    tls: tlsSchema.optional().describe('How the server is to prove who it is.'),
  })
  .refine(({ transport, tls }) => transport === 'tls' || tls === undefined, {
    path: ['tls'],
    error: 'expected only with the transport tls',
  });

/** Settings of a `dns` check: one question, to whom and how. */
export type DnsSettings = z.output<typeof settingsSchema>;

const VALUES = {
  rcode: { type: 'string', summary: 'Response code by its name: NOERROR, NXDOMAIN, …', cause: 'rcode' },
  answers: {
    type: 'list',
    summary: 'Records of the type asked for, aliases followed, as a zone file has them; sorted.',
    cause: 'content',
  },
  answerCount: { type: 'number', summary: 'How many records `answers` has.', cause: 'content' },
  authoritative: {
    type: 'boolean',
    summary: 'Whether the server answered for its own zone.',
    cause: 'content',
  },
  ttl: { type: 'number', summary: 'Smallest time to live among `answers`, in seconds.', cause: 'content' },
  truncated: { type: 'boolean', summary: 'Whether a reply was cut to fit into UDP.', cause: 'unexpected' },
  transport: { type: 'string', summary: 'What the reply came over: udp, tcp or tls.', cause: 'unexpected' },
} as const satisfies Record<string, ValueSpec>;

const DEFAULTS: Expectations = { rcode: { is: 'NOERROR' }, answerCount: { atLeast: 1 } };

/** The kind `dns`: one question (RFC 1035) over UDP, TCP (RFC 7766) or TLS (RFC 7858) to one server. */
export function dnsProbe(): ProbeKind<DnsSettings> {
  const sockets = new DatagramSockets();
  const lookup = createLookup();
  const trust = createTrust();
  return {
    kind: 'dns',
    summary: 'Asks a DNS server a question over UDP, TCP or TLS and reads the records it answers with.',
    settings: settingsSchema,
    phases: ['resolve', 'connect', 'tls', 'exchange'],
    values: () => VALUES,
    defaults: DEFAULTS,
    configure: (settings) => configured(settings, { sockets, lookup, tls: tlsOf(settings, trust) }),
    close: () => sockets.close(),
  };
}

function tlsOf(
  { transport, server, tls }: DnsSettings,
  trust: ReturnType<typeof createTrust>,
): StreamTls | undefined {
  if (transport !== 'tls') return undefined;
  return {
    context: trust(tls?.ca),
    verify: tls?.verify ?? true,
    serverName: tls?.serverName ?? (isIP(server) === 0 ? server : ''),
    protocol: 'dot',
  };
}

interface Means {
  readonly sockets: DatagramSockets;
  readonly lookup: Lookup;
  readonly tls: StreamTls | undefined;
}

function configured(settings: DnsSettings, { sockets, lookup, tls }: Means): ConfiguredProbe {
  const { server, transport } = settings;
  const port = settings.port ?? DEFAULT_PORTS[transport];
  const query = encodeQuery(settings);
  const decode = replyDecoder(settings);
  const label = `${settings.type} ${settings.name} from ${server}:${port}`;
  const known = isIP(server) === 0 ? undefined : server;
  return {
    identity: identityOf(settings, port, tls),
    light: transport === 'udp',
    async run(context) {
      if (known !== undefined) {
        const asked = await ask(settings, sockets, { address: known, port, tls }, query, context);
        return dnsReading(decode, asked, label, known);
      }
      const resolution = await resolveHost(lookup, server, 'any', context);
      if (resolution.kind !== 'address') {
        const trouble = resolution.kind === 'failed' ? resolution : timedOut('in resolve');
        return faultReading({ label, phases: {}, evidence: {} }, trouble);
      }
      const { address, resolveMs } = resolution;
      const asked = await ask(settings, sockets, { address, port, tls }, query, context);
      const phases = resolveMs === undefined ? asked.phases : { resolve: resolveMs, ...asked.phases };
      return dnsReading(decode, { ...asked, phases }, label, address);
    },
  };
}

async function ask(
  { transport, edns, onTruncated }: DnsSettings,
  sockets: DatagramSockets,
  server: DnsServer,
  query: Buffer,
  context: ProbeContext,
): Promise<DnsAsked> {
  const { end, latencyMs, phases, strays } =
    transport === 'udp'
      ? await askOverUdp(sockets, server, query, edns, context)
      : await askOverStream(server, query, context);
  const asked = { end, latencyMs, phases, strays, transport, askedAgain: false };
  return transport === 'udp' && onTruncated === 'tcp' && endedTruncated(asked)
    ? askAgain(asked, () => askOverStream(server, query, context))
    : asked;
}

function identityOf(
  { server, transport, name, type, recursion, edns }: DnsSettings,
  port: number,
  tls: StreamTls | undefined,
): string {
  const serverName = tls?.serverName ?? '';
  return JSON.stringify([
    'dns',
    transport,
    server.toLowerCase(),
    port,
    serverName,
    name.toLowerCase(),
    type,
    recursion,
    edns,
  ]);
}
