import { isIP } from 'node:net';
import type { SecureContext } from 'node:tls';
import { z } from 'zod';
import { sleep } from '../src/core/clock.ts';
import type { ConfiguredProbe, ProbeContext, ProbeKind, ValueSpec } from '../src/core/probe.ts';
import { secretSchema } from '../src/core/secret.ts';
import { DatagramSockets } from './lib/datagram.ts';
import { internetReading, type Reaches } from './lib/internet-reading.ts';
import { createLookup } from './lib/lookup.ts';
import { CA_EXPECTED, createTrust, holdsCertificates } from './lib/trust.ts';
import { EDNS_BYTES, tryWayOut, type Reach, type WayOut, type WayOutMeans } from './lib/way-out.ts';
import { encodeQuery } from './wire/dns.ts';

const targetBase = {
  host: z.string().min(1).max(255).describe('Host name or IP address out on the Internet.'),
  port: z.int().min(1).max(65_535).optional().describe('Its port; 443, for a DNS server 53, when absent.'),
  ipVersion: z
    .union([z.literal(4), z.literal(6), z.literal('any')], { error: 'expected 4, 6 or any' })
    .prefault('any')
    .describe('Family of the address; `any` takes the first that the system offers.'),
};

const targetSchema = z.discriminatedUnion('transport', [
  z.strictObject({
    ...targetBase,
    transport: z.literal('tcp').describe('Reached when it takes a connection.'),
    greeting: z.boolean().prefault(false).describe('Whether it must say something, too, as mail servers do.'),
  }),
  z.strictObject({
    ...targetBase,
    transport: z.literal('tls').describe('Reached when it proves by its certificate who it is.'),
    serverName: z
      .string()
      .min(1)
      .refine((name) => isIP(name) === 0, { error: 'expected a host name, not an address' })
      .optional()
      .describe('The name asked for (SNI) and looked for in the certificate; the host when absent.'),
    ca: z
      .union([z.string().refine(holdsCertificates, { error: CA_EXPECTED }), secretSchema], {
        error: CA_EXPECTED,
      })
      .optional()
      .describe('The authorities to trust, in PEM, instead of those of the system.'),
  }),
  z.strictObject({
    ...targetBase,
    transport: z.literal('dns').describe('Reached when it answers a query over UDP, whatever it says.'),
    name: z
      .string()
      .regex(/^(?=.{1,253}$)(?:\.|(?:[\w-]{1,63}\.)*[\w-]{1,63}\.?)$/, { error: 'expected a domain name' })
      .prefault('.')
      .describe('The name whose NS records are asked for; the root when absent.'),
  }),
]);

type Target = z.output<typeof targetSchema>;

const OWN_VALUES = {
  reached: { type: 'number', summary: 'How many targets were reached.', cause: 'unexpected' },
  asked: { type: 'number', summary: 'How many targets there are.', cause: 'unexpected' },
} as const satisfies Record<string, ValueSpec>;

const RESERVED_NAMES: readonly string[] = ['latency', ...Object.keys(OWN_VALUES)];

const nameSchema = z
  .string()
  .regex(/^[A-Za-z][A-Za-z0-9_-]{0,19}$/, {
    error: 'expected a name of at most 20 letters, digits, "_" and "-"',
  })
  .refine((name) => !RESERVED_NAMES.includes(name), {
    error: `expected a name other than those of the probe's own values: ${RESERVED_NAMES.join(', ')}`,
  });

const FEWEST_TARGETS = 2;
const MOST_TARGETS = 8;
const COUNT_EXPECTED = `expected ${FEWEST_TARGETS} to ${MOST_TARGETS} targets: with a single one, its fault would be the provider's`;

const settingsSchema = z.strictObject({
  targets: z
    .record(nameSchema, targetSchema)
    .refine(
      (targets) => {
        const count = Object.keys(targets).length;
        return count >= FEWEST_TARGETS && count <= MOST_TARGETS;
      },
      { error: COUNT_EXPECTED },
    )
    .describe('Hosts in different networks, none the provider’s, by the names that `expect` calls them.'),
});

