import { isIP } from 'node:net';
import type { ProbeContext } from '../../src/core/probe.ts';
import { readStatusFeed, type StatusFeed } from '../wire/status-feed.ts';
import { exchange } from './http-exchange.ts';
import { Lane } from './http-lane.ts';
import { readingOf } from './http-reading.ts';
import { createExtractor } from './http-extract.ts';
import { labelOf, requestOf } from './http-request.ts';
import { createLookup } from './lookup.ts';
import { createTrust } from './trust.ts';

/** What came of reading a feed: the feed, or why there is none, for people, on one line. */
export type StatusFeedResult =
  { readonly kind: 'read'; readonly feed: StatusFeed } | { readonly kind: 'unread'; readonly why: string };

/** Reads the status feeds of providers. For correlation only: see {@link StatusFeed}. */
export interface StatusFeedReader {
  /**
   * Reads one feed at an http or https address. Ends with the signal of the context, which must have a deadline, and at
   * {@link LARGEST_FEED_BYTES}; follows no redirect. Rejects only for a bug.
   */
  read(url: string, context: ProbeContext): Promise<StatusFeedResult>;
  /** Ends what is under way. Afterwards no handle of its own is open. */
  close(): Promise<void>;
}

/** Bytes beyond which reading stops. */
export const LARGEST_FEED_BYTES = 1_048_576;

const EXTRACTS_NOTHING = createExtractor({});

/** Makes a reader. */
export function createStatusFeedReader(): StatusFeedReader {
  const lookup = createLookup();
  const trust = createTrust();
  const live = new Set<Lane>();
  return {
    async read(url, { signal, clock }) {
      const settings = {
        url,
        method: 'GET',
        headers: { accept: 'application/json, application/atom+xml, application/rss+xml, */*;q=0.1' },
        connection: 'fresh',
        maxBody: LARGEST_FEED_BYTES,
      } as const;
      const label = labelOf(settings);
      if (signal.aborted) return { kind: 'unread', why: `${label}: timeout before it began` };
      const lane = openLane(new URL(url));
      const result = await exchange(lane, requestOf(settings, true), signal, clock, () => undefined);
      await lane.discard();
      const scope = { label, secrets: [], extractor: EXTRACTS_NOTHING };
      const reading = readingOf(result, scope, clock.wallMs());
      if (result.end.kind !== 'answered') return { kind: 'unread', why: reading.detail ?? label };
      const { status, body } = result.end.response;
      if (status !== 200) return { kind: 'unread', why: `${label}: status ${status}` };
      const feed = readStatusFeed(body.toString('utf8'));
      return feed ? { kind: 'read', feed } : { kind: 'unread', why: `${label}: no status feed` };
    },
    async close() {
      await Promise.all([...live].map((lane) => lane.discard()));
    },
  };

  function openLane({ origin, hostname, port, protocol }: URL): Lane {
    const host = hostname.replace(/^\[|\]$/g, '');
    const isSecure = protocol === 'https:';
    const tls = isSecure
      ? { context: trust(undefined), verify: true, serverName: isIP(host) === 0 ? host : '' }
      : undefined;
    const target = {
      host,
      port: Number(port) || (isSecure ? 443 : 80),
      ipVersion: 'any',
      lookup,
      tls,
    } as const;
    return new Lane(origin, target, live);
  }
}
