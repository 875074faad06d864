import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeDhcp, encodeDhcp, LARGEST_MESSAGE_BYTES, transactionOf } from '../../../probes/wire/dhcp.ts';
import type { DhcpMessage } from '../../../probes/wire/dhcp.ts';
import { linkSelectionOption, textOf } from '../../../probes/wire/dhcp-options.ts';
import { readReply } from '../../../probes/wire/dhcp-reply.ts';

const XID = 0x39_03_f3_26;
const MAC = '02:00:5e:10:00:01';
const TRANSACTION = { xid: XID, hardwareAddress: MAC };

/** The fixed fields of a reply, byte by byte after RFC 2131 §2 (figure 1), offering 192.0.2.50. */
function head(): Buffer {
  const bytes = Buffer.alloc(240);
  bytes.set(Buffer.from('02010600' + '3903f326' + '0000' + '8000', 'hex'));
  bytes.set([192, 0, 2, 50], 16);
  bytes.set([192, 0, 2, 1], 24);
  bytes.set(Buffer.from('02005e100001', 'hex'), 28);
  bytes.set([0x63, 0x82, 0x53, 0x63], 236);
  return bytes;
}

function reply(...options: readonly number[]): Buffer {
  return Buffer.concat([head(), Uint8Array.from(options)]);
}

const OFFER = [53, 1, 2, 54, 4, 192, 0, 2, 1];
const END = 255;

describe('decodeDhcp, readReply (RFC 2131 §2, RFC 2132)', () => {
  test('an OFFER: fields and options at their places', () => {
    const bytes = reply(
      ...OFFER,
      ...[51, 4, 0, 1, 0x51, 0x80],
      ...[6, 8, 192, 0, 2, 53, 192, 0, 2, 54],
      ...[15, 9, ...Buffer.from('sla.test\0')],
      ...[42, 4, 192, 0, 2, 123],
      END,
    );
    expect(decodeDhcp(bytes)).toMatchObject({
      op: 'reply',
      xid: XID,
      broadcast: true,
      clientAddress: '0.0.0.0',
      yourAddress: '192.0.2.50',
      relayAddress: '192.0.2.1',
      hardwareAddress: MAC,
    });
    expect(readReply(bytes, TRANSACTION)).toEqual({
      type: 'OFFER',
      offeredAddress: '192.0.2.50',
      serverId: '192.0.2.1',
      leaseSeconds: 86_400,
      dns: ['192.0.2.53', '192.0.2.54'],
      domain: 'sla.test',
      ntp: ['192.0.2.123'],
    });
  });

  test('pad between options, bytes after the end, options that nobody knows: skipped', () => {
    const bytes = reply(0, 0, ...OFFER, 0, 224, 3, 1, 2, 3, 0, END, 6, 99, 1);
    expect(readReply(bytes, TRANSACTION)).toMatchObject({ type: 'OFFER', serverId: '192.0.2.1' });
  });

  test('an option in two pieces is one (RFC 3396)', () => {
    const bytes = reply(...OFFER, 6, 2, 192, 0, 0, 6, 2, 2, 53, END);
    expect(readReply(bytes, TRANSACTION)).toMatchObject({ dns: ['192.0.2.53'] });
  });

  test.each([
    [1, 'file', { dns: ['192.0.2.53'], ntp: undefined }],
    [2, 'sname', { dns: undefined, ntp: ['192.0.2.123'] }],
    [3, 'both', { dns: ['192.0.2.53'], ntp: ['192.0.2.123'] }],
  ])('overload %i: options in %s (RFC 2132 §9.3)', (overload, _where, said) => {
    const bytes = reply(...OFFER, 52, 1, overload, END);
    bytes.set([6, 4, 192, 0, 2, 53, END], 108);
    bytes.set([42, 4, 192, 0, 2, 123, END], 44);
    expect(readReply(bytes, TRANSACTION)).toMatchObject(said);
  });

  test('overload: without an end in the field it is malformed', () => {
    const bytes = reply(...OFFER, 52, 1, 1, END);
    bytes.set([6, 126, 192, 0, 2, 53], 108);
    expect(readReply(bytes, TRANSACTION)).toBe('malformed');
  });

  const MALFORMED: readonly (readonly [string, Buffer])[] = [
    ['no options at all', head()],
    ['no end', reply(...OFFER)],
    ['a code without a length', reply(...OFFER, 6)],
    ['a length that runs over the end', reply(...OFFER, 6, 8, 192, 0, 2, 53)],
    ['another cookie', Buffer.concat([head().fill(0, 236), Uint8Array.of(...OFFER, END)])],
    ['cut off in the fixed fields', reply(...OFFER, END).subarray(0, 200)],
    ['no message type: BOOTP', reply(54, 4, 192, 0, 2, 1, END)],
    ['a message type of a client', reply(53, 1, 3, END)],
    ['a message type that does not exist', reply(53, 1, 77, END)],
    ['a message type of two bytes', reply(53, 2, 2, 2, END)],
    ['a server identifier of three bytes', reply(53, 1, 2, 54, 3, 192, 0, 2, END)],
    ['a lease time of two bytes', reply(...OFFER, 51, 2, 0, 1, END)],
    ['DNS servers of six bytes', reply(...OFFER, 6, 6, 192, 0, 2, 53, 192, 0, END)],
    ['NTP servers of no bytes', reply(...OFFER, 42, 0, END)],
    ['more than a datagram of Ethernet', Buffer.concat([reply(...OFFER, END), Buffer.alloc(1_300)])],
  ];

  test.each(MALFORMED)('%s: malformed', (_what, bytes) => {
    expect(readReply(bytes, TRANSACTION)).toBe('malformed');
  });

  const STRAYS: readonly (readonly [string, Buffer])[] = [
    ['another xid', Buffer.from(reply(...OFFER, END)).fill(9, 4, 5)],
    ['another hardware address', Buffer.from(reply(...OFFER, END)).fill(9, 33, 34)],
    ['a request', Buffer.from(reply(...OFFER, END)).fill(1, 0, 1)],
    ['nothing', Buffer.alloc(0)],
    ['noise', Buffer.alloc(300, 0xff)],
    ['a head cut off', reply(...OFFER, END).subarray(0, 33)],
  ];

  test.each(STRAYS)('%s: stray', (_what, bytes) => {
    expect(readReply(bytes, TRANSACTION)).toBe('stray');
  });

  test('any bytes at all: decided without an error, and the head decides whose they are', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: LARGEST_MESSAGE_BYTES + 50 }), (tail) => {
        expect(['malformed', 'object']).toContain(kindOf(readReply(reply(...tail), TRANSACTION)));
        expect(readReply(Buffer.from(tail), { ...TRANSACTION, xid: -1 })).toBe('stray');
      }),
    );
  });

  function kindOf(read: ReturnType<typeof readReply>): string {
    return typeof read === 'string' ? read : 'object';
  }
});

