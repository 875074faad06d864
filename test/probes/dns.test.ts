import { createSocket } from 'node:dgram';
import type { Socket as UdpSocket } from 'node:dgram';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { TRUNCATED_RESPONSE } from 'dns-packet';
import type { Answer } from 'dns-packet';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { dnsProbe } from '../../probes/dns.ts';
import { systemClock, systemRandom } from '../../src/clock.ts';
import type { Reading, Value } from '../../src/core/reading.ts';
import { probeContract } from '../contracts/probe.ts';
import type { ProbeTarget, TargetMode } from '../contracts/probe.ts';
import { selfSigned } from '../servers/certificate.ts';
import { frame, replyTo, startDnsServer } from '../servers/dns.ts';
import type { DnsScripts, DnsServer, UdpScript } from '../servers/dns.ts';
import { closedPort, startDeafPort } from '../servers/http.ts';
import { drip, startStreamServer } from '../servers/tcp.ts';

const NAME = 'www.sla.test';
const A: Answer = { type: 'A', name: NAME, ttl: 30, data: '192.0.2.10' };
const GOOD = { answers: [A] };
const DAY_MS = 86_400_000;
const credentials = selfSigned({
  names: ['dns.test', '127.0.0.1'],
  fromMs: Date.now() - DAY_MS,
  toMs: Date.now() + DAY_MS,
});

const kind = dnsProbe();
const cleanups: (() => Promise<void>)[] = [];

afterAll(() => kind.close());

afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

async function serve(scripts: DnsScripts): Promise<DnsServer> {
  const server = await startDnsServer(scripts);
  cleanups.push(() => server.close());
  return server;
}

async function otherSocket(address: string, port = 0): Promise<UdpSocket> {
  const socket = createSocket('udp4').bind(port, address);
  await once(socket, 'listening');
  cleanups.push(async () => {
    await once(socket.close(), 'close');
  });
  return socket;
}

function probeOf({ address, port }: { address: string; port: number }, settings: object = {}) {
  return kind.configure(kind.settings.parse({ server: address, port, name: NAME, ...settings }));
}

function ask(
  server: { address: string; port: number },
  settings: object = {},
  signal?: AbortSignal,
): Promise<Reading> {
  const context = {
    signal: signal ?? new AbortController().signal,
    clock: systemClock,
    random: systemRandom,
  };
  return probeOf(server, settings).run(context);
}

/** A run whose deadline comes after so many milliseconds. */
async function askUntil(ms: number, server: DnsServer, settings: object = {}): Promise<Reading> {
  const deadline = new AbortController();
  const running = ask(server, settings, deadline.signal);
  await pause(ms);
  deadline.abort();
  return running;
}

function valuesOf(reading: Reading): Readonly<Record<string, Value>> {
  expect(reading).toMatchObject({ kind: 'answer' });
  return reading.kind === 'answer' ? (reading.values ?? {}) : {};
}

