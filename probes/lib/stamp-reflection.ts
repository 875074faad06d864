import type { BlockList } from 'node:net';
import type { Clock } from '../../src/core/clock.ts';
import { timestampOf } from '../wire/ntp.ts';
import { decodeStampRequest, encodeStampReply, ERROR_ESTIMATE } from '../wire/stamp.ts';
import { isPeer } from './peer-list.ts';
import { TokenBuckets } from './token-buckets.ts';

/** Whom a reflector answers, and how. */
export interface ReflectionOptions {
  readonly clock: Clock;
  /** All who are answered; whoever else asks hears nothing. */
  readonly peers: BlockList;
  /** Shared with the peers; present exactly when packets are authenticated (RFC 8762 §4.4). */
  readonly key?: Uint8Array | undefined;
  /**
   * `stateless` sends back the sequence number of the request, `stateful` counts the replies of a session, so that the
   * sender can tell on which of the two ways a packet was lost (RFC 8762 §4.3).
   */
  readonly mode: 'stateless' | 'stateful';
  /** Replies a second to one address; four times as many in all. */
  readonly perSecond: number;
}

/** Where a datagram came from. */
export interface Origin {
  readonly address: string;
  readonly port: number;
}

/** What is to be done with a datagram; without a reply, why it gets none. */
export type Reflection =
  | { readonly kind: 'reply'; readonly reply: Uint8Array }
  | { readonly kind: 'ignored'; readonly because: Ignored };

/** Not a peer; no request that we understand, or with a wrong HMAC; asked too often. */
export type Ignored = (typeof IGNORED)[number];

/** All reasons to ignore a datagram. */
export const IGNORED = ['stranger', 'malformed', 'too-often'] as const;

const BURST_SECONDS = 2;
const ALL_PEERS_FACTOR = 4;
const MOST_ADDRESSES = 4_096;
const MOST_SESSIONS = 4_096;
const UNKNOWN_TTL = 255;

/**
 * The Session-Reflector of RFC 8762 without its socket: decides on each datagram. A reply is never longer than its
 * request. Of more than 4,096 sessions the oldest is forgotten and would count from 0 again.
 */
export function createReflection(
  options: ReflectionOptions,
): (datagram: Uint8Array, from: Origin) => Reflection {
  const { clock, peers, key } = options;
  const mayAnswer = rateLimit(options);
  const sequenceOf = options.mode === 'stateful' ? sessionCounter() : undefined;
  return (datagram, from) => {
    const arrivedMs = clock.monotonicMs();
    const arrivedWallMs = clock.wallMs();
    if (!isPeer(peers, from.address)) return { kind: 'ignored', because: 'stranger' };
    // Before the HMAC: whoever asks too often shall not keep us busy either.
    if (!mayAnswer(from.address, arrivedMs)) return { kind: 'ignored', because: 'too-often' };
    const sender = decodeStampRequest(datagram, key);
    if (!sender) return { kind: 'ignored', because: 'malformed' };
    // The wall clock shows whole milliseconds: how long we took is told by the other one.
    const timestamp = timestampOf(arrivedWallMs + (clock.monotonicMs() - arrivedMs));
    const sequence = sequenceOf?.(from) ?? sender.sequence;
    const receive = timestampOf(arrivedWallMs);
    const fields = { sequence, timestamp, errorEstimate: ERROR_ESTIMATE, receive };
    return { kind: 'reply', reply: encodeStampReply({ ...fields, sender, senderTtl: UNKNOWN_TTL }, key) };
  };
}

function rateLimit({ perSecond }: ReflectionOptions): (address: string, nowMs: number) => boolean {
  const allowance = (times: number) => ({
    perSecond: times * perSecond,
    burst: times * perSecond * BURST_SECONDS,
  });
  const each = new TokenBuckets(allowance(1), MOST_ADDRESSES);
  const all = new TokenBuckets(allowance(ALL_PEERS_FACTOR), 1);
  return (address, nowMs) => each.take(address, nowMs) && all.take('', nowMs);
}

function sessionCounter(): (from: Origin) => number {
  const sent = new Map<string, number>();
  return ({ address, port }) => {
    const session = `${address} ${port}`;
    const sequence = sent.get(session) ?? 0;
    const [oldest] = sent.keys();
    if (sequence === 0 && oldest !== undefined && sent.size >= MOST_SESSIONS) sent.delete(oldest);
    sent.set(session, (sequence + 1) % 2 ** 32);
    return sequence;
  };
}
