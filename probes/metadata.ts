import { z } from 'zod';
import type { Expectations } from '../src/core/expectation.ts';
import type { ConfiguredProbe, ProbeKind, ValueSpec } from '../src/core/probe.ts';
import { exchange } from './lib/http-exchange.ts';
import { Lane } from './lib/http-lane.ts';
import { requestOf } from './lib/http-request.ts';
import { createLookup } from './lib/lookup.ts';
import { metadataReading } from './lib/metadata-reading.ts';
import { METADATA_PHASES, walkMetadata } from './lib/metadata-walk.ts';
import type { MetadataPlan } from './lib/metadata-walk.ts';

const urlSchema = z
  .string()
  .refine(isBase, { error: 'expected an http:// address without user, password, query and fragment' });

function isBase(text: string): boolean {
  const url = URL.parse(text);
  return url?.protocol === 'http:' && [url.username, url.password, url.search, url.hash].join('') === '';
}

const settingsSchema = z.strictObject({
  url: urlSchema
    .prefault('http://169.254.169.254/latest/meta-data/')
    .describe('The folder in which the service keeps what it tells of a machine.'),
  placement: z
    .array(z.enum(['availabilityZone', 'server', 'cluster']))
    .prefault(['availabilityZone', 'server', 'cluster'])
    .describe('What is read besides the instance id; one request each.'),
  token: z
    .boolean()
    .prefault(false)
    .describe('Whether a session token is fetched first and sent along (version 2 of the EC2 service).'),
});

/** Settings of a `metadata` check: where the service is, and what is read. */
export type MetadataSettings = z.output<typeof settingsSchema>;

const VALUES = {
  status: {
    type: 'number',
    summary: '200, or else the status of the first answer that was none of a healthy service.',
    cause: 'status',
  },
  instanceId: {
    type: 'string',
    summary: 'The id of the machine that asks, like i-0b0c5e01.',
    cause: 'content',
  },
  availabilityZone: { type: 'string', summary: 'The zone that it runs in.', cause: 'content' },
  server: {
    type: 'string',
    summary: 'The hardware that it runs on, as the service names it.',
    cause: 'content',
  },
  cluster: { type: 'string', summary: 'The cluster that this hardware is in.', cause: 'content' },
} as const satisfies Record<string, ValueSpec>;

const DEFAULTS: Expectations = { status: { is: 200 }, instanceId: { matches: /^i-[0-9a-f]+$/ } };

/** Bytes of an answer beyond which reading stops: what is told is a word. */
const LARGEST_ANSWER_BYTES = 4_096;

/**
 * The kind `metadata`: reads who and where the machine is from the metadata service (EC2-like, plain text), as a
 * program in it would. All is asked for at once; the latency ends with the last byte of all.
 *
 * - The service answers for the machine that asks. In Kubernetes that takes the network of the host.
 * - Of the placement only what is expected must be there; the instance id always.
 * - A status of 401 where no token is sent is our own doing: blind `credentials`.
 */
export function metadataProbe(): ProbeKind<MetadataSettings> {
  const lookup = createLookup();
  const live = new Set<Lane>();
  return {
    kind: 'metadata',
    summary: 'Reads who and where the machine is from the metadata service of its cloud.',
    settings: settingsSchema,
    phases: METADATA_PHASES,
    values: () => VALUES,
    defaults: DEFAULTS,
    configure(settings) {
      const { origin, hostname, port } = new URL(settings.url);
      const host = hostname.replace(/^\[|\]$/g, '');
      const target = { host, port: Number(port) || 80, ipVersion: 'any', lookup, tls: undefined } as const;
      return configured(settings, () => new Lane(origin, target, live));
    },
    async close() {
      await Promise.all([...live].map((lane) => lane.discard()));
    },
  };
}

function configured(settings: MetadataSettings, openLane: () => Lane): ConfiguredProbe {
  const { placement, token } = settings;
  const base = settings.url.replace(/\/*$/, '/');
  const plan: MetadataPlan = { base, items: ['instanceId', ...new Set(placement)], token };
  const idle: Lane[] = [];
  return {
    identity: JSON.stringify(['metadata', base, plan.items, token]),
    async run(context) {
      const { signal, clock } = context;
      const walk = await walkMetadata(
        plan,
        (request) => {
          const lane = idle.pop() ?? openLane();
          const sent = requestOf({ ...request, connection: 'fresh', maxBody: LARGEST_ANSWER_BYTES }, true);
          return exchange(lane, sent, signal, clock, (reusable) => {
            if (reusable) idle.push(lane);
          });
        },
        context,
      );
      return metadataReading(walk, plan, clock.wallMs());
    },
  };
}
