import { isIP } from 'node:net';
import { z } from 'zod';
import type { ProbeContext, ProbeKind, ValueSpec } from '../src/core/probe.ts';
import type { Reading } from '../src/core/reading.ts';
import { closedEarly, faultReading, timedOut } from './lib/fault-reading.ts';
import type { Trouble } from './lib/fault-reading.ts';
import { createLookup } from './lib/lookup.ts';
import type { Lookup } from './lib/lookup.ts';
import { resolveHost } from './lib/resolve.ts';
import { exchangeOverStream } from './lib/stream.ts';
import type { StreamEnd, StreamTiming } from './lib/stream.ts';
import { printable } from './wire/printable.ts';

const bannerSchema = z.strictObject({
  send: z.string().max(4_096).optional().describe('Text sent first; the server speaks first when absent.'),
  maxBytes: z
    .int()
    .min(1)
    .max(65_536)
    .prefault(1_024)
    .describe('Bytes after which the banner is taken as it is, without a line end.'),
});

const settingsSchema = z.strictObject({
  host: z.string().min(1).max(255).describe('Host name or IP address to connect to.'),
  port: z.int().min(1).max(65_535).describe('TCP port to connect to.'),
  ipVersion: z
    .union([z.literal(4), z.literal(6), z.literal('any')], { error: 'expected 4, 6 or any' })
    .prefault('any')
    .describe('Family of the address; `any` takes the first that the system offers.'),
  banner: bannerSchema
    .optional()
    .describe('Read the first line that the server sends; absent: only connect.'),
});

/** Settings of a `tcp` check: where to connect, and whether a line is to be read. */
export type TcpSettings = z.output<typeof settingsSchema>;

const PHASES = ['resolve', 'connect', 'banner'] as const;

const ADDRESS_VALUE = {
  address: { type: 'string', summary: 'The IP address connected to.', cause: 'unexpected' },
} as const satisfies Record<string, ValueSpec>;

const BANNER_VALUE = {
  banner: {
    type: 'string',
    summary: 'First line that the server sent, without its end; control characters as \\DDD.',
    cause: 'content',
  },
} as const satisfies Record<string, ValueSpec>;

/** The kind `tcp`: makes a connection (RFC 9293 §3.5), reads a line if told to, and ends the connection. */
export function tcpProbe(): ProbeKind<TcpSettings> {
  const lookup = createLookup();
  return {
    kind: 'tcp',
    summary: 'Connects to a TCP port and, if asked to, reads the first line that the server sends.',
    settings: settingsSchema,
    phases: PHASES,
    values: ({ banner }) => (banner ? { ...ADDRESS_VALUE, ...BANNER_VALUE } : ADDRESS_VALUE),
    defaults: {},
    configure: (settings) => ({
      identity: identityOf(settings),
      run: (context) =>
        isIP(settings.host) === 0
          ? runTcp(settings, lookup, context)
          : connectTo(settings.host, undefined, settings, context),
    }),
    close: () => Promise.resolve(),
  };
}

function identityOf({ host, port, ipVersion, banner }: TcpSettings): string {
  return JSON.stringify(['tcp', host.toLowerCase(), port, ipVersion, banner?.send ?? '']);
}

async function runTcp(settings: TcpSettings, lookup: Lookup, context: ProbeContext): Promise<Reading> {
  const { host, ipVersion } = settings;
  const resolution = await resolveHost(lookup, host, ipVersion, context);
  if (resolution.kind !== 'address') {
    const trouble = resolution.kind === 'failed' ? resolution : timedOut('in resolve');
    return faultReading({ label: labelOf(settings), phases: {}, evidence: {} }, trouble);
  }
  return connectTo(resolution.address, resolution.resolveMs, settings, context);
}

function labelOf({ host, port }: TcpSettings): string {
  return `${host}:${port}`;
}

async function connectTo(
  address: string,
  resolveMs: number | undefined,
  settings: TcpSettings,
  context: ProbeContext,
): Promise<Reading> {
  const { port, banner } = settings;
  const { end, timing } = await exchangeOverStream(
    {
      address,
      port,
      payload: banner?.send === undefined ? undefined : Buffer.from(banner.send),
      read: banner ? (received, ended) => firstLine(received, banner.maxBytes, ended) : () => '',
      limit: Number.POSITIVE_INFINITY,
    },
    context,
  );
  const phases = phasesOf(timing, resolveMs, banner !== undefined);
  const seen = { latencyMs: timing.latencyMs, phases, evidence: { address } };
  if (end.kind !== 'reply') {
    return faultReading({ label: labelOf(settings), ...seen }, troubleOf(end, timing));
  }
  return {
    kind: 'answer',
    ...seen,
    values: banner ? { address, banner: end.reply } : { address },
  };
}

const NEWLINE = 0x0a;

/** The first line, or as much of it as is taken; undefined while it may still become longer. */
function firstLine(received: Buffer, maxBytes: number, ended: boolean): string | undefined {
  const head = received.subarray(0, maxBytes);
  const at = head.indexOf(NEWLINE);
  const whole = at >= 0 || head.length === maxBytes || (ended && head.length > 0);
  if (!whole) return undefined;
  return printable(head.toString('utf8', 0, at < 0 ? head.length : at).replace(/\r$/, ''));
}

function troubleOf(end: Exclude<StreamEnd<string>, { kind: 'reply' }>, { connectMs }: StreamTiming): Trouble {
  switch (end.kind) {
    case 'failed':
      return end;
    case 'closed':
      return closedEarly(end.received);
    case 'oversized':
      return { kind: 'fault', fault: 'protocol', text: 'banner larger than the limit' };
    case 'aborted':
      return timedOut(connectMs === undefined ? 'in connect' : 'in banner');
  }
}

function phasesOf(
  { connectMs, exchangeMs }: StreamTiming,
  resolveMs: number | undefined,
  withBanner: boolean,
): Readonly<Record<string, number>> {
  return {
    ...(resolveMs === undefined ? {} : { resolve: resolveMs }),
    ...(connectMs === undefined ? {} : { connect: connectMs }),
    ...(exchangeMs === undefined || !withBanner ? {} : { banner: exchangeMs }),
  };
}
