import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, describe, expect, test } from 'vitest';
import { latencyProbe } from '../../probes/latency.ts';
import { decodeStampReply, decodeStampRequest, encodeStampReply } from '../../probes/wire/stamp.ts';
import type { StampReply } from '../../probes/wire/stamp.ts';
import { systemClock, systemRandom } from '../../src/clock.ts';
import { classify } from '../../src/core/expectation.ts';
import type { Reading, Value } from '../../src/core/reading.ts';
import { probeContract, SECRET_MARKER } from '../contracts/probe.ts';
import type { ProbeTarget, TargetMode } from '../contracts/probe.ts';
import { parse } from '../contracts/probing.ts';
import { closedPort, startDeafPort } from '../servers/http.ts';
import { reflected, startScriptedReflector } from '../servers/reflector.ts';
import type { Reflecting, ScriptedReflector } from '../servers/reflector.ts';
import { startStreamServer } from '../servers/tcp.ts';

const kind = latencyProbe();
const cleanups: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const cleanUp of cleanups.splice(0)) await cleanUp();
});

const KEY = Buffer.from(SECRET_MARKER);
const QUICK = { spacing: '10ms' };

async function serve(script: (reflecting: Reflecting) => void = reflected, key?: Uint8Array) {
  const server = await startScriptedReflector(script, { key });
  cleanups.push(() => server.close());
  return server;
}

/** A run; aborted after so many milliseconds, if told to. */
async function probed(settings: object, untilMs?: number): Promise<Reading> {
  const deadline = new AbortController();
  const running = kind
    .configure(parse(kind, { ...QUICK, ...settings }))
    .run({ signal: deadline.signal, clock: systemClock, random: systemRandom });
  if (untilMs !== undefined) {
    await pause(untilMs);
    deadline.abort();
  }
  return running;
}

function of({ host, port }: ScriptedReflector, settings: object = {}): object {
  return { host, port, ...settings };
}

function valuesOf(reading: Reading): Readonly<Record<string, Value>> {
  if (reading.kind !== 'answer') throw new Error(reading.detail);
  return reading.values ?? {};
}

/** A good reply with some of its fields changed. */
function altered(reply: Uint8Array | undefined, fields: Partial<StampReply>): Uint8Array {
  const fieldsNow = reply && decodeStampReply(reply);
  if (!fieldsNow) throw new Error('no reply');
  return encodeStampReply({ ...fieldsNow, ...fields });
}

async function target(mode: TargetMode): Promise<ProbeTarget> {
  const scripts: Readonly<Record<TargetMode, (reflecting: Reflecting) => void>> = {
    answers: reflected,
    silent: () => undefined,
    refused: () => undefined,
    garbage: ({ send }) => send(Buffer.from(`${SECRET_MARKER} is no reply${'!'.repeat(100)}`)),
  };
  const server = await startScriptedReflector(scripts[mode], { key: KEY });
  const { host, port, requests } = server;
  if (mode === 'refused') await server.close();
  return {
    settings: { host, port, roundTrips: 3, spacing: '10ms', key: { env: 'ANY' } },
    received: () => requests.length,
    close: () => (mode === 'refused' ? Promise.resolve() : server.close()),
  };
}

probeContract('latency', { make: latencyProbe, target, garbage: 'timeout', secrets: true });

