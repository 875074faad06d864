import { isIP } from 'node:net';
import { z } from 'zod';
import { parseDuration } from '../src/core/duration.ts';
import type { Expectations } from '../src/core/expectation.ts';
import type { ConfiguredProbe, ProbeKind, ValueSpec } from '../src/core/probe.ts';
import type { Reading } from '../src/core/reading.ts';
import { DatagramSockets } from './lib/datagram.ts';
import { faultReading, timedOut } from './lib/fault-reading.ts';
import { createLookup } from './lib/lookup.ts';
import type { Lookup } from './lib/lookup.ts';
import { LINGER_MS, runBurst } from './lib/ntp-burst.ts';
import { readingOf } from './lib/ntp-reading.ts';
import { resolveHost } from './lib/resolve.ts';

const SPACING_EXPECTED = 'expected a duration from 50ms to 4s';
const SHORTEST_SPACING_MS = 50;
const LONGEST_SPACING_MS = 4_000;

const spacingSchema = z.string({ error: SPACING_EXPECTED }).transform((text, context): number => {
  const ms = parseDuration(text);
  if (ms !== undefined && ms >= SHORTEST_SPACING_MS && ms <= LONGEST_SPACING_MS) return ms;
  context.addIssue({ code: 'custom', message: SPACING_EXPECTED });
  return z.NEVER;
});

const settingsSchema = z
  .strictObject({
    server: z
      .string()
      .regex(/^[A-Za-z0-9_.:-]+$/, { error: 'expected a host name or an IP address' })
      .describe('Name or address of the NTP server.'),
    port: z.int().min(1).max(65_535).prefault(123).describe('UDP port.'),
    ipVersion: z
      .union([z.literal(4), z.literal(6), z.literal('any')], { error: 'expected 4, 6 or any' })
      .prefault('any')
      .describe('Family of the address; `any` takes the first that the system offers.'),
    exchanges: z
      .int()
      .min(1)
      .max(8)
      .prefault(4)
      .describe(
        'Requests in one run; the reply with the smallest delay is believed. Set it to 1 for a server that limits its clients.',
      ),
    spacing: spacingSchema
      .prefault('200ms')
      .describe(
        'From one request to the next. (exchanges − 1) × spacing + 500 ms must fit into the timeout of the check.',
      ),
  })
  .superRefine(({ server, ipVersion }, context) => {
    const family = isIP(server);
    if (family !== 0 && ipVersion !== 'any' && ipVersion !== family) {
      const message = `expected ${family}: the address is one of IPv${family}`;
      context.addIssue({ code: 'custom', path: ['ipVersion'], message });
    }
  });

/** Settings of an `ntp` check, parsed; `spacing` is in milliseconds. */
export type NtpSettings = z.output<typeof settingsSchema>;

const VALUES = {
  synchronised: {
    type: 'boolean',
    summary:
      'Whether a client may take its time from the server: it claims to be synchronised and tells a time.',
    cause: 'unsynchronised',
  },
  offsetMs: {
    type: 'number',
    summary:
      'Milliseconds by which the server is ahead of our own clock, negative when behind; expect something of it only where our own clock is kept right by other means.',
    cause: 'offset',
  },
  offsetAbsMs: { type: 'number', summary: 'The same without its sign.', cause: 'offset' },
  delayMs: { type: 'number', summary: 'Milliseconds on the way, there and back.', cause: 'slow' },
  stratum: {
    type: 'number',
    summary: 'Distance from a reference clock: 1 to 15, or 0 when not synchronised.',
    cause: 'unsynchronised',
  },
  leap: {
    type: 'string',
    summary: 'Leap second due today: none, insert or delete; unsynchronised when the server cannot know.',
    cause: 'unsynchronised',
  },
  rootDelayMs: {
    type: 'number',
    summary: 'Milliseconds from the server to its reference clock, there and back.',
    cause: 'unsynchronised',
  },
  rootDispersionMs: {
    type: 'number',
    summary: 'Milliseconds by which the server may be wrong at the most, by its own account.',
    cause: 'unsynchronised',
  },
  referenceId: {
    type: 'string',
    summary: 'Where the server has its time from: an IPv4 address, a source like GPS, or a kiss code.',
    cause: 'unexpected',
  },
  exchanges: { type: 'number', summary: 'How many of the requests were answered.', cause: 'lost' },
  address: { type: 'string', summary: 'The IP address asked.', cause: 'unexpected' },
} as const satisfies Record<string, ValueSpec>;

const DEFAULTS: Expectations = { synchronised: { is: true } };

/**
 * The kind `ntp`: a few client-server exchanges of NTP version 4 (RFC 5905), told nothing of us but a random cookie.
 * The latency is the round trip of the exchange that is believed.
 *
 * - Offsets are against our own clock, good to about a tenth of a millisecond and half the delay; if it is stepped
 *   during a run, the run is blind.
 * - Requests are 200 ms apart. ntpd with `restrict limited` (2 s) answers the first and sends RATE to the next, which
 *   ends the run at once: the first answer counts.
 * - Refused altogether: RATE is `throttled`; DENY and RSTR are `locked`, the server having shut us out.
 */
export function ntpProbe(): ProbeKind<NtpSettings> {
  const sockets = new DatagramSockets();
  const lookup = createLookup();
  return {
    kind: 'ntp',
    summary: 'Asks an NTP server for the time, several times, and believes the quickest reply.',
    settings: settingsSchema,
    phases: ['resolve', 'exchange'],
    values: () => VALUES,
    defaults: DEFAULTS,
    leastMs: ({ exchanges, spacing }) => (exchanges - 1) * spacing + LINGER_MS,
    configure: (settings) => configured(settings, sockets, lookup),
    close: () => sockets.close(),
  };
}

function configured(settings: NtpSettings, sockets: DatagramSockets, lookup: Lookup): ConfiguredProbe {
  const { server, port, ipVersion, exchanges, spacing: spacingMs } = settings;
  const label = isIP(server) === 6 ? `[${server}]:${port}` : `${server}:${port}`;
  return {
    identity: `ntp ${label} ipv=${ipVersion}`,
    async run(context): Promise<Reading> {
      const { clock } = context;
      const startedMs = clock.monotonicMs();
      const found = await resolveHost(lookup, server, ipVersion, context);
      const resolvedMs = clock.monotonicMs();
      if (found.kind !== 'address') {
        const attempt = { label, latencyMs: resolvedMs - startedMs, phases: {}, evidence: {} };
        return faultReading(attempt, found.kind === 'failed' ? found : timedOut('before a request left'));
      }
      const { address, resolveMs } = found;
      const burst = await runBurst(sockets, { address, port, exchanges, spacingMs }, context);
      return readingOf(burst, { label, address, resolveMs, burstMs: clock.monotonicMs() - resolvedMs });
    },
  };
}
