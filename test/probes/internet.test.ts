import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { createServer as createTlsServer } from 'node:tls';
import { afterEach, describe, expect, test } from 'vitest';
import { internetProbe } from '../../probes/internet.ts';
import { internetReading } from '../../probes/lib/internet-reading.ts';
import type { Reach } from '../../probes/lib/way-out.ts';
import { systemClock, systemRandom } from '../../src/clock.ts';
import { classify } from '../../src/core/expectation.ts';
import type { LagMeter } from '../../src/core/lag-meter.ts';
import type { Reading } from '../../src/core/reading.ts';
import { probeContract } from '../contracts/probe.ts';
import type { ProbeTarget, TargetMode } from '../contracts/probe.ts';
import { selfSigned } from '../servers/certificate.ts';
import { replyTo, startDnsServer } from '../servers/dns.ts';
import type { UdpScript } from '../servers/dns.ts';
import { closedPort, startDeafPort } from '../servers/http.ts';
import { startStreamServer } from '../servers/tcp.ts';
import type { StreamScript } from '../servers/tcp.ts';

const kind = internetProbe();
const cleanups: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const cleanUp of cleanups.splice(0)) await cleanUp();
});

const host = '127.0.0.1';
const GREETS: StreamScript = (socket) => socket.write('220 ready\r\n');
const ANSWERS: UdpScript = (query, reply) => reply(replyTo(query, {}));
const SERVFAIL = 2;

async function tcp(script: StreamScript, greeting = true): Promise<object> {
  const server = await startStreamServer(script);
  cleanups.push(() => server.close());
  return { transport: 'tcp', host, port: server.port, greeting };
}

async function dns(udp: UdpScript): Promise<object> {
  const server = await startDnsServer({ udp });
  cleanups.push(() => server.close());
  return { transport: 'dns', host, port: server.port };
}

async function closed(): Promise<object> {
  return { transport: 'tcp', host, port: await closedPort() };
}

async function deaf(): Promise<object> {
  const port = await startDeafPort();
  cleanups.push(() => port.close());
  return { transport: 'tcp', host, port: port.port };
}

/** A TLS server whose certificate is for the name; what a target needs to trust it. */
async function tls(name: string): Promise<{ readonly target: object; readonly ca: string }> {
  const DAY_MS = 86_400_000;
  const credentials = selfSigned({ names: [name], fromMs: Date.now() - DAY_MS, toMs: Date.now() + DAY_MS });
  const server = createTlsServer(credentials, (socket) => socket.on('error', () => socket.destroy()));
  server.on('tlsClientError', () => undefined);
  server.listen(0, host);
  await once(server, 'listening');
  cleanups.push(async () => {
    server.close();
    await once(server, 'close');
  });
  const target = { transport: 'tls', host, port: (server.address() as AddressInfo).port };
  return { target, ca: credentials.cert };
}

/** A run; aborted after so many milliseconds, if told to. */
async function run(
  targets: Readonly<Record<string, object>>,
  untilMs?: number,
  lag?: LagMeter,
): Promise<Reading> {
  const deadline = new AbortController();
  const running = kind
    .configure(kind.settings.parse({ targets }))
    .run({ signal: deadline.signal, clock: systemClock, random: systemRandom, lag });
  if (untilMs !== undefined) {
    await pause(untilMs);
    deadline.abort();
  }
  return running;
}

async function contractTarget(mode: TargetMode): Promise<ProbeTarget> {
  const scripts: Readonly<Record<TargetMode, readonly [StreamScript, UdpScript]>> = {
    answers: [GREETS, ANSWERS],
    silent: [() => undefined, () => undefined],
    refused: [() => undefined, () => undefined],
    garbage: [() => undefined, (_, reply) => reply(Buffer.from('SSH-2.0-OpenSSH_9.2 is no reply at all'))],
  };
  const [script, udp] = scripts[mode];
  const mail = await startStreamServer(script);
  const resolver = await startDnsServer({ udp });
  const close = async (): Promise<void> => {
    await Promise.all([mail.close(), resolver.close()]);
  };
  const targets = {
    mail: { transport: 'tcp', host, port: mail.port, greeting: true },
    resolver: { transport: 'dns', host, port: resolver.port },
  };
  if (mode !== 'refused')
    return { settings: { targets }, received: () => mail.received() + resolver.received(), close };
  await close();
  return { settings: { targets }, received: () => 0, close: () => Promise.resolve() };
}