describe('latency over UDP (STAMP, RFC 8762)', () => {
  test('20 round trips by default, each with its own sequence number, from 0, and an unforeseeable timestamp', async () => {
    const server = await serve();
    expect(valuesOf(await probed(of(server)))).toMatchObject({
      sent: 20,
      received: 20,
      lossRatio: 0,
      address: '127.0.0.1',
    });
    const requests = server.requests.map((each) => decodeStampRequest(each));
    expect(requests.map((each) => each?.sequence)).toEqual(Array.from({ length: 20 }, (_, n) => n));
    expect(new Set(requests.map((each) => (each?.timestamp ?? 0n) & 0x3f_ffffn)).size).toBe(20);
    expect(server.requests.every(({ length }) => length === 44)).toBe(true);
  });

  test('minMs, p50Ms, p99Ms, maxMs are of the round trips; the latency is the smallest', async () => {
    const server = await serve(({ number, reply, send }) => {
      if (reply) setTimeout(send, 20 + 20 * ((number * 3) % 5), reply);
    });
    const reading = await probed(of(server, { roundTrips: 5 }));
    const { minMs, p50Ms, p99Ms, maxMs } = valuesOf(reading);
    // 20, 40, 60, 80 and 100 ms, and whatever a busy machine adds.
    expect(Number(minMs)).toBeGreaterThanOrEqual(19);
    expect(Number(minMs)).toBeLessThan(Number(p50Ms));
    expect(Number(p50Ms)).toBeGreaterThanOrEqual(59);
    expect(Number(p50Ms)).toBeLessThan(Number(p99Ms));
    expect(Number(p99Ms)).toBeGreaterThanOrEqual(99);
    expect(maxMs).toBe(p99Ms);
    expect(reading.kind === 'answer' && reading.latencyMs).toBeCloseTo(Number(minMs), 2);
  });

  test('what does not come back within 500 ms of the last is lost, and the rest counts', async () => {
    const server = await serve((each) => (each.number % 4 === 0 ? undefined : reflected(each)));
    const startedMs = performance.now();
    const reading = await probed(of(server, { roundTrips: 8 }));
    expect(performance.now() - startedMs).toBeLessThan(900);
    expect(valuesOf(reading)).toMatchObject({ sent: 8, received: 6, lossRatio: 0.25 });
  });

  test('nothing comes back: fault timeout, with what was sent', async () => {
    const server = await serve(() => undefined);
    const reading = await probed(of(server, { roundTrips: 3 }), 150);
    expect(reading).toMatchObject({ kind: 'fault', fault: 'timeout', evidence: { sent: 3, received: 0 } });
    expect(reading.detail).toBe(`127.0.0.1:${server.port}: timeout waiting for one of 3 to come back`);
  });

  test('the reflector goes away in between: an answer with what came back', async () => {
    const server = await serve(({ number, ...each }) => {
      reflected({ number, ...each });
      if (number === 2) void server.close();
    });
    cleanups.splice(0);
    const reading = await probed(of(server));
    const { sent, received } = valuesOf(reading);
    expect(Number(received)).toBeLessThanOrEqual(3);
    expect(Number(sent)).toBeLessThan(20);
  });

  const WRONG: readonly (readonly [string, (each: Reflecting) => Uint8Array])[] = [
    ['of another sequence number', ({ reply }) => withSender(reply, { sequence: 7_777 })],
    ['of another timestamp', ({ reply }) => withSender(reply, { timestamp: 1n })],
    ['that is the request sent back', ({ datagram }) => datagram],
    ['that is cut', ({ reply }) => (reply ?? new Uint8Array()).subarray(0, 43)],
  ];

  function withSender(reply: Uint8Array | undefined, fields: Partial<StampReply['sender']>): Uint8Array {
    const { sender } = decodeStampReply(reply ?? new Uint8Array()) ?? {};
    if (!sender) throw new Error('no reply');
    return altered(reply, { sender: { ...sender, ...fields } });
  }

  test.each(WRONG)('a reply %s is not counted', async (_name, wrong) => {
    const server = await serve((each) => each.send(wrong(each)));
    const reading = await probed(of(server, { roundTrips: 2 }), 100);
    expect(reading).toMatchObject({ kind: 'fault', fault: 'timeout' });
    expect(reading.detail).toContain('ignored: 2');
  });

  test('a reply that comes twice counts once', async () => {
    const server = await serve((each) => {
      reflected(each);
      reflected(each);
    });
    expect(valuesOf(await probed(of(server, { roundTrips: 4 })))).toMatchObject({ sent: 4, received: 4 });
  });

  test.each([
    ['taken off', 30n, 0, 20],
    ['not believed when it is longer than the round trip', 500n, 30, 60],
    ['not believed when it is negative', -30n, 30, 60],
  ])('the time that the reflector held a packet is %s', async (_name, heldMs, atLeast, below) => {
    const server = await serve(({ reply, send }) => {
      const { receive = 0n } = (reply && decodeStampReply(reply)) ?? {};
      const timestamp = receive + (heldMs << 32n) / 1_000n;
      setTimeout(send, 31, altered(reply, { timestamp }));
    });
    const { minMs } = valuesOf(await probed(of(server, { roundTrips: 3 })));
    expect(Number(minMs)).toBeGreaterThanOrEqual(atLeast);
    expect(Number(minMs)).toBeLessThan(below);
  });

  test('with a key: packets of 112 bytes; a reply without the right HMAC is not counted', async () => {
    const settings = { roundTrips: 2, key: { env: 'ANY' } };
    const good = await serve(reflected, KEY);
    expect(valuesOf(await probed(of(good, settings)))).toMatchObject({ received: 2 });
    expect(good.requests.every(({ length }) => length === 112)).toBe(true);
    const forging = await serve(({ reply, send }) => {
      const forged = Buffer.from(reply ?? new Uint8Array());
      forged[111] = (forged[111] ?? 0) ^ 1;
      send(forged);
    }, KEY);
    expect(await probed(of(forging, settings), 100)).toMatchObject({ kind: 'fault', fault: 'timeout' });
  });
});

