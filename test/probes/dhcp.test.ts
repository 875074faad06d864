import { createSocket } from 'node:dgram';
import type { Socket } from 'node:dgram';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { dhcpProbe } from '../../probes/dhcp.ts';
import { addressesOf, DHCP_OPTION } from '../../probes/wire/dhcp-options.ts';
import { systemClock, systemRandom } from '../../src/clock.ts';
import { classify } from '../../src/core/expectation.ts';
import type { Expectations } from '../../src/core/expectation.ts';
import type { Reading, Value } from '../../src/core/reading.ts';
import { probeContract } from '../contracts/probe.ts';
import type { ProbeTarget, TargetMode } from '../contracts/probe.ts';
import { OFFERED, optionsOf, replyTo, startDhcpServer } from '../servers/dhcp.ts';
import type { DhcpRequest, DhcpScript, DhcpServer } from '../servers/dhcp.ts';

const kind = dhcpProbe();
const cleanups: (() => Promise<void>)[] = [];

afterAll(() => kind.close());

afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

async function serve(script?: DhcpScript, address?: string): Promise<DhcpServer> {
  const server = await startDhcpServer(script, address);
  cleanups.push(() => server.close());
  return server;
}

async function socketAt(address: string, port = 0): Promise<Socket> {
  const socket = createSocket('udp4').bind(port, address);
  await once(socket, 'listening');
  cleanups.push(async () => {
    await once(socket.close(), 'close');
  });
  return socket;
}

async function unusedPort(): Promise<number> {
  const socket = createSocket('udp4').bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const { port } = socket.address();
  await once(socket.close(), 'close');
  return port;
}

function parsed(server: { address: string; port: number }, settings: object = {}) {
  return kind.settings.parse({ server: server.address, port: server.port, localPort: 0, ...settings });
}

function ask(
  server: { address: string; port: number },
  settings: object = {},
  signal = new AbortController().signal,
): Promise<Reading> {
  const context = { signal, clock: systemClock, random: systemRandom };
  return kind.configure(parsed(server, settings)).run(context);
}

