import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, describe, expect, test } from 'vitest';
import { tcpProbe } from '../../probes/tcp.ts';
import { systemClock, systemRandom } from '../../src/clock.ts';
import type { Reading } from '../../src/core/reading.ts';
import { probeContract } from '../contracts/probe.ts';
import type { ProbeTarget, TargetMode } from '../contracts/probe.ts';
import { closedPort, startDeafPort } from '../servers/http.ts';
import { drip, startStreamServer } from '../servers/tcp.ts';
import type { StreamScript, StreamServer } from '../servers/tcp.ts';

const kind = tcpProbe();
const cleanups: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

async function serve(script: StreamScript, host?: string): Promise<StreamServer> {
  const server = await startStreamServer(script, host === undefined ? {} : { host });
  cleanups.push(() => server.close());
  return server;
}

function run(settings: object, signal = new AbortController().signal): Promise<Reading> {
  const probe = kind.configure(kind.settings.parse(settings));
  return probe.run({ signal, clock: systemClock, random: systemRandom });
}

/** A run whose deadline comes after so many milliseconds. */
async function runUntil(ms: number, settings: object): Promise<Reading> {
  const deadline = new AbortController();
  const running = run(settings, deadline.signal);
  await pause(ms);
  deadline.abort();
  return running;
}

const NO_LINE = Buffer.alloc(64, 0xff);

const SCRIPTS: Readonly<Record<Exclude<TargetMode, 'refused'>, StreamScript>> = {
  answers: (socket) => socket.write('220 ready\r\n'),
  silent: () => undefined,
  garbage: (socket) => socket.write(NO_LINE),
};

async function contractTarget(mode: TargetMode): Promise<ProbeTarget> {
  const banner = { send: 'hello\r\n' };
  if (mode === 'refused') {
    const settings = { host: '127.0.0.1', port: await closedPort(), banner };
    return { settings, received: () => 0, close: () => Promise.resolve() };
  }
  const server = await startStreamServer(SCRIPTS[mode]);
  return { ...server, settings: { host: server.address, port: server.port, banner } };
}

// Bytes without a line end are the begin of a line: they are waited on.
probeContract('tcp', { make: tcpProbe, target: contractTarget, garbage: 'timeout', secrets: false });

describe('tcpProbe without banner', () => {
  test('answers when the connection stands, sends nothing and closes', async () => {
    const server = await serve(SCRIPTS.silent);
    const reading = await run({ host: server.address, port: server.port });
    expect(reading).toMatchObject({ kind: 'answer', values: { address: '127.0.0.1' } });
    expect(Object.keys(reading.kind === 'answer' ? (reading.phases ?? {}) : {})).toEqual(['connect']);
    await expect.poll(() => server.received()).toBe(1);
    await expect.poll(() => server.open()).toBe(0);
  });

  test('answers a server that talks at once, whose bytes nobody wants', async () => {
    const server = await serve((socket) => socket.end(Buffer.alloc(100_000, 'x')));
    expect(await run({ host: server.address, port: server.port })).toMatchObject({ kind: 'answer' });
  });

  test('takes a host name: phase resolve, family as asked for', async () => {
    const server = await serve(SCRIPTS.silent);
    const reading = await run({ host: 'localhost', port: server.port, ipVersion: 4 });
    expect(reading).toMatchObject({ kind: 'answer', values: { address: '127.0.0.1' } });
    expect(Object.keys(reading.kind === 'answer' ? (reading.phases ?? {}) : {})).toEqual([
      'resolve',
      'connect',
    ]);
  });

  test('IPv6: connects to ::1', async () => {
    const server = await serve(SCRIPTS.silent, '::1');
    const reading = await run({ host: '::1', port: server.port });
    expect(reading).toMatchObject({ kind: 'answer', values: { address: '::1' } });
  });

  test('a name that cannot exist: fault resolve', async () => {
    const reading = await run({ host: 'no-such..host', port: 1 });
    expect(reading).toMatchObject({ kind: 'fault', fault: 'resolve' });
  });

  test('SYNs that nobody answers: fault timeout in connect', async () => {
    const deaf = await startDeafPort();
    cleanups.push(() => deaf.close());
    const reading = await runUntil(100, { host: '127.0.0.1', port: deaf.port });
    expect(reading).toMatchObject({ kind: 'fault', fault: 'timeout', phases: {} });
    expect(reading.detail).toBe(`127.0.0.1:${deaf.port}: timeout in connect`);
  });

  test('an address that this machine refuses to send to: blind local-network, not bad', async () => {
    const multicast = '224.0.0.1';
    expect(await run({ host: multicast, port: 9 })).toMatchObject({ kind: 'blind', blind: 'local-network' });
  });
});