describe('latency over TCP', () => {
  const TCP = { transport: 'tcp', roundTrips: 5 };

  test('connects as often as told, one round trip each, and ends every connection', async () => {
    const server = await startStreamServer(() => undefined);
    cleanups.push(() => server.close());
    const reading = await probed({ ...TCP, host: server.address, port: server.port });
    expect(valuesOf(reading)).toMatchObject({ sent: 5, received: 5, lossRatio: 0 });
    await expect.poll(() => [server.received(), server.open()]).toEqual([5, 0]);
  });

  test('nothing listens: fault refused at the first', async () => {
    const reading = await probed({ ...TCP, host: '127.0.0.1', port: await closedPort() });
    expect(reading).toMatchObject({ kind: 'fault', fault: 'refused', evidence: { sent: 1 } });
  });

  test('nobody answers: fault timeout', async () => {
    const deaf = await startDeafPort();
    cleanups.push(() => deaf.close());
    const reading = await probed({ ...TCP, host: '127.0.0.1', port: deaf.port }, 150);
    expect(reading).toMatchObject({ kind: 'fault', fault: 'timeout', evidence: { sent: 5 } });
  });
});

describe('latency: our own lateness', () => {
  const LATE = { worstSince: () => 3, waitedMs: () => 5 };

  test.each(['udp', 'tcp'])(
    '%s: what is shown when a reply is read may be ours, of every figure',
    async (transport) => {
      const server = transport === 'udp' ? await serve(after31Ms) : undefined;
      const stream = transport === 'tcp' ? await startStreamServer(() => undefined) : undefined;
      if (stream) cleanups.push(() => stream.close());
      const port = server?.port ?? stream?.port;
      const settings = parse(kind, { ...QUICK, transport, host: '127.0.0.1', port, roundTrips: 3 });
      const context = { signal: new AbortController().signal, clock: systemClock, random: systemRandom };
      const reading = await kind.configure(settings).run({ ...context, lag: LATE });
      const { minMs } = valuesOf(reading);
      const own = (reading.kind === 'answer' && reading.ownMs) || {};
      expect(Object.keys(own).toSorted()).toEqual(['latency', 'maxMs', 'minMs', 'p50Ms', 'p99Ms']);
      expect(own['minMs']).toBeGreaterThanOrEqual(Math.min(4.9, Number(minMs)));
      expect(own['minMs']).toBeLessThanOrEqual(Number(minMs));
      expect(own['latency']).toBe(own['minMs']);
    },
  );
});

function after31Ms({ reply, send }: Reflecting): void {
  if (reply) setTimeout(send, 31, reply);
}

describe('latency: settings', () => {
  test.each([
    ['tcp without a port', { transport: 'tcp' }, 'port'],
    ['tcp with a key', { transport: 'tcp', port: 1, key: { env: 'ANY' } }, 'key'],
    ['a key that is written down', { key: 'secret' }, 'key'],
    ['no round trip', { roundTrips: 0 }, 'roundTrips'],
    ['a flood', { spacing: '9ms' }, 'spacing'],
  ])('%s is refused', (_name, settings, field) => {
    const { error } = kind.settings.safeParse({ host: '127.0.0.1', ...settings });
    expect(error?.issues.map(({ path }) => path.join('.'))).toEqual([field]);
  });

  test('SLA2: a minimum of 10 ms is within the bound, 10.001 ms is slow', () => {
    const specs = kind.values(parse(kind, { host: '127.0.0.1' }));
    const outcome = (minMs: number) =>
      classify({ kind: 'answer', latencyMs: minMs, values: { minMs } }, { minMs: { atMost: 10 } }, specs);
    expect(outcome(10)).toMatchObject({ outcome: 'good' });
    expect(outcome(10.001)).toMatchObject({ outcome: 'bad', cause: 'slow' });
  });
});