/** A run whose deadline comes after so many milliseconds. */
async function askUntil(ms: number, server: DhcpServer, settings: object = {}): Promise<Reading> {
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

function typesOf(server: DhcpServer): readonly (string | undefined)[] {
  return server.requests.map(({ type }) => type);
}

function option(request: DhcpRequest | undefined, code: number): readonly number[] | undefined {
  const value = request?.message.options.get(code);
  return value && [...value];
}

const cutOff: DhcpScript = (request, { raw }) => {
  const whole = replyTo(request, '127.0.0.1');
  raw(whole.subarray(0, 245));
};

const MODES: Readonly<Record<Exclude<TargetMode, 'refused'>, DhcpScript>> = {
  answers: (_, { reply }) => reply(),
  silent: () => {},
  garbage: cutOff,
};

for (const mode of ['relay', 'inform'] as const) {
  probeContract(`dhcp ${mode}`, {
    make: dhcpProbe,
    target: async (how: TargetMode): Promise<ProbeTarget> => {
      const settings = { server: '127.0.0.1', mode, localPort: 0 };
      if (how === 'refused') {
        const port = await unusedPort();
        return { settings: { ...settings, port }, received: () => 0, close: () => Promise.resolve() };
      }
      const server = await startDhcpServer(MODES[how]);
      return { ...server, settings: { ...settings, port: server.port } };
    },
    garbage: 'protocol',
    secrets: false,
  });
}

const TOLD = { dns: [...OFFERED.dns], domain: OFFERED.domain, ntp: [...OFFERED.ntp] };

describe('dhcpProbe: what is asked (RFC 2131 §4.4, RFC 1542 §4.1)', () => {
  test('relay: DISCOVER with our own address as giaddr, one hop, and what the offer says', async () => {
    const server = await serve();
    const reading = await ask(server);
    expect(valuesOf(reading)).toEqual({
      messageType: 'OFFER',
      offeredAddress: OFFERED.address,
      serverId: '127.0.0.1',
      leaseSeconds: OFFERED.leaseSeconds,
      ...TOLD,
    });
    expect(reading).toMatchObject({ phases: { discover: expect.any(Number) } });
    expect(typesOf(server)).toEqual(['DISCOVER']);
    const { message } = server.requests[0] ?? {};
    expect(message).toMatchObject({
      hops: 1,
      relayAddress: '127.0.0.1',
      clientAddress: '0.0.0.0',
      broadcast: false,
    });
    expect(option(server.requests[0], DHCP_OPTION.parameters)).toEqual([6, 15, 42, 51, 54]);
  });

  test('relay: from the port that the server will reply to', async () => {
    const localPort = await unusedPort();
    const server = await serve();
    await ask(server, { localPort, address: '127.0.0.7' });
    expect(server.requests[0]).toMatchObject({
      from: { address: '127.0.0.7', port: localPort },
      message: { relayAddress: '127.0.0.7' },
    });
  });

  test('inform: our own address as ciaddr; options without an address', async () => {
    const server = await serve();
    const values = valuesOf(await ask(server, { mode: 'inform' }));
    expect(values).toMatchObject({ messageType: 'ACK', ...TOLD });
    expect(values).not.toHaveProperty('offeredAddress');
    expect(server.requests).toMatchObject([
      { type: 'INFORM', message: { clientAddress: '127.0.0.1', relayAddress: '0.0.0.0', hops: 0 } },
    ]);
  });

  test('broadcast: the flag is set, no address is given, and anyone may reply', async () => {
    const server = await serve();
    const other = await socketAt('127.0.0.9');
    const far = await serve((request, { raw }) => raw(replyTo(request, '127.0.0.9'), other));
    await ask(server, { mode: 'broadcast' });
    expect(server.requests[0]?.message).toMatchObject({
      broadcast: true,
      relayAddress: '0.0.0.0',
      clientAddress: '0.0.0.0',
    });
    expect(valuesOf(await ask(far, { mode: 'broadcast' }))).toMatchObject({ serverId: '127.0.0.9' });
  });

  test('link selection (RFC 3527) and subnet selection (RFC 3011) name the network', async () => {
    const server = await serve();
    await ask(server, { linkSelection: '192.0.2.0', subnetSelection: '198.51.100.0' });
    expect(option(server.requests[0], DHCP_OPTION.relayAgent)).toEqual([5, 4, 192, 0, 2, 0]);
    expect(option(server.requests[0], DHCP_OPTION.subnetSelection)).toEqual([198, 51, 100, 0]);
  });

  test('the hardware address is local, the same in every run, and of this check alone', async () => {
    const server = await serve();
    for (const settings of [{}, {}, { subnetSelection: '192.0.2.0' }]) await ask(server, settings);
    const [first, second, other] = server.requests.map(({ message }) => message.hardwareAddress);
    expect(Number.parseInt(first ?? '', 16) & 3).toBe(2);
    expect(second).toBe(first);
    expect(other).not.toBe(first);
    const sent = server.requests[0]?.message;
    expect(option(server.requests[0], DHCP_OPTION.clientId)).toEqual([
      1,
      ...Buffer.from(sent?.hardwareAddress.replaceAll(':', '') ?? '', 'hex'),
    ]);
    expect(server.requests[0]?.message.xid).not.toBe(server.requests[1]?.message.xid);
  });
});

describe('dhcpProbe with lease: DISCOVER, OFFER, REQUEST, ACK, RELEASE (RFC 2131 §3.1)', () => {
  test('takes what was offered and gives it back', async () => {
    const server = await serve();
    const reading = await ask(server, { lease: true });
    expect(valuesOf(reading)).toMatchObject({ messageType: 'ACK', offeredAddress: OFFERED.address });
    expect(reading).toMatchObject({ phases: { discover: expect.any(Number), request: expect.any(Number) } });
    await expect.poll(() => typesOf(server)).toEqual(['DISCOVER', 'REQUEST', 'RELEASE']);
    const [, request, release] = server.requests;
    expect(addressOption(request, DHCP_OPTION.requestedAddress)).toEqual([OFFERED.address]);
    expect(addressOption(request, DHCP_OPTION.serverId)).toEqual(['127.0.0.1']);
    expect(release?.message.clientAddress).toBe(OFFERED.address);
    expect(addressOption(release, DHCP_OPTION.serverId)).toEqual(['127.0.0.1']);
  });

  function addressOption(request: DhcpRequest | undefined, code: number) {
    return addressesOf(request?.message.options.get(code) ?? new Uint8Array());
  }

  test('NAK: bad by its content, and nothing is given back', async () => {
    const server = await serve(({ type }, { reply }) => reply(type === 'REQUEST' ? { type: 'NAK' } : {}));
    const reading = await ask(server, { lease: true });
    expect(valuesOf(reading)).toMatchObject({ messageType: 'NAK' });
    expect(classify(reading, kind.defaults, kind.values(parsed(server)))).toMatchObject({
      outcome: 'bad',
      cause: 'content',
    });
    await pause(30);
    expect(typesOf(server)).toEqual(['DISCOVER', 'REQUEST']);
  });

  test('a late offer, and the ACK of another server, are no answer to a REQUEST', async () => {
    const server = await serve((request, { reply, raw }) => {
      if (request.type === 'REQUEST') {
        reply({ type: 'OFFER' });
        raw(replyTo(request, '127.0.0.66'));
      }
      reply();
    });
    const reading = await ask(server, { lease: true });
    expect(valuesOf(reading)).toMatchObject({ messageType: 'ACK', serverId: '127.0.0.1' });
    expect(reading).toMatchObject({ evidence: { strays: 2 } });
  });

  test('silence after the offer: timeout in request', async () => {
    const server = await serve(({ type }, { reply }) => {
      if (type === 'DISCOVER') reply();
    });
    const reading = await askUntil(100, server, { lease: true });
    expect(reading).toMatchObject({
      kind: 'fault',
      fault: 'timeout',
      phases: { discover: expect.any(Number) },
    });
    expect(reading.detail).toContain('timeout in request');
    expect(typesOf(server)).toEqual(['DISCOVER', 'REQUEST']);
  });

  test('an offer without a server identifier cannot be taken: protocol', async () => {
    const options = new Map(optionsOf('OFFER', '127.0.0.1'));
    options.delete(DHCP_OPTION.serverId);
    const server = await serve((_, { reply }) => reply({ options }));
    expect(await ask(server, { lease: true })).toMatchObject({ kind: 'fault', fault: 'protocol' });
    expect(await ask(server)).toMatchObject({ kind: 'answer' });
  });
});

describe('dhcpProbe: whose reply it is', () => {
  const STRAYS: readonly (readonly [string, DhcpScript])[] = [
    ['another xid', ({ message }, { reply }) => reply({ xid: (message.xid ^ 1) >>> 0 })],
    ['another hardware address', (_, { reply }) => reply({ hardwareAddress: '02:00:00:00:00:01' })],
    ['the request itself', ({ bytes }, { raw }) => raw(bytes)],
    ['nothing', (_, { raw }) => raw(Buffer.alloc(0))],
    ['noise', (_, { raw }) => raw(Buffer.alloc(300, 0xee))],
  ];

  test.each(STRAYS)('%s: ignored and counted; the reply that follows is taken', async (_what, stray) => {
    const server = await serve((request, answering) => {
      stray(request, answering);
      setTimeout(() => answering.reply(), 20);
    });
    const reading = await ask(server);
    expect(valuesOf(reading)).toMatchObject({ messageType: 'OFFER' });
    expect(reading).toMatchObject({ evidence: { strays: 1 } });
  });

  test.each(STRAYS)('only %s until the deadline: timeout that says so', async (_what, stray) => {
    const reading = await askUntil(60, await serve(stray));
    expect(reading).toMatchObject({ kind: 'fault', fault: 'timeout' });
    expect(reading.detail).toContain('timeout in discover; ignored 1 that replied to something else');
  });

  test('a reply of another address: ignored, unless anyone may reply', async () => {
    const other = await socketAt('127.0.0.8');
    const server = await serve((request, { raw }) => raw(replyTo(request, '127.0.0.8'), other));
    expect(await askUntil(60, server)).toMatchObject({ kind: 'fault', fault: 'timeout' });
    expect(valuesOf(await ask(server, { fromAnyone: true }))).toMatchObject({ serverId: '127.0.0.8' });
  });
});

describe('dhcpProbe: one port for all checks of a machine', () => {
  test('checks of several servers share the port; each gets its own reply, one silent and one closed aside', async () => {
    const localPort = await unusedPort();
    const slow = await serve((_, { reply }) => setTimeout(reply, 40));
    const quick = await serve(undefined, '127.0.0.2');
    const silent = await serve(() => {});
    const closed = { address: '127.0.0.1', port: await unusedPort() };
    const deadline = new AbortController();
    const settings = { localPort, address: '127.0.0.1' };
    const running = [slow, quick, silent, closed].map((server) => ask(server, settings, deadline.signal));
    const first = await Promise.all(running.slice(0, 2));
    expect(first.map((reading) => valuesOf(reading)['serverId'])).toEqual(['127.0.0.1', '127.0.0.2']);
    deadline.abort();
    const rest = await Promise.all(running.slice(2));
    expect(rest).toMatchObject([{ fault: 'timeout' }, { fault: 'timeout' }]);
    for (const { requests } of [slow, quick, silent]) expect(requests[0]?.from.port).toBe(localPort);
  });

  test('a reply of another address is ignored at a shared port, too', async () => {
    const localPort = await unusedPort();
    const other = await socketAt('127.0.0.8');
    const quick = await serve((_, { reply }) => setTimeout(reply, 30), '127.0.0.2');
    const forged = await serve((request, { raw }) => raw(replyTo(request, '127.0.0.8'), other));
    const deadline = new AbortController();
    const settings = { localPort, address: '127.0.0.1' };
    const right = ask(quick, settings, deadline.signal);
    const wrong = ask(forged, settings, deadline.signal);
    expect(valuesOf(await right)).toMatchObject({ serverId: '127.0.0.2' });
    deadline.abort();
    expect(await wrong).toMatchObject({ fault: 'timeout', evidence: { strays: 1 } });
  });

  test('an abort while our own address is looked for: nothing is sent', async () => {
    const server = await serve();
    const deadline = new AbortController();
    const running = ask(server, {}, deadline.signal);
    deadline.abort();
    expect(await running).toMatchObject({ kind: 'fault', fault: 'timeout' });
    await pause(30);
    expect(server.received()).toBe(0);
  });

  test('inform and broadcast share the port of clients', async () => {
    const localPort = await unusedPort();
    const server = await serve((_, { reply }) => setTimeout(reply, 20));
    const modes = ['inform', 'broadcast', 'inform'];
    const readings = await Promise.all(modes.map((mode) => ask(server, { mode, localPort })));
    expect(readings.map((reading) => valuesOf(reading)['messageType'])).toEqual(['ACK', 'OFFER', 'ACK']);
  });

  test('the port is let go between runs', async () => {
    const localPort = await unusedPort();
    const server = await serve();
    await ask(server, { localPort });
    await socketAt('127.0.0.1', localPort);
  });

  test('a port that another program has: blind local-resource that says so', async () => {
    const { port: localPort } = (await socketAt('127.0.0.1')).address();
    const reading = await ask(await serve(), { localPort });
    expect(reading).toEqual({
      kind: 'blind',
      blind: 'local-resource',
      detail: `cannot listen on UDP port ${localPort} of 127.0.0.1 (EADDRINUSE): another program of this machine has it: a DHCP client, server or relay`,
    });
  });

  test('an address that is not ours: blind local-resource that says so', async () => {
    const reading = await ask(await serve(), { address: '192.0.2.1' });
    expect(reading).toMatchObject({ kind: 'blind', blind: 'local-resource' });
    expect(reading.detail).toMatch(/^cannot listen on UDP port 0 of 192\.0\.2\.1 \(EADDRNOTAVAIL\)/);
  });
});

describe('dhcpProbe: expectations', () => {
  const CASES: readonly (readonly [string, Expectations, string])[] = [
    ['the DNS server told', { dns: { contains: '192.0.2.54' } }, 'good'],
    ['another DNS server', { dns: { contains: '10.0.0.2' } }, 'content'],
    ['another domain', { domain: { is: 'other.test' } }, 'content'],
    ['another NTP server', { ntp: { contains: '10.0.0.2' } }, 'content'],
    ['another server', { serverId: { is: '10.0.0.2' } }, 'content'],
    ['another network', { offeredAddress: { matches: /^10\./ } }, 'content'],
    ['a longer lease', { leaseSeconds: { atLeast: 86_400 } }, 'content'],
  ];

  test.each(CASES)('%s', async (_what, expectations, told) => {
    const server = await serve();
    const verdict = classify(
      await ask(server),
      { ...kind.defaults, ...expectations },
      kind.values(parsed(server)),
    );
    expect('cause' in verdict ? verdict.cause : verdict.outcome).toBe(told);
  });

  const REFUSED: readonly (readonly [string, object])[] = [
    ['relay without a server', { server: undefined }],
    ['inform with a lease', { mode: 'inform', lease: true }],
    ['link selection of a client', { mode: 'inform', linkSelection: '192.0.2.0' }],
    ['an own address in broadcast mode', { mode: 'broadcast', address: '192.0.2.1' }],
    ['an address of IPv6', { address: '::1' }],
    ['a hardware address of five bytes', { hardwareAddress: '02:00:5e:10:00' }],
  ];

  test.each(REFUSED)('settings: %s is refused', (_what, settings) => {
    expect(kind.settings.safeParse({ server: '192.0.2.1', ...settings }).success).toBe(false);
  });
});
