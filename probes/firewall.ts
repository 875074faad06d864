import { z } from 'zod';
import type { Expectations } from '../src/core/expectation.ts';
import type { ConfiguredProbe, ProbeContext, ProbeKind, ValueSpec } from '../src/core/probe.ts';
import type { Reading } from '../src/core/reading.ts';
import { durationSetting } from './lib/duration-setting.ts';
import { faultReading, timedOut } from './lib/fault-reading.ts';
import { firewallReading } from './lib/firewall-reading.ts';
import { knock, type Knock } from './lib/knock.ts';
import { createLookup, type Lookup } from './lib/lookup.ts';
import { resolveHost, type Resolution } from './lib/resolve.ts';

const hostSchema = z.string().min(1).max(255);
const portSchema = z.int().min(1).max(65_535);

const settingsSchema = z
  .strictObject({
    host: hostSchema.describe('Host name or IP address of a machine of ours behind the firewall: the peer.'),
    allowed: z
      .strictObject({ port: portSchema.describe('The port, on which something listens.') })
      .describe('What the rules let through.'),
    denied: z
      .strictObject({ port: portSchema.describe('The port, on which something listens.') })
      .describe('What the rules do not let through.'),
    heartbeat: z
      .strictObject({
        host: hostSchema
          .optional()
          .describe('Another address of the peer, better one that other rules guard; `host` when absent.'),
        port: portSchema.describe('A port of the peer that shows that it lives.'),
      })
      .optional()
      .describe('Tells a dead peer from a dead rule; without it, a dead peer reads as the firewall’s fault.'),
    greeting: z
      .boolean()
      .prefault(false)
      .describe(
        'Whether a port is open only when it also says something: a gateway that takes connections for others makes every port look open.',
      ),
    ipVersion: z
      .union([z.literal(4), z.literal(6), z.literal('any')], { error: 'expected 4, 6 or any' })
      .prefault('any')
      .describe('Family of the addresses; `any` takes the first that the system offers.'),
    wait: durationSetting(100, 10_000)
      .prefault('1500ms')
      .describe(
        'After which a port counts as silent; from 1s on, a packet that was lost is sent again before. Must be less than the timeout of the check.',
      ),
  })
  .refine(({ allowed, denied }) => allowed.port !== denied.port, {
    path: ['denied', 'port'],
    error: 'expected another port than the allowed one',
  });

/** Settings of a `firewall` check, parsed; `wait` is in milliseconds. */
export type FirewallSettings = z.output<typeof settingsSchema>;

const STATES = 'open, refused (reset), unreachable (a router says so) or silent';

const VALUES = {
  allowed: { type: 'string', summary: 'State of the allowed port: open.', cause: 'unexpected' },
  denied: { type: 'string', summary: `State of the denied port: ${STATES}.`, cause: 'unexpected' },
  address: { type: 'string', summary: 'The IP address of the peer.', cause: 'unexpected' },
} as const satisfies Record<string, ValueSpec>;

const HEARTBEAT_VALUE = {
  heartbeat: { type: 'string', summary: `State of the heartbeat: ${STATES}.`, cause: 'unexpected' },
} as const satisfies Record<string, ValueSpec>;

const DEFAULTS: Expectations = { denied: { not: 'open' } };

/**
 * The kind `firewall`: whether the rules of a security group hold, by a pair of ports of a peer of ours (SLA4). The
 * allowed one must connect and the denied one must not: open when it should be closed is a failure, too.
 *
 * - Something should listen on the denied port: else a firewall that lets all through looks like one that refuses.
 *   Where the rules drop, expect `{ denied: silent }`: a reset is then the peer's own and shows an open firewall.
 * - The allowed port does not connect, and neither heartbeat nor denied port does: blind (`local-resource`), see
 *   {@link firewallReading}. The check on the network between the two counts such time.
 */
export function firewallProbe(): ProbeKind<FirewallSettings> {
  const lookup = createLookup();
  return {
    kind: 'firewall',
    summary: 'Connects to a port that the rules allow and to one that they deny: both must be as ruled.',
    settings: settingsSchema,
    phases: ['resolve', 'connect'],
    values: ({ heartbeat }) => (heartbeat ? { ...VALUES, ...HEARTBEAT_VALUE } : VALUES),
    defaults: DEFAULTS,
    leastMs: ({ wait }) => wait,
    configure: (settings) => configured(settings, lookup),
    close: () => Promise.resolve(),
  };
}

function configured(settings: FirewallSettings, lookup: Lookup): ConfiguredProbe {
  const { host, allowed, denied, heartbeat, ipVersion } = settings;
  const label = `${host}, allowed ${allowed.port}, denied ${denied.port}`;
  return {
    identity: JSON.stringify([
      'firewall',
      host.toLowerCase(),
      allowed.port,
      denied.port,
      heartbeat,
      ipVersion,
    ]),
    async run(context) {
      const [peer, heart] = await Promise.all([
        resolveHost(lookup, host, ipVersion, context),
        resolveHost(lookup, heartbeat?.host ?? host, ipVersion, context),
      ]);
      if (peer.kind !== 'address') return unresolved(label, peer);
      return look(settings, label, peer, heart, context);
    },
  };
}

type Found = Extract<Resolution, { kind: 'address' }>;

function unresolved(label: string, resolution: Exclude<Resolution, Found>): Reading {
  const trouble = resolution.kind === 'failed' ? resolution : timedOut('in resolve');
  return faultReading({ label, phases: {}, evidence: {} }, trouble);
}

async function look(
  { allowed, denied, heartbeat, greeting, wait: patienceMs }: FirewallSettings,
  label: string,
  { address, resolveMs }: Found,
  heart: Resolution,
  context: ProbeContext,
): Promise<Reading> {
  const at = (where: string, port: number): Promise<Knock> =>
    knock({ address: where, port, greeting, patienceMs }, context);
  const [allowedKnock, deniedKnock, heartbeatKnock] = await Promise.all([
    at(address, allowed.port),
    at(address, denied.port),
    heartbeat && (heart.kind === 'address' ? at(heart.address, heartbeat.port) : NOT_FOUND),
  ]);
  if (context.signal.aborted) {
    return faultReading(
      { label, phases: {}, evidence: { address } },
      timedOut('before every port was heard'),
    );
  }
  const knocks = { allowed: allowedKnock, denied: deniedKnock, heartbeat: heartbeatKnock };
  return firewallReading({ label, address, resolveMs, ...knocks });
}

/** Of a heartbeat whose address cannot be found. */
const NOT_FOUND: Knock = { kind: 'closed', state: 'silent', ms: 0, trouble: timedOut('in resolve') };
