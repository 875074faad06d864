import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, describe, expect, test } from 'vitest';
import { firewallProbe } from '../../probes/firewall.ts';
import { systemClock, systemRandom } from '../../src/clock.ts';
import type { Reading } from '../../src/core/reading.ts';
import { probeContract } from '../contracts/probe.ts';
import type { ProbeTarget, TargetMode } from '../contracts/probe.ts';
import { closedPort, startDeafPort } from '../servers/http.ts';
import { startStreamServer } from '../servers/tcp.ts';
import type { StreamScript } from '../servers/tcp.ts';

const kind = firewallProbe();
const cleanups: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const cleanUp of cleanups.splice(0)) await cleanUp();
});

const host = '127.0.0.1';

async function openPort(): Promise<number> {
  const server = await startStreamServer(() => undefined);
  cleanups.push(() => server.close());
  return server.port;
}

async function talkingPort(script: StreamScript): Promise<number> {
  const server = await startStreamServer(script);
  cleanups.push(() => server.close());
  return server.port;
}

async function deafPort(): Promise<number> {
  const deaf = await startDeafPort();
  cleanups.push(() => deaf.close());
  return deaf.port;
}

function run(settings: object, signal = new AbortController().signal): Promise<Reading> {
  return kind
    .configure(kind.settings.parse({ host, wait: '200ms', ...settings }))
    .run({ signal, clock: systemClock, random: systemRandom });
}

/** What listens sends nothing but its word to connect, so there is no garbage: a port that drops stands for it. */
async function target(mode: TargetMode): Promise<ProbeTarget> {
  const peer = await startStreamServer(() => undefined);
  const denied = { port: await closedPort() };
  const received = (): number => peer.received();
  const close = (): Promise<void> => peer.close();
  if (mode === 'answers')
    return { settings: { host, allowed: { port: peer.port }, denied }, received, close };
  if (mode === 'refused') {
    return { settings: { host, allowed: { port: await closedPort() }, denied }, received, close };
  }
  const deaf = await startDeafPort();
  return {
    settings: { host, allowed: { port: deaf.port }, denied, heartbeat: { port: peer.port } },
    received,
    close: async () => {
      await Promise.all([peer.close(), deaf.close()]);
    },
  };
}

probeContract('firewall', { make: firewallProbe, target, garbage: 'timeout', secrets: false });

describe('firewall: what the ports say', () => {
  test('allowed connects, denied is silent: an answer after `wait`, its latency that of the connect', async () => {
    const startedMs = performance.now();
    const reading = await run({ allowed: { port: await openPort() }, denied: { port: await deafPort() } });
    expect(performance.now() - startedMs).toBeGreaterThanOrEqual(200);
    expect(reading).toMatchObject({
      kind: 'answer',
      values: { allowed: 'open', denied: 'silent', address: host },
    });
    expect(reading.kind === 'answer' && reading.latencyMs).toBeLessThan(200);
  });

  test('both connect: an answer that says that the denied port is open', async () => {
    const reading = await run({ allowed: { port: await openPort() }, denied: { port: await openPort() } });
    expect(reading).toMatchObject({ kind: 'answer', values: { denied: 'open' } });
  });

  test('the allowed port is silent and there is no heartbeat: fault timeout, after `wait`, not at the deadline', async () => {
    const allowed = { port: await deafPort() };
    const reading = await run({ allowed, denied: { port: await closedPort() } });
    expect(reading).toMatchObject({
      kind: 'fault',
      fault: 'timeout',
      evidence: { allowed: 'silent', denied: 'refused' },
    });
    expect(reading.detail).toMatch(/: the allowed port: timeout in connect$/);
  });

  test.each([
    ['its heartbeat answers: fault refused', openPort, 'fault'],
    ['its heartbeat is refused, too: blind local-resource', closedPort, 'blind'],
  ])('the allowed port refuses, %s', async (_name, heartbeatPort, expected) => {
    const heartbeat = { port: await heartbeatPort() };
    const reading = await run({
      allowed: { port: await closedPort() },
      denied: { port: await closedPort() },
      heartbeat,
    });
    expect(reading).toMatchObject(
      expected === 'fault'
        ? { kind: 'fault', fault: 'refused', evidence: { heartbeat: 'open', code: 'ECONNREFUSED' } }
        : { kind: 'blind', blind: 'local-resource' },
    );
  });

  test('a heartbeat on another address of the peer, of which nothing can be found: not alive', async () => {
    const heartbeat = { host: 'no-such..host', port: 1 };
    const settings = {
      allowed: { port: await closedPort() },
      denied: { port: await closedPort() },
      heartbeat,
    };
    expect(await run(settings)).toMatchObject({ kind: 'blind', blind: 'local-resource' });
  });

  test('a peer whose name cannot be found: fault resolve', async () => {
    const reading = await run({ host: 'no-such..host', allowed: { port: 1 }, denied: { port: 2 } });
    expect(reading).toMatchObject({ kind: 'fault', fault: 'resolve' });
  });

  test('an address that this machine refuses to send to: blind local-network', async () => {
    const reading = await run({ host: '224.0.0.1', allowed: { port: 1 }, denied: { port: 2 } });
    expect(reading).toMatchObject({ kind: 'blind', blind: 'local-network' });
  });

  test('a deadline before `wait`: fault timeout in the turn of the abort', async () => {
    const deadline = new AbortController();
    const settings = { allowed: { port: await openPort() }, denied: { port: await deafPort() }, wait: '10s' };
    const running = run(settings, deadline.signal);
    await pause(50);
    deadline.abort();
    expect(await running).toMatchObject({ kind: 'fault', fault: 'timeout' });
  });
});

describe('firewall: a greeting is wanted', () => {
  const GREETS: StreamScript = (socket) => socket.write('SSH-2.0-x\r\n');
  const looked = async (allowed: StreamScript, denied: StreamScript): Promise<Reading> => {
    const ports = [await talkingPort(allowed), await talkingPort(denied)].map((port) => ({ port }));
    return run({ allowed: ports[0], denied: ports[1], greeting: true });
  };

  test('a gateway takes the connection to the denied port for others: it is not open', async () => {
    const reading = await looked(GREETS, () => undefined);
    expect(reading).toMatchObject({ kind: 'answer', values: { allowed: 'open', denied: 'silent' } });
  });

  test('the denied port greets: it is open', async () => {
    expect(await looked(GREETS, GREETS)).toMatchObject({ kind: 'answer', values: { denied: 'open' } });
  });

  test.each([
    ['says nothing', () => undefined, 'timeout', 'in greeting'],
    ['is closed without a word', (socket) => socket.end(), 'reset', 'closed'],
    ['is reset', (socket) => socket.resetAndDestroy(), 'reset', 'ECONNRESET'],
  ] satisfies (readonly [string, StreamScript, string, string])[])(
    'the allowed port %s: a fault',
    async (_name, script, fault, told) => {
      const reading = await looked(script, () => undefined);
      expect(reading).toMatchObject({ kind: 'fault', fault });
      expect(reading.detail).toContain(told);
    },
  );
});

describe('firewall: settings', () => {
  test.each([
    ['one port for both', { denied: { port: 22 } }, 'denied.port'],
    ['no denied port', { denied: undefined }, 'denied'],
    ['a wait that lasts for ever', { wait: '1h' }, 'wait'],
  ])('%s is refused', (_name, settings, field) => {
    const { error } = kind.settings.safeParse({
      host,
      allowed: { port: 22 },
      denied: { port: 23 },
      ...settings,
    });
    expect(error?.issues.map(({ path }) => path.join('.'))).toEqual([field]);
  });
});