const answering: DnsScripts = {
  udp: (query, reply) => reply(replyTo(query, GOOD)),
  tcp: (query, socket) => socket.write(frame(replyTo(query, GOOD))),
};
const NOISE = Buffer.alloc(40, 0xff);
const MODES: Readonly<Record<Exclude<TargetMode, 'refused'>, DnsScripts>> = {
  answers: answering,
  silent: {},
  garbage: {
    udp: (query, reply) => reply(Buffer.concat([withCount(replyTo(query, {}), 0xffff), NOISE])),
    tcp: (_query, socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'),
  },
};

function contractTarget(transport: 'udp' | 'tcp' | 'tls') {
  return async (mode: TargetMode): Promise<ProbeTarget> => {
    const tls = transport === 'tls' ? { tls: { ca: credentials.cert } } : {};
    const settings = { server: '127.0.0.1', transport, name: NAME, ...tls };
    if (mode === 'refused') {
      const port = await closedPort();
      return { settings: { ...settings, port }, received: () => 0, close: () => Promise.resolve() };
    }
    const scripts = transport === 'tls' ? { ...MODES[mode], tls: credentials } : MODES[mode];
    const server = await startDnsServer(scripts);
    return { ...server, settings: { ...settings, port: server.port } };
  };
}

for (const transport of ['udp', 'tcp', 'tls'] as const) {
  const target = contractTarget(transport);
  probeContract(`dns over ${transport}`, { make: dnsProbe, target, garbage: 'protocol', secrets: false });
}

describe('dnsProbe over UDP: whose reply it is (RFC 5452)', () => {
  const STRAYS: readonly (readonly [string, (query: Buffer) => Buffer])[] = [
    ['another id', (query) => withId(replyTo(query, GOOD), query.readUInt16BE(0) ^ 1)],
    [
      'another question',
      (query) => replyTo(query, { ...GOOD, questions: [{ name: 'www.sla.best', type: 'A' }] }),
    ],
    ['another type', (query) => replyTo(query, { ...GOOD, questions: [{ name: NAME, type: 'AAAA' }] })],
    ['the query itself', (query) => query],
    ['one byte', () => Buffer.of(1)],
    ['nothing', () => Buffer.alloc(0)],
    ['noise', () => Buffer.alloc(100, 0xee)],
  ];

  test.each(STRAYS)('%s is ignored and counted; the reply that follows is taken', async (_name, stray) => {
    const server = await serve({
      udp: (query, reply) => {
        reply(stray(withId(query, query.readUInt16BE(0))));
        setTimeout(() => reply(replyTo(query, GOOD)), 20);
      },
    });
    const reading = await ask(server);
    expect(valuesOf(reading)).toMatchObject({ answers: ['192.0.2.10'] });
    expect(reading).toMatchObject({ evidence: { strays: 1 } });
  });

  test.each(['127.0.0.1', '127.0.0.2'])('a reply from another socket of %s is ignored', async (address) => {
    const forger = await otherSocket(address);
    const forged: Answer = { ...A, data: '203.0.113.66' };
    const server = await serve({
      udp: (query, reply) => {
        reply(replyTo(query, { answers: [forged] }), forger);
        setTimeout(() => reply(replyTo(query, GOOD)), 30);
      },
    });
    expect(valuesOf(await ask(server))).toMatchObject({ answers: ['192.0.2.10'] });
  });

  test('only strays until the deadline: fault timeout that counts them', async () => {
    const server = await serve({
      udp: (query, reply) => {
        for (const bit of [1, 2]) reply(withId(replyTo(query, GOOD), query.readUInt16BE(0) ^ bit));
      },
    });
    const reading = await askUntil(100, server);
    expect(reading).toMatchObject({ kind: 'fault', fault: 'timeout', evidence: { strays: 2 } });
    expect(reading.detail).toContain('timeout in exchange; ignored 2 that replied to something else');
  });

  test('a name echoed in other case is the same question', async () => {
    const server = await serve({
      udp: (query, reply) =>
        reply(replyTo(query, { ...GOOD, questions: [{ name: 'WWW.Sla.TEST', type: 'A' }] })),
    });
    expect(valuesOf(await ask(server))).toMatchObject({ rcode: 'NOERROR', answers: ['192.0.2.10'] });
  });

  test('ids differ from run to run', async () => {
    const server = await serve(answering);
    for (let i = 0; i < 8; i++) await ask(server);
    expect(new Set(server.datagrams.map(({ query }) => query.readUInt16BE(0))).size).toBeGreaterThan(1);
  });
});

function withId(message: Buffer, id: number): Buffer {
  const copy = Buffer.from(message);
  copy.writeUInt16BE(id, 0);
  return copy;
}

function many(record: Answer, count: number): readonly Answer[] {
  return Array.from({ length: count }, () => record);
}

/** A message that says it has so many answers. */
function withCount(message: Buffer, answers: number): Buffer {
  message.writeUInt16BE(answers, 6);
  return message;
}

describe('dnsProbe over UDP: replies that are no replies', () => {
  const cut = (bytes: number): UdpScript => {
    return (query, reply) => reply(replyTo(query, GOOD).subarray(0, -bytes));
  };
  const BROKEN: readonly (readonly [string, UdpScript])[] = [
    ['a header cut off', (query, reply) => reply(withFlag(query).subarray(0, 7))],
    ['a question cut off', (query, reply) => reply(withFlag(query).subarray(0, 20))],
    ['an address cut off', cut(2)],
    ['a record cut off', cut(12)],
    ['records announced and not there', (query, reply) => reply(withCount(replyTo(query, GOOD), 3))],
    ['a name that points to itself', (query, reply) => reply(withLoop(query))],
    ['more bytes than the query allows', (query, reply) => reply(replyTo(query, { answers: many(A, 80) }))],
  ];

  test.each(BROKEN)('%s: fault protocol', async (_name, udp) => {
    const reading = await ask(await serve({ udp }));
    expect(reading).toMatchObject({ kind: 'fault', fault: 'protocol' });
  });

  function withFlag(query: Buffer): Buffer {
    const copy = Buffer.from(query);
    copy.writeUInt16BE(0x8000, 2);
    return copy;
  }

  function withLoop(query: Buffer): Buffer {
    const message = replyTo(query, {});
    const at = message.length;
    message.writeUInt16BE(1, 6);
    return Buffer.concat([
      message,
      Buffer.of(0xc0 | (at >> 8), at & 0xff, 0, 1, 0, 1, 0, 0, 0, 9, 0, 4, 1, 2, 3, 4),
    ]);
  }

  test('without EDNS a reply may have 512 bytes, no more', async () => {
    const server = await serve({
      udp: (query, reply) => reply(replyTo(query, { answers: many(A, 20) })),
    });
    expect(await ask(server, { edns: 0 })).toMatchObject({ kind: 'fault', fault: 'protocol' });
    expect(await ask(server)).toMatchObject({ kind: 'answer' });
  });
});

describe('dnsProbe: what the reply says', () => {
  const RCODES: readonly (readonly [number, string])[] = [
    [0, 'NOERROR'],
    [2, 'SERVFAIL'],
    [3, 'NXDOMAIN'],
    [5, 'REFUSED'],
    [14, 'RCODE14'],
  ];

  test.each(RCODES)('code %i is %s', async (rcode, name) => {
    const server = await serve({ udp: (query, reply) => reply(replyTo(query, { rcode })) });
    expect(valuesOf(await ask(server))).toMatchObject({ rcode: name, answers: [], answerCount: 0 });
  });

  test('a code extended by EDNS is put together: BADVERS', async () => {
    const opt = { type: 'OPT', name: '.', udpPayloadSize: 1232, extendedRcode: 1, flags: 0 } as Answer;
    const server = await serve({ udp: (query, reply) => reply(replyTo(query, { additionals: [opt] })) });
    expect(valuesOf(await ask(server))).toMatchObject({ rcode: 'BADVERS' });
  });

  test('an error whose question the server left out is taken', async () => {
    const server = await serve({
      udp: (query, reply) => reply(replyTo(query, { rcode: 1, questions: [] })),
    });
    expect(valuesOf(await ask(server))).toMatchObject({ rcode: 'FORMERR' });
  });

  test('authoritative, ttl and transport are told; ttl is the smallest, and absent without records', async () => {
    const server = await serve({
      udp: (query, reply) =>
        reply(replyTo(query, { flags: 0, answers: [A, { ...A, ttl: 7, data: '192.0.2.9' }] })),
    });
    expect(valuesOf(await ask(server))).toEqual({
      rcode: 'NOERROR',
      answers: ['192.0.2.10', '192.0.2.9'],
      answerCount: 2,
      authoritative: false,
      truncated: false,
      transport: 'udp',
      ttl: 7,
    });
    const empty = await serve({ udp: (query, reply) => reply(replyTo(query, {})) });
    expect(valuesOf(await ask(empty))).not.toHaveProperty('ttl');
  });

  test('the query carries what the settings say: RD, EDNS payload, type', async () => {
    const server = await serve({ udp: (query, reply) => reply(replyTo(query, {})) });
    await ask(server);
    await ask(server, { recursion: false, edns: 0, type: 'CAA' });
    const [first, second] = server.datagrams.map(({ query }) => query.subarray(2).toString('hex'));
    const name = '0377777703736c61047465737400';
    expect(first).toBe(`01000001000000000001${name}0001000100002904d0000000000000`);
    expect(second).toBe(`00000001000000000000${name}01010001`);
  });
});

test('dnsProbe asks over IPv6, and a server by its name: phase resolve', async () => {
  const server = await serve(answering);
  const six = createSocket('udp6').bind(server.port, '::1');
  six.on('message', (query, from) => six.send(replyTo(query, GOOD), from.port, from.address));
  await once(six, 'listening');
  cleanups.push(async () => {
    await once(six.close(), 'close');
  });
  expect(valuesOf(await ask({ address: '::1', port: server.port }))).toMatchObject({ answerCount: 1 });
  const named = await ask({ address: 'localhost', port: server.port });
  expect(Object.keys(named.kind === 'answer' ? (named.phases ?? {}) : {})).toEqual(['resolve', 'exchange']);
});

test('dnsProbe: a server whose name cannot exist: fault resolve', async () => {
  const reading = await ask({ address: 'no-such..host', port: 53 });
  expect(reading).toMatchObject({ kind: 'fault', fault: 'resolve' });
});

describe('dnsProbe over UDP: truncated replies', () => {
  const truncating: UdpScript = (query, reply) => reply(replyTo(query, { flags: TRUNCATED_RESPONSE }));

  test('asks again over TCP in the same attempt', async () => {
    const server = await serve({ ...answering, udp: truncating });
    const reading = await ask(server);
    expect(valuesOf(reading)).toMatchObject({ answers: ['192.0.2.10'], truncated: true, transport: 'tcp' });
    expect(Object.keys(reading.kind === 'answer' ? (reading.phases ?? {}) : {})).toEqual([
      'connect',
      'exchange',
    ]);
    expect(server.datagrams).toHaveLength(1);
  });

  test('onTruncated accept: takes it as it is', async () => {
    const server = await serve({ ...answering, udp: truncating });
    const reading = await ask(server, { onTruncated: 'accept' });
    expect(valuesOf(reading)).toMatchObject({ answerCount: 0, truncated: true, transport: 'udp' });
    expect(server.stream.received()).toBe(0);
  });

  test('one cut within a record is asked again all the same', async () => {
    const server = await serve({
      ...answering,
      udp: (query, reply) => reply(replyTo(query, { ...GOOD, flags: TRUNCATED_RESPONSE }).subarray(0, -3)),
    });
    expect(valuesOf(await ask(server))).toMatchObject({ answerCount: 1, transport: 'tcp' });
  });

  test('TCP that does not answer: fault timeout, over tcp', async () => {
    const server = await serve({ udp: truncating });
    const reading = await askUntil(100, server);
    expect(reading).toMatchObject({ kind: 'fault', fault: 'timeout', evidence: { transport: 'tcp' } });
  });
});

describe('dnsProbe over TCP', () => {
  test.each(['tcp', 'tls'] as const)('%s: a reply that drips byte by byte is read', async (transport) => {
    const server = await serve({
      tcp: (query, socket) => void drip(socket, frame(replyTo(query, GOOD)), 1),
      ...(transport === 'tls' ? { tls: credentials } : {}),
    });
    const settings = transport === 'tls' ? { transport, tls: { ca: credentials.cert } } : { transport };
    expect(valuesOf(await ask(server, settings))).toMatchObject({ answers: ['192.0.2.10'], transport });
  });

  test('a reply that drips slower than the deadline: fault timeout', async () => {
    const server = await serve({
      tcp: (query, socket) => void drip(socket, frame(replyTo(query, GOOD)), 30),
    });
    const reading = await askUntil(150, server, { transport: 'tcp' });
    expect(reading).toMatchObject({ kind: 'fault', fault: 'timeout' });
    expect(reading.detail).toContain('timeout in exchange');
  });

  test('a message with another id is ignored, the reply after it taken', async () => {
    const server = await serve({
      tcp: (query, socket) => {
        const reply = replyTo(query, GOOD);
        socket.write(Buffer.concat([frame(withId(reply, query.readUInt16BE(0) ^ 1)), frame(reply)]));
      },
    });
    const reading = await ask(server, { transport: 'tcp' });
    expect(valuesOf(reading)).toMatchObject({ answers: ['192.0.2.10'] });
    expect(reading).toMatchObject({ evidence: { strays: 1 } });
  });

  test('half a frame and the end of the connection: fault protocol', async () => {
    const server = await serve({
      tcp: (query, socket) => socket.end(frame(replyTo(query, GOOD)).subarray(0, 20)),
    });
    expect(await ask(server, { transport: 'tcp' })).toMatchObject({ kind: 'fault', fault: 'protocol' });
  });

  test('the end of the connection without a byte: fault reset', async () => {
    const server = await serve({ tcp: (_query, socket) => socket.end() });
    expect(await ask(server, { transport: 'tcp' })).toMatchObject({ kind: 'fault', fault: 'reset' });
  });

  test('a flood of messages to others ends at the limit: fault protocol', async () => {
    const other = frame(Buffer.alloc(0xffff, 0xee));
    const server = await serve({
      tcp: (_query, socket) => {
        for (let i = 0; i < 4; i++) socket.write(other);
      },
    });
    expect(await ask(server, { transport: 'tcp' })).toMatchObject({ kind: 'fault', fault: 'protocol' });
  });

  test('the largest message that a frame can hold is read', async () => {
    const record: Answer = { type: 'TXT', name: NAME, ttl: 1, data: 'x'.repeat(255) };
    const server = await serve({
      tcp: (query, socket) => socket.write(frame(replyTo(query, { answers: many(record, 230) }))),
    });
    expect(valuesOf(await ask(server, { transport: 'tcp', type: 'TXT' }))).toMatchObject({
      answerCount: 230,
    });
  });

  test('SYNs that nobody answers: fault timeout in connect', async () => {
    const deaf = await startDeafPort();
    cleanups.push(() => deaf.close());
    const deadline = new AbortController();
    const running = ask({ address: '127.0.0.1', port: deaf.port }, { transport: 'tcp' }, deadline.signal);
    await pause(100);
    deadline.abort();
    expect((await running).detail).toContain('timeout in connect');
  });
});

describe('dnsProbe over TLS', () => {
  test('the certificate must be of a trusted authority and for the server; verify: false takes any', async () => {
    const server = await serve({ ...answering, tls: credentials });
    const over = (tls?: object) => ask(server, { transport: 'tls', ...(tls ? { tls } : {}) });
    expect(await over()).toMatchObject({ kind: 'fault', fault: 'tls' });
    expect(await over({ ca: credentials.cert, serverName: 'other.test' })).toMatchObject({ fault: 'tls' });
    for (const tls of [
      { ca: credentials.cert },
      { ca: credentials.cert, serverName: 'dns.test' },
      { verify: false },
    ]) {
      const reading = await over(tls);
      expect(valuesOf(reading)).toMatchObject({ transport: 'tls', answers: ['192.0.2.10'] });
      expect(Object.keys(reading.kind === 'answer' ? (reading.phases ?? {}) : {})).toEqual([
        'connect',
        'tls',
        'exchange',
      ]);
    }
  });

  test('a server that speaks something else: fault tls', async () => {
    const server = await startStreamServer((socket) => socket.write('220 mail ready\r\n'));
    cleanups.push(() => server.close());
    expect(await ask(server, { transport: 'tls' })).toMatchObject({ kind: 'fault', fault: 'tls' });
  });

  test('a server that takes the connection and no more: fault timeout in tls', async () => {
    const reading = await askUntil(100, await serve({}), { transport: 'tls' });
    expect(reading).toMatchObject({ kind: 'fault', fault: 'timeout' });
    expect(reading.detail).toContain('timeout in tls');
  });
});

describe('dnsProbe settings', () => {
  const parse = (settings: object) =>
    kind.settings.safeParse({ server: '127.0.0.1', name: NAME, ...settings });

  const identity = (settings: object) =>
    kind.configure(kind.settings.parse({ server: '192.0.2.1', name: NAME, ...settings })).identity;

  test('the port is 53, over TLS 853', () => {
    expect(identity({})).toBe(identity({ port: 53 }));
    expect(identity({ transport: 'tls' })).toBe(identity({ transport: 'tls', port: 853 }));
    expect(identity({ transport: 'tls' })).not.toBe(identity({ transport: 'tls', port: 53 }));
  });

  test('identity is the request as the wire sees it: names without case, every field of the query', () => {
    expect(identity({ name: 'WWW.sla.test' })).toBe(identity({}));
    const others = [{ name: 'a' }, { type: 'AAAA' }, { recursion: false }, { edns: 0 }, { transport: 'tcp' }];
    expect(new Set([{}, ...others].map(identity)).size).toBe(6);
  });

  test.each([
    ['udp', true],
    ['tcp', false],
    ['tls', false],
  ])('a question over %s is light: %s', (transport, light) => {
    expect(probeOf({ address: '192.0.2.1', port: 53 }, { transport }).light).toBe(light);
  });

  const LABEL = 'a'.repeat(63);
  test.each([
    '.',
    'a',
    'a.b.',
    '_dns._udp.sla.test',
    '0/25.2.0.192.in-addr.arpa',
    `${LABEL}.${LABEL}.${LABEL}.${'a'.repeat(61)}`,
    'xn--bcher-kva.example',
  ])('name %s is one', (name) => {
    expect(parse({ name }).success).toBe(true);
  });

  test.each([
    '',
    'a..b',
    '.a',
    'a b',
    'bücher.example',
    `${LABEL}a`,
    `${LABEL}.${LABEL}.${LABEL}.${'a'.repeat(62)}`,
  ])('name %s is none', (name) => {
    expect(parse({ name }).success).toBe(false);
  });

  test.each([
    { edns: 100 },
    { edns: 70_000 },
    { type: 'ANY' },
    { transport: 'quic' },
    { tls: { verify: false } },
  ])('%j is refused', (settings) => {
    expect(parse(settings).success).toBe(false);
  });
});