probeContract('internet', {
  make: internetProbe,
  target: contractTarget,
  garbage: 'timeout',
  secrets: false,
});

describe('internet: down only when all agree', () => {
  test('all reached: how many, each in its time, the latency that of the quickest', async () => {
    const late: StreamScript = (socket) => void setTimeout(GREETS, 60, socket);
    const reading = await run({ mail: await tcp(late), resolver: await dns(ANSWERS) });
    if (reading.kind !== 'answer') throw new Error(reading.detail);
    const { mail, resolver, ...counts } = reading.values ?? {};
    expect(counts).toEqual({ reached: 2, asked: 2 });
    expect(Number(mail)).toBeGreaterThanOrEqual(59);
    expect(reading.latencyMs).toBe(Math.min(Number(mail), Number(resolver)));
    expect(reading.latencyMs).toBeLessThan(Number(mail));
  });

  test('our own lateness is told of each target, and of the quickest', async () => {
    const late = { worstSince: () => 60_000, waitedMs: () => 0 };
    const told = await run({ mail: await tcp(GREETS), resolver: await dns(ANSWERS) }, undefined, late);
    expect(told).toMatchObject({ ownMs: { mail: 60_000, resolver: 60_000 } });
    const reached = (ms: number, ownMs?: number): Reach =>
      ownMs === undefined ? { kind: 'reached', ms } : { kind: 'reached', ms, ownMs };
    const reading = (...reaches: readonly Reach[]): Reading =>
      internetReading(reaches.map((reach, i) => [`target${i}`, reach]));
    expect(reading(reached(20, 2), reached(25, 9))).toMatchObject({
      latencyMs: 20,
      ownMs: { target0: 2, target1: 9, latency: 4 },
    });
    expect(reading(reached(20), reached(25))).not.toHaveProperty('ownMs');
  });

  test.each([
    ['refused', closed, 'refused'],
    ['silent', deaf, 'timeout'],
    ['resolved to nothing', () => Promise.resolve({ transport: 'tcp', host: 'no-such..host' }), 'resolve'],
    ['reset', () => tcp((socket) => socket.resetAndDestroy()), 'reset'],
    ['closed without a word', () => tcp((socket) => socket.end()), 'reset'],
    ['unable to say anything', () => dns((_, reply) => reply(Buffer.alloc(7))), 'timeout'],
  ])('one of two is %s: an answer without it, and evidence of how', async (_name, broken, how) => {
    const reading = await run({ good: await tcp(GREETS), broken: await broken() });
    expect(reading).toMatchObject({
      kind: 'answer',
      values: { reached: 1, asked: 2 },
      evidence: { reached: 1, asked: 2, broken: how },
    });
    expect(reading.kind === 'answer' && reading.values).not.toHaveProperty('broken');
  });

  test('a target that is silent is waited for by 500 ms, no longer, once another was reached', async () => {
    const startedMs = performance.now();
    await run({ good: await tcp(GREETS), silent: await tcp(() => undefined) });
    const tookMs = performance.now() - startedMs;
    expect(tookMs).toBeGreaterThanOrEqual(500);
    expect(tookMs).toBeLessThan(1_500);
  });

  test('one fails at once and the other is reached later than 500 ms: an answer', async () => {
    const late: StreamScript = (socket) => void setTimeout(GREETS, 700, socket);
    const reading = await run({ late: await tcp(late), broken: await closed() });
    expect(reading).toMatchObject({ kind: 'answer', values: { reached: 1, asked: 2 } });
  });

  test('none reached: a fault by the commonest cause, and evidence of how each failed', async () => {
    const targets = { one: await deaf(), two: await closed(), three: await closed() };
    const reading = await run(targets, 150);
    expect(reading).toEqual({
      kind: 'fault',
      fault: 'refused',
      detail: 'none of 3 reached: one timeout, two refused, three refused',
      evidence: { reached: 0, asked: 3, one: 'timeout', two: 'refused', three: 'refused' },
    });
  });

  test('the longest names there may be: the detail still fits on its line', async () => {
    const names = Array.from({ length: 8 }, (_, number) => `target-of-20-chars-${number}`);
    const port = await closedPort();
    const reading = await run(
      Object.fromEntries(names.map((name) => [name, { transport: 'tcp', host, port }])),
    );
    expect(reading.detail?.length).toBeLessThanOrEqual(300);
  });

  const NO_ROUTE = { transport: 'tcp', host: '224.0.0.1' };

  test('a target that this machine cannot ask has no voice: the others decide', async () => {
    expect(await run({ here: NO_ROUTE, there: await closed() })).toMatchObject({
      kind: 'fault',
      fault: 'refused',
      evidence: { here: 'local-network' },
    });
    expect(await run({ here: NO_ROUTE, there: await tcp(GREETS) })).toMatchObject({ kind: 'answer' });
  });

  test('none that this machine can ask: blind, not down', async () => {
    const reading = await run({ one: NO_ROUTE, two: { ...NO_ROUTE, port: 80 } });
    expect(reading).toMatchObject({ kind: 'blind', blind: 'local-network' });
  });
});