describe('tcpProbe with banner', () => {
  const BANNERS: readonly (readonly [string, StreamScript, object, string])[] = [
    ['a line', (socket) => socket.write('SSH-2.0-x\r\nmore'), {}, 'SSH-2.0-x'],
    ['a line in pieces', (socket) => void drip(socket, Buffer.from('220 é\n'), 2), {}, '220 é'],
    ['an empty line', (socket) => socket.write('\r\n'), {}, ''],
    ['a line cut by the end of the connection', (socket) => socket.end('bye'), {}, 'bye'],
    ['no line, but as much as is taken', (socket) => socket.write('abcdefgh'), { maxBytes: 4 }, 'abcd'],
    ['a flood', (socket) => socket.write(Buffer.alloc(1_000_000, 'x')), {}, 'x'.repeat(1_024)],
    ['control characters', (socket) => socket.write('\u001b[2Jhi\u0000\n'), {}, '\\027[2Jhi\\000'],
  ];

  test.each(BANNERS)('reads %s', async (_name, script, banner, expected) => {
    const server = await serve(script);
    const reading = await run({ host: server.address, port: server.port, banner });
    expect(reading).toMatchObject({ kind: 'answer', values: { banner: expected } });
  });

  test('sends what it is told to, once connected', async () => {
    const server = await serve((socket) => socket.on('data', () => socket.write('+PONG\r\n')));
    const reading = await run({ host: server.address, port: server.port, banner: { send: 'PING\r\n' } });
    expect(reading).toMatchObject({ kind: 'answer', values: { banner: '+PONG' } });
    expect(server.data().toString()).toBe('PING\r\n');
  });

  test('a connection ended without a byte: fault reset', async () => {
    const server = await serve((socket) => socket.end());
    const reading = await run({ host: server.address, port: server.port, banner: {} });
    expect(reading).toMatchObject({ kind: 'fault', fault: 'reset' });
  });

  test('a connection reset: fault reset', async () => {
    const server = await serve((socket) => socket.resetAndDestroy());
    const reading = await run({ host: server.address, port: server.port, banner: {} });
    expect(reading).toMatchObject({ kind: 'fault', fault: 'reset' });
  });

  test('a line that drips slower than the deadline: fault timeout in banner', async () => {
    const server = await serve((socket) => void drip(socket, Buffer.alloc(1_000, 'x'), 10));
    const reading = await runUntil(100, { host: server.address, port: server.port, banner: {} });
    expect(reading).toMatchObject({ kind: 'fault', fault: 'timeout' });
    expect(reading.detail).toContain('timeout in banner');
  });
});

test('tcpProbe settings: a port out of range, a missing host and a wrong family are refused', () => {
  const refused = [
    { host: 'a', port: 0 },
    { host: 'a', port: 65_536 },
    { port: 1 },
    { host: 'a', port: 1, ipVersion: 5 },
  ];
  for (const settings of refused) expect(kind.settings.safeParse(settings).success).toBe(false);
});

test('tcpProbe identity: what is sent and where, the host without case', () => {
  const identity = (settings: object) =>
    kind.configure(kind.settings.parse({ port: 1, ...settings })).identity;
  expect(identity({ host: 'A.test' })).toBe(identity({ host: 'a.test' }));
  expect(identity({ host: 'a.test', banner: { send: 'x' } })).not.toBe(
    identity({ host: 'a.test', banner: {} }),
  );
  expect(identity({ host: 'a.test', ipVersion: 4 })).not.toBe(identity({ host: 'a.test', ipVersion: 6 }));
});
