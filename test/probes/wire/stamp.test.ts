import { createHmac } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import {
  decodeStampReply,
  decodeStampRequest,
  encodeStampReply,
  encodeStampRequest,
  ERROR_ESTIMATE,
  stampTurnaroundMs,
} from '../../../probes/wire/stamp.ts';
import type { StampReply } from '../../../probes/wire/stamp.ts';

const KEY = Buffer.from('0123456789abcdef');
const REQUEST = { sequence: 0x01020304, timestamp: 0x1112131415161718n, errorEstimate: 0x2122 };
const REPLY: StampReply = {
  sequence: 0x31323334,
  timestamp: 0x4142434445464748n,
  errorEstimate: 0x5152,
  receive: 0x6162636465666768n,
  sender: REQUEST,
  senderTtl: 0x71,
};

const zeroes = (bytes: number): string => '00'.repeat(bytes);

/** The packets as RFC 8762 draws them, field by field, the HMAC left out. */
const REQUEST_44 = ['01020304', '1112131415161718', '2122', zeroes(30)].join('');
const REQUEST_96 = ['01020304', zeroes(12), '1112131415161718', '2122', zeroes(70)].join('');
const REPLY_44 = [
  ...['31323334', '4142434445464748', '5152', zeroes(2), '6162636465666768'],
  ...['01020304', '1112131415161718', '2122', zeroes(2), '71', zeroes(3)],
].join('');
const REPLY_96 = [
  ...['31323334', zeroes(12), '4142434445464748', '5152', zeroes(6), '6162636465666768', zeroes(8)],
  ...['01020304', zeroes(12), '1112131415161718', '2122', zeroes(6), '71', zeroes(15)],
].join('');

function sealed(hex: string, key = KEY): string {
  return hex + createHmac('sha256', key).update(Buffer.from(hex, 'hex')).digest('hex').slice(0, 32);
}

function hexOf(packet: Uint8Array): string {
  return Buffer.from(packet).toString('hex');
}

describe('encodeStampRequest, encodeStampReply: the layouts of RFC 8762 §4.2 and §4.3', () => {
  test.each([
    ['a request', encodeStampRequest(REQUEST), REQUEST_44, 44],
    ['a request with HMAC', encodeStampRequest(REQUEST, KEY), sealed(REQUEST_96), 112],
    ['a reply', encodeStampReply(REPLY), REPLY_44, 44],
    ['a reply with HMAC', encodeStampReply(REPLY, KEY), sealed(REPLY_96), 112],
  ])('%s', (_name, packet, hex, bytes) => {
    expect(hexOf(packet)).toBe(hex);
    expect(packet).toHaveLength(bytes);
  });
});

describe('decodeStampRequest, decodeStampReply', () => {
  test.each([
    ['without key', undefined],
    ['with key', KEY],
  ])('%s: reads what was written, padding after it ignored', (_name, key) => {
    const padded = (packet: Uint8Array): Buffer => Buffer.concat([packet, Buffer.alloc(100, 0xff)]);
    expect(decodeStampRequest(padded(encodeStampRequest(REQUEST, key)), key)).toEqual(REQUEST);
    expect(decodeStampReply(padded(encodeStampReply(REPLY, key)), key)).toEqual(REPLY);
  });

  test.each([
    ['without key', undefined],
    ['with key', KEY],
  ])('%s: nothing in what is one byte too short, at any offset of its buffer', (_name, key) => {
    const cut = (packet: Uint8Array): Uint8Array => packet.subarray(0, packet.length - 1);
    expect(decodeStampRequest(cut(encodeStampRequest(REQUEST, key)), key)).toBeUndefined();
    expect(decodeStampReply(cut(encodeStampReply(REPLY, key)), key)).toBeUndefined();
    const shifted = Buffer.concat([Buffer.alloc(3), encodeStampReply(REPLY, key)]).subarray(3);
    expect(decodeStampReply(shifted, key)).toEqual(REPLY);
  });

  test('with key: nothing when any byte of the packet differs, the key is another or there is no HMAC', () => {
    for (let at = 0; at < 112; at++) {
      const request = encodeStampRequest(REQUEST, KEY);
      const reply = encodeStampReply(REPLY, KEY);
      request[at] = (request[at] ?? 0) ^ 1;
      reply[at] = (reply[at] ?? 0) ^ 1;
      expect([decodeStampRequest(request, KEY), decodeStampReply(reply, KEY)]).toEqual([
        undefined,
        undefined,
      ]);
    }
    const other = Buffer.from('0123456789abcdeF');
    expect(decodeStampRequest(encodeStampRequest(REQUEST, other), KEY)).toBeUndefined();
    expect(decodeStampRequest(Buffer.from(REQUEST_96 + zeroes(16), 'hex'), KEY)).toBeUndefined();
  });

  test.each([
    ['without key', undefined],
    ['with key', KEY],
  ])('%s: a reply is no request, lest two reflectors answer each other', (_name, key) => {
    expect(decodeStampRequest(encodeStampReply(REPLY, key), key)).toBeUndefined();
  });
});

describe('stampTurnaroundMs', () => {
  const NTP = ERROR_ESTIMATE;
  const PTP = ERROR_ESTIMATE | 0x4000;
  const second = 1n << 32n;
  test.each([
    ['NTP format, a half second', NTP, 5n * second, 5n * second + second / 2n, 500],
    ['NTP format, over the end of the era', NTP, 2n ** 64n - second / 4n, second / 4n, 500],
    ['NTP format, a clock stepped back', NTP, 5n * second, 4n * second, -1_000],
    ['PTP format, 1.5 ms', PTP, 5n * second + 1_000_000n, 5n * second + 2_500_000n, 1.5],
    ['PTP format, over a second', PTP, 5n * second + 999_000_000n, 6n * second + 1_000_000n, 2],
  ])('%s', (_name, errorEstimate, receive, timestamp, ms) => {
    expect(stampTurnaroundMs({ ...REPLY, errorEstimate, receive, timestamp })).toBeCloseTo(ms, 6);
  });
});
