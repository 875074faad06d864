import { isIP } from 'node:net';
import { z } from 'zod';
import type { ConfiguredProbe, ProbeContext, ProbeKind, ValueSpec } from '../src/core/probe.ts';
import { secretSchema } from '../src/core/secret.ts';
import { connectRoundTrip } from './lib/connect-round-trip.ts';
import { DatagramSockets } from './lib/datagram.ts';
import { durationSetting } from './lib/duration-setting.ts';
import { faultReading, timedOut } from './lib/fault-reading.ts';
import { latencyReading } from './lib/latency-reading.ts';
import { createLookup, type Lookup } from './lib/lookup.ts';
import { resolveHost } from './lib/resolve.ts';
import { LINGER_MS, runRoundTrips, type RoundTrips } from './lib/round-trips.ts';
import { stampRoundTrip } from './lib/stamp-round-trip.ts';
import { STAMP_PORT } from './wire/stamp.ts';

const settingsSchema = z
  .strictObject({
    host: z
      .string()
      .min(1)
      .max(255)
      .describe('Host name or IP address of the other end; `vigie reflect` answers there.'),
    port: z
      .int()
      .min(1)
      .max(65_535)
      .optional()
      .describe(`Port of the other end; ${STAMP_PORT} over UDP when absent.`),
    transport: z
      .enum(['udp', 'tcp'])
      .prefault('udp')
      .describe('Test packets of STAMP (RFC 8762) to a reflector, or connections to any TCP port.'),
    ipVersion: z
      .union([z.literal(4), z.literal(6), z.literal('any')], { error: 'expected 4, 6 or any' })
      .prefault('any')
      .describe('Family of the address; `any` takes the first that the system offers.'),
    roundTrips: z
      .int()
      .min(1)
      .max(100)
      .prefault(20)
      .describe('Round trips in one run; the smallest tells the path from the jitter of both ends.'),
    spacing: durationSetting(10, 4_000)
      .prefault('100ms')
      .describe(
        'From one round trip to the next. (roundTrips − 1) × spacing + 500 ms must fit into the timeout of the check.',
      ),
    key: secretSchema
      .optional()
      .describe('Shared with the reflector: packets are authenticated by HMAC-SHA-256, and replies must be.'),
  })
  .superRefine(({ transport, port, key }, context) => {
    if (transport === 'udp') return;
    if (port === undefined) {
      context.addIssue({ code: 'custom', path: ['port'], message: 'expected with the transport tcp' });
    }
    if (key) {
      context.addIssue({ code: 'custom', path: ['key'], message: 'expected only with the transport udp' });
    }
  });

/** Settings of a `latency` check, parsed; `spacing` is in milliseconds. */
export type LatencySettings = z.output<typeof settingsSchema>;

const VALUES = {
  minMs: {
    type: 'number',
    summary:
      'Milliseconds of the quickest round trip: what the path takes. The 10 ms of SLA2 are about this.',
    cause: 'slow',
  },
  p50Ms: { type: 'number', summary: 'Milliseconds that half of the round trips kept to.', cause: 'slow' },
  p99Ms: {
    type: 'number',
    summary: 'Milliseconds that 99 of 100 kept to; the slowest with fewer than 100.',
    cause: 'slow',
  },
  maxMs: { type: 'number', summary: 'Milliseconds of the slowest round trip.', cause: 'slow' },
  lossRatio: {
    type: 'number',
    summary: 'Share of the round trips that did not come back, from 0 to below 1.',
    cause: 'lost',
  },
  sent: { type: 'number', summary: 'How many round trips were begun.', cause: 'unexpected' },
  received: { type: 'number', summary: 'How many came back.', cause: 'lost' },
  address: { type: 'string', summary: 'The IP address of the other end.', cause: 'unexpected' },
} as const satisfies Record<string, ValueSpec>;

/**
 * The kind `latency`: round trips to another machine of ours, by STAMP (RFC 8762) or by connecting. One sample of a
 * busy program cannot judge a bound of 10 ms, the smallest of many can: with an interval of `1m`, expect
 * `{ minMs: { atMost: 10 } }` (sla-math §8; 10 ms itself is within the bound). The latency of the reading is `minMs`.
 *
 * - Over UDP the time that the reflector says it held a packet is taken off (RFC 8762 §4.3).
 * - Of each figure it tells how much may be our own lateness, so that a busy machine of ours still sees a path that is slow.
 * - Nothing came back: `timeout`. A part came back: an answer, `lossRatio` says which part did not.
 */
export function latencyProbe(): ProbeKind<LatencySettings> {
  const sockets = new DatagramSockets();
  const lookup = createLookup();
  return {
    kind: 'latency',
    summary: 'Times round trips to a reflector (STAMP, UDP) or to a TCP port, and keeps the quickest.',
    settings: settingsSchema,
    phases: ['resolve', 'exchange'],
    values: () => VALUES,
    defaults: {},
    leastMs: ({ roundTrips, spacing }) => (roundTrips - 1) * spacing + LINGER_MS,
    configure: (settings) => configured(settings, sockets, lookup),
    close: () => sockets.close(),
  };
}

function configured(settings: LatencySettings, sockets: DatagramSockets, lookup: Lookup): ConfiguredProbe {
  const { host, port = STAMP_PORT, ipVersion } = settings;
  const label = isIP(host) === 6 ? `[${host}]:${port}` : `${host}:${port}`;
  return {
    identity: identityOf(settings, port),
    async run(context) {
      const { clock } = context;
      const found = await resolveHost(lookup, host, ipVersion, context);
      if (found.kind !== 'address') {
        const trouble = found.kind === 'failed' ? found : timedOut('before a packet left');
        return faultReading({ label, phases: {}, evidence: {} }, trouble);
      }
      const { address, resolveMs } = found;
      const startedMs = clock.monotonicMs();
      const trips = await roundTripsTo(address, port, settings, sockets, context);
      return latencyReading(trips, { label, address, resolveMs, seriesMs: clock.monotonicMs() - startedMs });
    },
  };
}

function identityOf(settings: LatencySettings, port: number): string {
  const { transport, host, ipVersion, roundTrips, spacing, key } = settings;
  const series = [roundTrips, spacing, key !== undefined];
  return JSON.stringify(['latency', transport, host.toLowerCase(), port, ipVersion, ...series]);
}

function roundTripsTo(
  address: string,
  port: number,
  { transport, key, roundTrips: count, spacing: spacingMs }: LatencySettings,
  sockets: DatagramSockets,
  context: ProbeContext,
): Promise<RoundTrips> {
  const plan = { count, spacingMs };
  if (transport === 'tcp') {
    return runRoundTrips(plan, context, (_, within) => connectRoundTrip(address, port, within));
  }
  const peer = { address, port, key: key && Buffer.from(key.reveal()) };
  return runRoundTrips(plan, context, (sequence, within) => stampRoundTrip(sockets, peer, sequence, within));
}