describe('internet: what counts as reached', () => {
  test('tcp: a connection, unless a greeting is asked for', async () => {
    const mute = await startStreamServer(() => undefined);
    cleanups.push(() => mute.close());
    const target = { transport: 'tcp', host, port: mute.port };
    const reading = await run({ connects: target, greets: { ...target, greeting: true } });
    expect(reading).toMatchObject({ evidence: { reached: 1, greets: 'timeout' } });
  });

  test('dns: any reply to the query, an error too; not a reply to another', async () => {
    const failing = await dns((query, reply) => reply(replyTo(query, { rcode: SERVFAIL })));
    const confused = await dns((query, reply) => {
      const other = replyTo(query, {});
      other.writeUInt16BE((other.readUInt16BE(0) + 1) % 0x1_0000);
      reply(other);
    });
    const reading = await run({ failing, confused });
    expect(reading).toMatchObject({ evidence: { reached: 1, confused: 'timeout' } });
  });

  test('tls: a certificate for the name that the authority vouches for; a portal in between has none', async () => {
    const { target, ca } = await tls('out-there.example');
    const reading = await run({
      right: { ...target, ca, serverName: 'out-there.example' },
      portal: { ...target, serverName: 'out-there.example' },
      other: { ...target, ca, serverName: 'elsewhere.example' },
    });
    expect(reading).toMatchObject({ evidence: { reached: 1, portal: 'tls', other: 'tls' } });
  });
});

describe('internet: settings and expectations', () => {
  const target = { transport: 'tcp', host };

  test.each([
    ['a single target', { one: target }, 'targets'],
    ['nine', Object.fromEntries(Array.from('abcdefghi', (name) => [name, target])), 'targets'],
    ['a name of our own', { one: target, reached: target }, 'targets.reached'],
    [
      'a transport that does not exist',
      { one: target, two: { ...target, transport: 'icmp' } },
      'targets.two.transport',
    ],
    ['a setting of another transport', { one: target, two: { ...target, name: '.' } }, 'targets.two'],
  ])('%s is refused', (_name, targets, field) => {
    const { error } = kind.settings.safeParse({ targets });
    expect(error?.issues.map(({ path }) => path.join('.'))).toEqual([field]);
  });

  test('a target may be expected of: unreached, it is slow', async () => {
    const settings = { targets: { one: await tcp(GREETS), two: await closed() } };
    const specs = kind.values(kind.settings.parse(settings));
    const reading = await run(settings.targets);
    expect(classify(reading, { one: { below: 5_000 } }, specs)).toMatchObject({ outcome: 'good' });
    expect(classify(reading, { two: { below: 5_000 } }, specs)).toMatchObject({ cause: 'slow' });
  });
});