describe('encodeDhcp', () => {
  const address = fc.ipV4();
  const message: fc.Arbitrary<DhcpMessage> = fc.record({
    op: fc.constantFrom('request', 'reply'),
    hops: fc.nat(255),
    xid: fc.nat(0xffff_ffff),
    broadcast: fc.boolean(),
    clientAddress: address,
    yourAddress: address,
    relayAddress: address,
    hardwareAddress: fc
      .uint8Array({ minLength: 6, maxLength: 6 })
      .map((bytes) => [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join(':')),
    options: fc
      .array(
        fc.tuple(
          fc.integer({ min: 1, max: 254 }).filter((code) => code !== 52),
          fc.uint8Array({ maxLength: 60 }),
        ),
        { maxLength: 8 },
      )
      .map((options) => new Map(options)),
  });

  test('what is encoded is decoded as it was, and is at least 300 bytes long', () => {
    fc.assert(
      fc.property(message, (sent) => {
        const bytes = encodeDhcp(sent);
        const got = decodeDhcp(bytes);
        expect(bytes.length).toBeGreaterThanOrEqual(300);
        expect({ ...got, options: [...(got?.options ?? [])].map(plain) }).toEqual({
          ...sent,
          options: [...sent.options].map(plain),
        });
        const { xid, hardwareAddress } = sent;
        expect(transactionOf(bytes)).toEqual(sent.op === 'reply' ? { xid, hardwareAddress } : undefined);
      }),
    );
  });

  function plain([code, value]: [number, Uint8Array]): readonly unknown[] {
    return [code, [...value]];
  }

  test('link selection is suboption 5 of option 82 (RFC 3527 §3)', () => {
    expect([...linkSelectionOption('192.0.2.0')]).toEqual([5, 4, 192, 0, 2, 0]);
  });

  test('an option of more than 255 bytes is a bug', () => {
    const options = new Map([[15, new Uint8Array(256)]]);
    const sent: DhcpMessage = {
      op: 'request',
      hops: 0,
      xid: 1,
      broadcast: false,
      clientAddress: '0.0.0.0',
      yourAddress: '0.0.0.0',
      relayAddress: '0.0.0.0',
      hardwareAddress: MAC,
      options,
    };
    expect(() => encodeDhcp(sent)).toThrow(RangeError);
  });

  test('textOf: no control characters, no zeros at the end, nothing when empty', () => {
    expect(textOf(Buffer.from('a\x1b[31m.test\0\0'))).toBe('a\\027[31m.test');
    expect(textOf(Buffer.from('\0'))).toBeUndefined();
  });
});
