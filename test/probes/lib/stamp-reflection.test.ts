import { describe, expect, test } from 'vitest';
import { peerList } from '../../../probes/lib/peer-list.ts';
import { createReflection } from '../../../probes/lib/stamp-reflection.ts';
import type { Origin, Reflection, ReflectionOptions } from '../../../probes/lib/stamp-reflection.ts';
import {
  decodeStampReply,
  encodeStampRequest,
  ERROR_ESTIMATE,
  stampTurnaroundMs,
} from '../../../probes/wire/stamp.ts';
import type { StampReply } from '../../../probes/wire/stamp.ts';
import { FakeClock } from '../../fake-clock.ts';

const KEY = Buffer.from('0123456789abcdef');
const PEER: Origin = { address: '10.0.0.7', port: 40_000 };

function reflectionOf(options: Partial<ReflectionOptions> = {}, clock = new FakeClock()) {
  const { known } = peerList(['10.0.0.0/24', '2001:db8::/32']);
  return createReflection({ clock, peers: known, mode: 'stateless', perSecond: 1_000, ...options });
}

function request(sequence: number, key?: Uint8Array): Uint8Array {
  return encodeStampRequest({ sequence, timestamp: 77n, errorEstimate: 99 }, key);
}

function replyIn(reflection: Reflection, key?: Uint8Array): StampReply {
  const reply = reflection.kind === 'reply' ? decodeStampReply(reflection.reply, key) : undefined;
  if (!reply) throw new Error('no reply');
  return reply;
}

describe('createReflection: whom it answers', () => {
  test.each([
    ['10.0.0.7', true],
    ['::ffff:10.0.0.7', true],
    ['2001:db8::1', true],
    ['10.0.1.7', false],
    ['2001:db9::1', false],
    ['127.0.0.1', false],
  ])('%s: %s', (address, answered) => {
    const reflection = reflectionOf()(request(1), { address, port: 9 });
    expect(reflection).toMatchObject(answered ? { kind: 'reply' } : { kind: 'ignored', because: 'stranger' });
  });

  test.each([43, 44, 45, 112, 1_400])('never larger than a request of %d bytes', (bytes) => {
    const datagram = Buffer.alloc(bytes);
    datagram.set(request(1).subarray(0, bytes));
    const reflection = reflectionOf()(datagram, PEER);
    expect(reflection.kind === 'reply' ? reflection.reply.length : 0).toBeLessThanOrEqual(bytes);
    expect(reflection.kind).toBe(bytes < 44 ? 'ignored' : 'reply');
  });

  test('its own reply is not answered: two reflectors do not talk to each other for ever', () => {
    const reflect = reflectionOf();
    const first = reflect(request(1), PEER);
    if (first.kind !== 'reply') throw new Error('no reply');
    expect(reflect(first.reply, PEER)).toEqual({ kind: 'ignored', because: 'malformed' });
  });

  test('with a key: only what is authenticated by it, and so is the reply', () => {
    const reflect = reflectionOf({ key: KEY });
    expect(replyIn(reflect(request(5, KEY), PEER), KEY).sender.sequence).toBe(5);
    const padded = Buffer.concat([request(5), Buffer.alloc(100)]);
    for (const other of [request(5), padded, request(5, Buffer.from('another key of ours'))])
      expect(reflect(other, PEER)).toEqual({ kind: 'ignored', because: 'malformed' });
  });
});

describe('createReflection: how often', () => {
  const rate = { perSecond: 10 };

  test('one address: twice the rate at once, then the rate; others are not held up by it', async () => {
    const clock = new FakeClock();
    const reflect = reflectionOf(rate, clock);
    const answered = (address: string): number =>
      Array.from({ length: 100 }, () => reflect(request(1), { address, port: 1 })).filter(
        ({ kind }) => kind === 'reply',
      ).length;
    expect(answered('10.0.0.7')).toBe(20);
    expect(answered('10.0.0.8')).toBe(20);
    await clock.advance(1_000);
    expect(answered('10.0.0.7')).toBe(10);
    expect(reflect(request(1), { address: '10.0.0.7', port: 1 })).toEqual({
      kind: 'ignored',
      because: 'too-often',
    });
  });

  test('all addresses together: four times as much', () => {
    const reflect = reflectionOf(rate);
    const answered = Array.from({ length: 200 }, (_, host) =>
      reflect(request(1), { address: `10.0.0.${host}`, port: 1 }),
    ).filter(({ kind }) => kind === 'reply');
    expect(answered).toHaveLength(80);
  });
});

describe('createReflection: what it says (RFC 8762 §4.3)', () => {
  test('the request word for word, and when it came and went', () => {
    const clock = new FakeClock('2026-03-01T00:00:00.000Z');
    const reply = replyIn(reflectionOf({}, clock)(request(5), PEER));
    expect(reply.sender).toEqual({ sequence: 5, timestamp: 77n, errorEstimate: 99 });
    expect(reply).toMatchObject({ errorEstimate: ERROR_ESTIMATE, senderTtl: 255 });
    expect(stampTurnaroundMs(reply)).toBe(0);
    // Seconds from 1900, RFC 5905 §6.
    expect(reply.receive >> 32n).toBe(BigInt(Date.parse('2026-03-01T00:00:00Z') / 1000 + 2_208_988_800));
  });

  test('how long it took, finer than the wall clock shows, and whatever that does meanwhile', () => {
    let monotonicMs = 5;
    const clock = Object.assign(new FakeClock(), { monotonicMs: () => (monotonicMs += 0.25) });
    const before = monotonicMs;
    const reply = replyIn(reflectionOf({}, clock)(request(5), PEER));
    const looks = (monotonicMs - before) / 0.25;
    expect(looks).toBe(2);
    expect(stampTurnaroundMs(reply)).toBeCloseTo(0.25, 3);
  });

  const sequences = (mode: ReflectionOptions['mode']): readonly number[] => {
    const reflect = reflectionOf({ mode });
    const from = (port: number, sequence: number): number =>
      replyIn(reflect(request(sequence), { ...PEER, port })).sequence;
    return [from(1, 10), from(1, 12), from(2, 40), from(1, 13)];
  };

  test('stateless: the sequence number of the request', () => {
    expect(sequences('stateless')).toEqual([10, 12, 40, 13]);
  });

  test('stateful: counts the replies of each session from 0', () => {
    expect(sequences('stateful')).toEqual([0, 1, 0, 2]);
  });
});

describe('peerList', () => {
  test.each(['10.0.0.0/33', '10.0.0/24', '2001:db8::/129', 'host.example', '10.0.0.0/8/8', '10.0.0.0/', ''])(
    '"%s" is no peer',
    (text) => {
      expect(peerList([text, '10.0.0.1']).wrong).toEqual([text]);
    },
  );
});
