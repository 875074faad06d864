import { createHash } from 'node:crypto';
import { isIP } from 'node:net';
import { cancelOf } from '../../src/core/cancellation.ts';
import type { ProbeContext } from '../../src/core/probe.ts';
import type { Reading } from '../../src/core/reading.ts';
import { closedEarly, faultReading, timedOut } from './fault-reading.ts';
import { exchange } from './http-exchange.ts';
import { createExtractor } from './http-extract.ts';
import { Lane } from './http-lane.ts';
import { readingOf } from './http-reading.ts';
import { identityOf, labelOf, requestOf } from './http-request.ts';
import { createLookup, type Lookup } from './lookup.ts';
import { resolveHost } from './resolve.ts';
import { type HttpSite, type Site, siteAddress, siteEndpoint, type TcpSite } from './site-settings.ts';
import { exchangeOverStream, type StreamEnd, type StreamTiming } from './stream.ts';
import { createTrust } from './trust.ts';

/** A place that is ready to be visited any number of times. */
export interface Visitor {
  /** Equal for visits that are identical on the wire. */
  readonly identity: string;
  /**
   * One visit over a connection of its own. An answer by HTTP has the value `status`; every answer and every fault
   * that got so far has the evidence `address`. Ends at once, with nothing more sent, when the signal is aborted.
   */
  visit(context: ProbeContext): Promise<Reading>;
}

/** The visitors of one kind of probe; their connections live and end with it. */
export interface Visitors {
  open(site: Site): Visitor;
  close(): Promise<void>;
}

/** Makes the visitors of one kind of probe. */
export function createVisitors(): Visitors {
  const trust = createTrust();
  const lookup = createLookup();
  const live = new Set<Lane>();
  return {
    open: (site) =>
      'url' in site
        ? httpVisitor(site, () => openLane(site, trust, lookup, live))
        : { identity: tcpIdentity(site), visit: (context) => visitTcp(site, lookup, context) },
    async close() {
      await Promise.all([...live].map((lane) => lane.discard()));
    },
  };
}

function openLane(
  site: HttpSite,
  trust: ReturnType<typeof createTrust>,
  lookup: Lookup,
  live: Set<Lane>,
): Lane {
  const { origin, protocol } = new URL(site.url);
  const { host, port } = siteEndpoint(site);
  const serverName = site.tls?.serverName ?? (isIP(host) === 0 ? host : '');
  const tls =
    protocol === 'https:'
      ? { context: trust(site.tls?.ca), verify: site.tls?.verify ?? true, serverName }
      : undefined;
  return new Lane(origin, { host, port, ipVersion: site.ipVersion, lookup, tls }, live);
}

const EXTRACTS_NOTHING = createExtractor({});

function httpVisitor(site: HttpSite, open: () => Lane): Visitor {
  const { url, virtualHost, maxBody } = site;
  const headers = virtualHost === undefined ? {} : { host: virtualHost };
  const settings = { url, method: 'GET', headers, connection: 'fresh', maxBody } as const;
  const request = requestOf(settings, false);
  const subject = { label: labelOf(settings), secrets: [], extractor: EXTRACTS_NOTHING };
  const idle: Lane[] = [];
  return {
    identity: `${identityOf(settings)} ${virtualHost ?? ''}`,
    async visit(context) {
      const cancel = cancelOf(context);
      if (cancel.aborted) return beforeItBegan(subject.label);
      const lane = idle.pop() ?? open();
      const result = await exchange(lane, request, cancel, context.clock, (reusable) => {
        if (reusable) idle.push(lane);
      });
      return readingOf(result, subject, context.clock.wallMs());
    },
  };
}

function beforeItBegan(label: string): Reading {
  return { kind: 'fault', fault: 'timeout', detail: `${label}: timeout before it began` };
}

function tcpIdentity(site: TcpSite): string {
  const sent = createHash('sha256')
    .update(site.send ?? '')
    .digest('base64url');
  return `TCP ${siteAddress(site)} ${site.ipVersion} ${sent}`;
}

async function visitTcp(site: TcpSite, lookup: Lookup, context: ProbeContext): Promise<Reading> {
  const { host, port, ipVersion, send, greeting } = site;
  const label = siteAddress(site);
  if (context.signal.aborted) return beforeItBegan(label);
  const found = await resolveHost(lookup, host, ipVersion, context);
  if (found.kind !== 'address') {
    const trouble = found.kind === 'failed' ? found : timedOut('in resolve');
    return faultReading({ label, phases: {}, evidence: {} }, trouble);
  }
  const { address, resolveMs } = found;
  const wanted = greeting ? 1 : 0;
  const { end, timing } = await exchangeOverStream(
    {
      address,
      port,
      payload: send === undefined ? undefined : Buffer.from(send),
      read: (received) => (received.length >= wanted ? 'served' : undefined),
      limit: Number.POSITIVE_INFINITY,
    },
    context,
  );
  const phases = phasesOf(timing, resolveMs, greeting);
  const seen = { latencyMs: timing.latencyMs, phases, evidence: { address } };
  if (end.kind === 'reply') return { kind: 'answer', ...seen };
  return faultReading({ label, ...seen }, troubleOf(end, timing));
}

function troubleOf(end: Exclude<StreamEnd<string>, { kind: 'reply' }>, { connectMs }: StreamTiming) {
  if (end.kind === 'failed') return end;
  if (end.kind === 'closed') return closedEarly(end.received);
  return timedOut(connectMs === undefined ? 'in connect' : 'waiting for a word');
}

/** Named as those of HTTP: `ttfb` is the wait for the first word. */
function phasesOf(
  { connectMs, exchangeMs }: StreamTiming,
  resolveMs: number | undefined,
  greeting: boolean,
): Readonly<Record<string, number>> {
  return {
    ...(resolveMs === undefined ? {} : { resolve: resolveMs }),
    ...(connectMs === undefined ? {} : { connect: connectMs }),
    ...(exchangeMs === undefined || !greeting ? {} : { ttfb: exchangeMs }),
  };
}