/** Settings of an `internet` check: the hosts whose common silence means that there is no way out. */
export type InternetSettings = z.output<typeof settingsSchema>;

/**
 * The kind `internet`: several hosts of different networks, all asked at once, over TCP, TLS or DNS (SLA4). Down only
 * when all agree: one that is reached is an answer. Its latency is that of the quickest, whose name was looked up
 * before; each target that was reached is a value, in milliseconds.
 *
 * - Once one was reached, the others are waited for by {@link LINGER_MS}; until then, to the deadline.
 * - Replies of DNS servers count whatever they say, but must belong to the query; certificates must be valid, for a
 *   portal in between would take any connection.
 */
export function internetProbe(): ProbeKind<InternetSettings> {
  const sockets = new DatagramSockets();
  const lookup = createLookup();
  const trust = createTrust();
  return {
    kind: 'internet',
    summary: 'Asks several hosts of different networks at once; down only when none of them is reached.',
    settings: settingsSchema,
    phases: [],
    values: ({ targets }) => ({
      ...OWN_VALUES,
      ...Object.fromEntries(Object.keys(targets).map((name): [string, ValueSpec] => [name, TARGET_VALUE])),
    }),
    defaults: {},
    configure: (settings) => configured(settings, { sockets, lookup }, trust),
    close: () => sockets.close(),
  };
}

const TARGET_VALUE: ValueSpec = {
  type: 'number',
  summary: 'Milliseconds in which the target of this name was reached; absent when it was not.',
  cause: 'slow',
};

/** How long the rest is waited for once one target was reached. */
export const LINGER_MS = 500;

function configured(
  { targets }: InternetSettings,
  means: WayOutMeans,
  trust: ReturnType<typeof createTrust>,
): ConfiguredProbe {
  const ways = Object.entries(targets).map(([name, target]) => wayOut(name, target, trust));
  return {
    identity: JSON.stringify(['internet', ...ways.map(identityOf)]),
    run: async (context) => internetReading(await tryAll(ways, means, context)),
  };
}

function wayOut(name: string, target: Target, trust: (ca: Trusted) => SecureContext): WayOut {
  const { host, ipVersion } = target;
  const base = { name, host, ipVersion, port: target.port ?? (target.transport === 'dns' ? 53 : 443) };
  switch (target.transport) {
    case 'tcp':
      return { ...base, transport: 'tcp', greeting: target.greeting };
    case 'tls': {
      const serverName = target.serverName ?? (isIP(host) === 0 ? host : '');
      const tls = { context: trust(target.ca), verify: true, serverName, protocol: 'http/1.1' };
      return { ...base, transport: 'tls', tls };
    }
    case 'dns': {
      const query = encodeQuery({ name: target.name, type: 'NS', recursion: true, edns: EDNS_BYTES });
      return { ...base, transport: 'dns', query };
    }
  }
}

type Trusted = Extract<Target, { transport: 'tls' }>['ca'];

function identityOf(way: WayOut): readonly unknown[] {
  const asked =
    way.transport === 'dns' ? way.query.toString('hex') : way.transport === 'tls' ? way.tls.serverName : '';
  return [way.transport, way.host.toLowerCase(), way.port, way.ipVersion, asked];
}

async function tryAll(ways: readonly WayOut[], means: WayOutMeans, context: ProbeContext): Promise<Reaches> {
  const over = new AbortController();
  const within = { ...context, signal: AbortSignal.any([context.signal, over.signal]) };
  const first = Promise.withResolvers<void>();
  const all = Promise.all(
    ways.map(async (way): Promise<readonly [string, Reach]> => {
      const reach = await tryWayOut(way, means, within);
      if (reach.kind === 'reached') first.resolve();
      return [way.name, reach];
    }),
  );
  await Promise.race([all, first.promise]);
  await Promise.race([all, sleep(context.clock, LINGER_MS, within.signal)]);
  over.abort();
  return all;
}
