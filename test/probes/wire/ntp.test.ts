import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  decodePacket,
  encodePacket,
  encodeRequest,
  NTP_HEADER_BYTES,
  NTP_MODE,
  referenceIdText,
  timestampOf,
  unixMsOf,
} from '../../../probes/wire/ntp.ts';
import type { LeapIndicator, NtpPacket } from '../../../probes/wire/ntp.ts';

const timestamp = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
const shortMs = fc.integer({ min: 0, max: 0xffff_ffff }).map((units) => (units * 1000) / 65_536);
const packet: fc.Arbitrary<NtpPacket> = fc.record({
  leap: fc.constantFrom<LeapIndicator>(0, 1, 2, 3),
  version: fc.integer({ min: 0, max: 7 }),
  mode: fc.integer({ min: 0, max: 7 }),
  stratum: fc.integer({ min: 0, max: 255 }),
  poll: fc.integer({ min: -128, max: 127 }),
  precision: fc.integer({ min: -128, max: 127 }),
  rootDelayMs: shortMs,
  rootDispersionMs: shortMs,
  referenceId: fc.integer({ min: 0, max: 0xffff_ffff }),
  reference: timestamp,
  origin: timestamp,
  receive: timestamp,
  transmit: timestamp,
});

/** A reply at stratum 3, laid out by hand after RFC 5905 figure 8. */
const BY_HAND = Buffer.from(
  [
    '240300e7',
    '00000000',
    '00000001',
    '7f7f0101',
    'eb00000000000000',
    '0123456789abcdef',
    'eb00000080000000',
    'eb000000c0000000',
  ].join(''),
  'hex',
);

describe('encodeRequest (data minimisation)', () => {
  it('is version 4, mode client and the cookie, and zeros everywhere else', () => {
    const bytes = Buffer.from(encodeRequest(0x0123456789abcdefn));
    expect(bytes.toString('hex')).toBe(`23${'00'.repeat(39)}0123456789abcdef`);
  });
});

describe('decodePacket', () => {
  it('reads every field of a reply', () => {
    expect(decodePacket(BY_HAND)).toEqual({
      leap: 0,
      version: 4,
      mode: NTP_MODE.server,
      stratum: 3,
      poll: 0,
      precision: -25,
      rootDelayMs: 0,
      rootDispersionMs: 1000 / 65_536,
      referenceId: 0x7f7f0101,
      reference: 0xeb00000000000000n,
      origin: 0x0123456789abcdefn,
      receive: 0xeb00000080000000n,
      transmit: 0xeb000000c0000000n,
    });
  });

  it('is undefined for every datagram shorter than a header', () => {
    for (let length = 0; length < NTP_HEADER_BYTES; length++) {
      expect(decodePacket(BY_HAND.subarray(0, length))).toBeUndefined();
    }
  });

  it('reads the header alone of a longer datagram, wherever in its buffer it lies', () => {
    const padded = Buffer.concat([Buffer.alloc(7, 0xff), BY_HAND, Buffer.alloc(900, 0xff)]);
    expect(decodePacket(padded.subarray(7))).toEqual(decodePacket(BY_HAND));
  });

  it('gives back what encodePacket was given, for any packet', () => {
    fc.assert(
      fc.property(packet, (sent) => {
        expect(decodePacket(encodePacket(sent))).toEqual(sent);
      }),
    );
  });

  it('never throws, whatever the bytes', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 128 }), (bytes) => void decodePacket(bytes)));
  });
});

describe('unixMsOf (RFC 5905 §6)', () => {
  it.each([
    ['the Unix epoch', 0x83aa7e8000000000n, 0, 0],
    ['half a second later', 0x83aa7e8080000000n, 0, 500],
    ['the last second of era 0', 0xffffffff00000000n, Date.parse('2036-02-07'), 2_085_978_495_000],
    ['the first second of era 1', 0n, Date.parse('2036-02-07'), 2_085_978_496_000],
    ['a second of era 1 seen from 2060', 0x2d000000_00000000n, Date.parse('2060-01-01'), 2_840_953_216_000],
  ])('%s', (_, wire, near, expected) => {
    expect(unixMsOf(wire, near)).toBe(expected);
  });

  it('undoes timestampOf within 5 microseconds, in any era', () => {
    const instant = fc.double({ min: 0, max: 16e12, noNaN: true });
    fc.assert(
      fc.property(instant, (ms) => {
        expect(Math.abs(unixMsOf(timestampOf(ms), ms + 1e9) - ms)).toBeLessThan(0.005);
      }),
    );
  });
});

describe('referenceIdText', () => {
  it.each([
    [0, 0x52415445, 'RATE'],
    [0, 0x494e4954, 'INIT'],
    [0, 0, ''],
    [0, 0x01000000, '1.0.0.0'],
    [1, 0x47505300, 'GPS'],
    [3, 0x7f7f0101, '127.127.1.1'],
    [2, 0x52415445, '82.65.84.69'],
    [1, 0xfffefdfc, '255.254.253.252'],
  ])('stratum %i, 0x%s', (stratum, referenceId, text) => {
    expect(referenceIdText(stratum, referenceId)).toBe(text);
  });
});
