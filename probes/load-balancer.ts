import { z } from 'zod';
import type { Expectations } from '../src/core/expectation.ts';
import type { ConfiguredProbe, ProbeKind, ValueSpec } from '../src/core/probe.ts';
import type { Reading } from '../src/core/reading.ts';
import { type BalancerDesk, createBalancerDesk } from './lib/balancer-report.ts';
import { durationSetting } from './lib/duration-setting.ts';
import { HTTP_PHASES } from './lib/http-phases.ts';
import { loadBalancerReading } from './lib/load-balancer-reading.ts';
import { type OutscaleAccess, openOutscaleAccess } from './lib/outscale-access.ts';
import { createOutscaleClients } from './lib/outscale-client.ts';
import { connectionFields } from './lib/outscale-settings.ts';
import { patienceOf } from './lib/patience.ts';
import { type Site, siteAddress, siteSchema } from './lib/site-settings.ts';
import { createVisitors, type Visitor, type Visitors } from './lib/site-visit.ts';

const MOST_BACKENDS = 50;

function settingsSchema(access: OutscaleAccess) {
  return z.strictObject({
    front: siteSchema.describe('The address of the balancer as a user knows it, by HTTP or TCP.'),
    backends: z
      .array(siteSchema)
      .max(MOST_BACKENDS)
      .prefault([])
      .describe(
        'What is behind it, each reached directly; must be open to every vantage that looks. None: the front decides.',
      ),
    wait: durationSetting(100, 60_000)
      .prefault('2s')
      .describe('How long each of them may take; after that it counts as silent.'),
    api: z
      .strictObject({
        ...connectionFields(access),
        name: z
          .string()
          .regex(/^[A-Za-z0-9-]{1,32}$/, { error: 'expected the name of a load balancer' })
          .describe('The name of the load balancer.'),
      })
      .refine(({ credentials }) => credentials !== undefined, {
        path: ['credentials'],
        error: 'expected a key or a profile: these calls are signed',
      })
      .optional()
      .describe("Where the provider is asked for the balancer's state and the health of its backends."),
  });
}

/** Settings of a `load-balancer` check, parsed; `wait` is in milliseconds. */
export type LoadBalancerSettings = z.output<ReturnType<typeof settingsSchema>>;

const VALUES = {
  healthy: {
    type: 'boolean',
    summary: 'Whether the front answers, by HTTP with a status below 500.',
    cause: 'status',
  },
  frontStatus: { type: 'number', summary: 'HTTP status of the front.', cause: 'status' },
  frontMs: { type: 'number', summary: 'Milliseconds that the front took to answer.', cause: 'slow' },
  backendsUp: {
    type: 'number',
    summary:
      'How many backends answer, by HTTP with a status from 200 to 399; as the API says where none is visited.',
    cause: 'unexpected',
  },
  backendsDown: { type: 'number', summary: 'How many backends do not.', cause: 'unexpected' },
  backends: {
    type: 'list',
    summary:
      'Each backend: `host:port=up` or `=down(cause)`, and the VMs that the API tells of by their ids.',
    cause: 'unexpected',
  },
  state: {
    type: 'string',
    summary: 'State by the API: active, reloading, reconfiguring …; `absent` when it knows no such balancer.',
    cause: 'unexpected',
  },
} as const satisfies Record<string, ValueSpec>;

const DEFAULTS: Expectations = { healthy: { is: true } };

/**
 * The kind `load-balancer` (SLA5): the front as a user sees it and each backend directly, all at once. A front that is
 * dead or answers 5xx while a backend answers is the balancer's fault; when no backend answers it is ours.
 */
export function loadBalancerProbe(
  access: OutscaleAccess = openOutscaleAccess(),
): ProbeKind<LoadBalancerSettings> {
  const visitors = createVisitors();
  const clients = createOutscaleClients(access);
  return {
    kind: 'load-balancer',
    summary:
      'Visits the front of a load balancer and each backend, and tells a dead front from dead backends.',
    settings: settingsSchema(access),
    phases: HTTP_PHASES,
    values: () => VALUES,
    defaults: DEFAULTS,
    leastMs: ({ wait }) => wait,
    configure(settings) {
      const { api } = settings;
      const desk = api ? createBalancerDesk(clients.open(api, 'api'), api.name) : undefined;
      return configured(settings, visitors, desk);
    },
    async close() {
      await Promise.all([visitors.close(), clients.close()]);
    },
  };
}

function configured(
  { front, backends, wait }: LoadBalancerSettings,
  visitors: Visitors,
  desk: BalancerDesk | undefined,
): ConfiguredProbe {
  const frontVisitor = visitors.open(front);
  const visited = backends.map((site: Site) => ({
    address: siteAddress(site),
    visitor: visitors.open(site),
  }));
  const identities = [frontVisitor, ...visited.map(({ visitor }) => visitor)].map(
    ({ identity }: Visitor) => identity,
  );
  return {
    identity: JSON.stringify(['load-balancer', ...identities, desk?.identity ?? '']),
    async run(context) {
      const patience = patienceOf(context, wait);
      const within = patience.context;
      const [frontReading, backendReadings, report] = await Promise.all([
        frontVisitor.visit(within),
        Promise.all(
          visited.map(async ({ address, visitor }) => ({ address, reading: await visitor.visit(within) })),
        ),
        desk?.ask(within),
      ]).finally(() => patience.end());
      if (context.signal.aborted) return cutShort(frontReading, siteAddress(front));
      return loadBalancerReading({ front: frontReading, backends: backendReadings, report });
    },
  };
}

/** Backends that the deadline kept us from seeing are not dead, so that nothing is said of whose fault it is. */
function cutShort(front: Reading, address: string): Reading {
  if (front.kind === 'fault') return front;
  return { kind: 'fault', fault: 'timeout', detail: `${address}: timeout before all backends were seen` };
}
