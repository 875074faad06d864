import { createSocket } from 'node:dgram';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { ntpProbe } from '../../probes/ntp.ts';
import { encodePacket, NTP_MODE } from '../../probes/wire/ntp.ts';
import type { NtpPacket } from '../../probes/wire/ntp.ts';
import { systemClock, systemRandom } from '../../src/clock.ts';
import type { Clock } from '../../src/core/clock.ts';
import { classify } from '../../src/core/expectation.ts';
import type { Expectations } from '../../src/core/expectation.ts';
import type { LagMeter } from '../../src/core/lag-meter.ts';
import type { Reading } from '../../src/core/reading.ts';
import { probeContract } from '../contracts/probe.ts';
import type { ProbeTarget, TargetMode } from '../contracts/probe.ts';
import { referenceIdOf, startNtpServer } from '../servers/ntp.ts';
import type { NtpScript, NtpServer } from '../servers/ntp.ts';

const cleanups: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const cleanUp of cleanups.splice(0).reverse()) await cleanUp();
});

async function serverOf(script?: NtpScript, aheadMs = 0): Promise<NtpServer> {
  const server = await startNtpServer(script, { aheadMs });
  cleanups.push(() => server.close());
  return server;
}

interface Running {
  readonly signal?: AbortSignal;
  readonly clock?: Clock;
  readonly lag?: LagMeter;
}

async function probed(
  { host, port }: { readonly host: string; readonly port: number },
  settings: object = {},
  { signal = AbortSignal.timeout(5_000), clock = systemClock, lag }: Running = {},
): Promise<Reading> {
  const kind = ntpProbe();
  const parsed = kind.settings.parse({ server: host, port, spacing: '50ms', ...settings });
  const reading = await kind.configure(parsed).run({ signal, clock, random: systemRandom, lag });
  await kind.close();
  return reading;
}

function judged(reading: Reading, expectations: Expectations = {}): unknown {
  const kind = ntpProbe();
  const settings = kind.settings.parse({ server: 'any' });
  const { outcome, ...rest } = classify(
    reading,
    { ...kind.defaults, ...expectations },
    kind.values(settings),
  );
  return 'cause' in rest ? `${outcome} ${rest.cause}` : outcome;
}

function valuesOf(reading: Reading): Readonly<Record<string, unknown>> {
  return reading.kind === 'answer' ? (reading.values ?? {}) : {};
}

async function target(mode: TargetMode): Promise<ProbeTarget> {
  const scripts: Readonly<Record<TargetMode, NtpScript>> = {
    answers: (_, { reply }) => reply(),
    silent: () => undefined,
    refused: () => undefined,
    garbage: (_, { raw }) =>
      raw(Buffer.from('SSH-2.0-OpenSSH_9.2 is not what was asked for, nor is it NTP at all')),
  };
  const { host, port, requests, close } = await startNtpServer(scripts[mode]);
  if (mode === 'refused') await close();
  return {
    settings: { server: host, port, spacing: '50ms' },
    received: () => requests.length,
    close: mode === 'refused' ? () => Promise.resolve() : close,
  };
}

probeContract('ntp', { make: ntpProbe, target, garbage: 'timeout', secrets: false });

describe('ntp: a server that answers', () => {
  it('reports what the server says of itself', async () => {
    const reading = await probed(await serverOf());
    expect(valuesOf(reading)).toMatchObject({
      synchronised: true,
      stratum: 2,
      leap: 'none',
      rootDelayMs: 15.625,
      rootDispersionMs: 31.25,
      referenceId: '192.0.2.1',
      exchanges: 4,
      address: '127.0.0.1',
    });
    expect(judged(reading)).toBe('good');
  });

  it('tells how much of the delay and of the latency may be our own lateness', async () => {
    const late = { worstSince: () => 3, waitedMs: () => 5 };
    const slow: NtpScript = (_, { reply }) => void setTimeout(reply, 40);
    const reading = await probed(await serverOf(slow), {}, { lag: late });
    if (reading.kind !== 'answer') throw new Error(reading.detail);
    const { delayMs = 0, latency = 0 } = reading.ownMs ?? {};
    // Values are told in microseconds.
    expect(latency).toBeGreaterThan(4.999);
    expect(latency).toBeLessThan(reading.latencyMs + 0.001);
    expect(delayMs).toBeLessThan(Number(reading.values?.['delayMs']) + 0.001);
    expect(await probed(await serverOf())).not.toHaveProperty('ownMs');
  });

  it('sends as many requests as exchanges, `spacing` apart, each with a cookie of its own and nothing else', async () => {
    const server = await serverOf();
    const startedMs = performance.now();
    await probed(server, { exchanges: 3, spacing: '60ms' });
    expect(performance.now() - startedMs).toBeGreaterThanOrEqual(120);
    expect(server.requests).toHaveLength(3);
    expect(new Set(server.requests.map(({ packet }) => packet.transmit)).size).toBe(3);
    for (const { bytes } of server.requests) {
      expect(bytes.subarray(0, 40).toString('hex')).toBe(`23${'00'.repeat(39)}`);
    }
  });

  it.each([0, 123.4, -250, 3_600_000, -86_400_000])(
    'measures an offset of %d ms within 5 ms',
    async (aheadMs) => {
      const { offsetMs, offsetAbsMs } = valuesOf(await probed(await serverOf(undefined, aheadMs)));
      expect(Math.abs(Number(offsetMs) - aheadMs)).toBeLessThan(5);
      expect(offsetAbsMs).toBe(Math.abs(Number(offsetMs)));
    },
  );

  it('believes the exchange with the smallest delay', async () => {
    const way = 40n << 22n;
    const server = await serverOf(({ number, receive }, { reply }) => {
      // As if all of the 40 ms had been spent on the way here: an error of the offset of 20 ms.
      const onTheWay = { receive: receive + way, transmit: receive + way };
      if (number === 1) reply({ stratum: 4 });
      else setTimeout(reply, 40, onTheWay);
    });
    const reading = await probed(server);
    expect(reading.kind === 'answer' && reading.latencyMs).toBeLessThan(40);
    expect(valuesOf(reading)).toMatchObject({ exchanges: 4, stratum: 4 });
    expect(valuesOf(reading)['offsetAbsMs']).toBeLessThan(10);
  });

  it('takes the time spent in the server off the delay', async () => {
    const server = await serverOf((_, { reply }) => void setTimeout(reply, 60));
    const reading = await probed(server, { exchanges: 1 });
    expect(reading.kind === 'answer' && reading.latencyMs).toBeGreaterThanOrEqual(59);
    expect(Number(valuesOf(reading)['delayMs'])).toBeLessThan(40);
  });

  it('makes an expectation of the offset that does not hold bad with cause offset', async () => {
    const reading = await probed(await serverOf(undefined, 500));
    expect(judged(reading, { offsetAbsMs: { below: 100 } })).toBe('bad offset');
    expect(judged(reading, { offsetMs: { above: 400 } })).toBe('good');
  });
});

describe('ntp: a name or an address', () => {
  it('of IPv6 is asked over IPv6', async () => {
    const server = await startNtpServer(undefined, { host: '::1' });
    cleanups.push(() => server.close());
    expect(valuesOf(await probed(server, { ipVersion: 6 }))).toMatchObject({ address: '::1', exchanges: 4 });
  });

  it('by name is resolved, and that is a phase', async () => {
    const server = await serverOf();
    const reading = await probed({ ...server, host: 'localhost' }, { ipVersion: 4 });
    expect(reading).toMatchObject({ kind: 'answer', phases: { resolve: expect.any(Number) } });
  });

  it('that cannot be resolved is fault resolve', async () => {
    const reading = await probed({ host: `${'x'.repeat(64)}.test`, port: 123 });
    expect(reading).toMatchObject({ kind: 'fault', fault: 'resolve' });
  });
});

describe('ntp: a server without time (bad unsynchronised)', () => {
  const past = 0xeb00000000000000n;
  it.each<readonly [string, Partial<NtpPacket>]>([
    ['leap indicator 3 and stratum 0, as chrony and ntpsec say it', { leap: 3, stratum: 0, referenceId: 0 }],
    [
      'stratum 0 with leap indicator 0, as chrony below stratum 15 says it',
      { stratum: 0, referenceId: 0x01000000 },
    ],
    ['stratum 16', { stratum: 16 }],
    ['leap indicator 3 alone', { leap: 3 }],
    ['kiss code INIT', { leap: 3, stratum: 0, referenceId: referenceIdOf('INIT') }],
    ['a root dispersion of 16 s', { rootDelayMs: 0, rootDispersionMs: 16_000 }],
    ['a root delay of 32 s', { rootDelayMs: 32_000 }],
    ['no receive timestamp', { receive: 0n }],
    ['no timestamp at all', { receive: 0n, transmit: 0n }],
    ['no transmit timestamp', { transmit: 0n }],
    [
      'a transmit timestamp of long after the receive timestamp',
      { receive: past, transmit: past + (60n << 32n) },
    ],
    ['a transmit timestamp of before the receive timestamp', { receive: past, transmit: past - (1n << 32n) }],
  ])('%s', async (_, fields) => {
    const reading = await probed(await serverOf((_, { reply }) => reply(fields)), { exchanges: 2 });
    expect(judged(reading)).toBe('bad unsynchronised');
  });

  it('stratum 15 and a root distance just below 16 s is still synchronised', async () => {
    const server = await serverOf((_, { reply }) => reply({ stratum: 15, rootDispersionMs: 15_900 }));
    expect(judged(await probed(server))).toBe('good');
  });

  it('in one exchange only does not matter: the other is believed, however slow', async () => {
    const server = await serverOf(({ number }, { reply }) => {
      if (number === 0) reply({ leap: 3, stratum: 0 });
      else setTimeout(reply, 30);
    });
    expect(judged(await probed(server, { exchanges: 2 }))).toBe('good');
  });
});

describe("ntp: kiss-o'-death (RFC 5905 §7.4)", () => {
  const kiss = (code: string): Partial<NtpPacket> => ({
    leap: 3,
    stratum: 0,
    referenceId: referenceIdOf(code),
  });

  it.each([
    ['RATE', 'excluded throttled'],
    ['DENY', 'excluded locked'],
    ['RSTR', 'excluded locked'],
  ])('%s is %s, and nothing more is sent', async (code, outcome) => {
    const server = await serverOf((_, { reply }) => reply(kiss(code)));
    const reading = await probed(server);
    expect(judged(reading)).toBe(outcome);
    expect(reading).toMatchObject({ evidence: { kiss: code }, detail: expect.stringContaining(code) });
    expect(server.requests).toHaveLength(1);
  });

  it('RATE to the second request ends the run, and the first answer counts', async () => {
    const server = await serverOf(({ number }, { reply }) => reply(number === 0 ? {} : kiss('RATE')));
    const reading = await probed(server);
    expect(judged(reading)).toBe('good');
    expect(reading).toMatchObject({ values: { exchanges: 1 }, evidence: { kiss: 'RATE' } });
    expect(server.requests).toHaveLength(2);
  });

  it('a server of stratum 2 whose source is 82.65.84.69 does not say RATE', async () => {
    const server = await serverOf((_, { reply }) => reply({ referenceId: referenceIdOf('RATE') }));
    const reading = await probed(server);
    expect(judged(reading)).toBe('good');
    expect(valuesOf(reading)).toMatchObject({ exchanges: 4, referenceId: '82.65.84.69' });
  });

  it('with the cookie of another request is ignored', async () => {
    const server = await serverOf(({ number }, { reply }) => {
      reply({ ...kiss('DENY'), origin: 1n });
      if (number === 0) reply();
    });
    expect(judged(await probed(server, { exchanges: 1 }))).toBe('good');
  });
});

describe('ntp: replies that are not to be believed are ignored, and waiting goes on', () => {
  it.each<readonly [string, NtpScript]>([
    ['of another transaction', ({ packet }, { reply }) => reply({ origin: packet.transmit ^ 1n })],
    ['with an origin of zero', (_, { reply }) => reply({ origin: 0n })],
    ['the request itself, sent back', ({ bytes }, { raw }) => raw(bytes)],
    ['of mode broadcast', (_, { reply }) => reply({ mode: 5 })],
    ['of mode client with our cookie', (_, { reply }) => reply({ mode: NTP_MODE.client })],
    ['of version 0', (_, { reply }) => reply({ version: 0 })],
    ['of version 5', (_, { reply }) => reply({ version: 5 })],
    ['empty', (_, { raw }) => raw(new Uint8Array(0))],
    ['truncated by a byte', ({ packet }, { raw }) => raw(good({ origin: packet.transmit }).subarray(0, 47))],
  ])('%s', async (_, script) => {
    const server = await serverOf((request, answering) => {
      script(request, answering);
      setTimeout(() => answering.reply({ stratum: 7 }), 20);
    });
    expect(valuesOf(await probed(server, { exchanges: 1 }))).toMatchObject({ stratum: 7, exchanges: 1 });
  });

  it('from another port', async () => {
    const server = await serverOf(({ packet, from }, { reply }) => {
      const forger = createSocket('udp4').on('close', () => reply({ stratum: 7 }));
      forger.send(good({ origin: packet.transmit, stratum: 1 }), from.port, from.address, () =>
        forger.close(),
      );
    });
    expect(valuesOf(await probed(server, { exchanges: 1 }))).toMatchObject({ stratum: 7 });
  });

  it('twice the same: counted once', async () => {
    const server = await serverOf((_, { reply }) => {
      reply();
      reply({ stratum: 9 });
    });
    expect(valuesOf(await probed(server, { exchanges: 2 }))).toMatchObject({ exchanges: 2, stratum: 2 });
  });

  it('oversized: the header counts, what follows it is not looked at', async () => {
    const server = await serverOf(({ packet }, { raw }) =>
      raw(Buffer.concat([good({ origin: packet.transmit }), Buffer.alloc(60_000, 0xff)])),
    );
    expect(valuesOf(await probed(server, { exchanges: 1 }))).toMatchObject({ exchanges: 1, stratum: 2 });
  });
});

/** A reply whose times are those of its request's arrival at a server that answers at once. */
function good(fields: Partial<NtpPacket>): Uint8Array {
  const receive = 0xeb00000000000000n;
  return encodePacket({
    leap: 0,
    version: 4,
    mode: NTP_MODE.server,
    stratum: 2,
    poll: 0,
    precision: -20,
    rootDelayMs: 0,
    rootDispersionMs: 0,
    referenceId: 1,
    reference: 0n,
    origin: 0n,
    receive,
    transmit: receive,
    ...fields,
  });
}

describe('ntp: exchanges that are lost', () => {
  it('some: an answer of the others, soon after the last request', async () => {
    const server = await serverOf(({ number }, { reply }) => {
      if (number === 2) reply();
    });
    const startedMs = performance.now();
    const reading = await probed(server);
    expect(performance.now() - startedMs).toBeLessThan(1_200);
    expect(judged(reading)).toBe('good');
    expect(judged(reading, { exchanges: { atLeast: 3 } })).toBe('bad lost');
    expect(server.requests).toHaveLength(4);
  });

  it('none, but all late: waits for the first, however long after the last request', async () => {
    const hurried: Clock = {
      ...systemClock,
      after: (delayMs, fire) => systemClock.after(delayMs / 10, fire),
    };
    const server = await serverOf((_, { reply }) => void setTimeout(reply, 150));
    const reading = await probed(server, { exchanges: 3 }, { clock: hurried });
    expect(valuesOf(reading)).toMatchObject({ exchanges: 3 });
  });

  it('all, to a closed port: refused at once, without the requests to come', async () => {
    const server = await startNtpServer();
    await server.close();
    const startedMs = performance.now();
    expect(await probed(server, { spacing: '1s' })).toMatchObject({
      fault: 'refused',
      evidence: { sent: 1 },
    });
    expect(performance.now() - startedMs).toBeLessThan(500);
  });

  it('all: waits for the deadline, and tells what it ignored', async () => {
    const server = await serverOf((_, { reply }) => reply({ origin: 5n }));
    const reading = await probed(server, {}, { signal: AbortSignal.timeout(400) });
    expect(reading).toMatchObject({ kind: 'fault', fault: 'timeout', evidence: { sent: 4 } });
    expect(reading.detail).toContain('ignored: 4');
  });

  it('the deadline between two requests keeps what was answered', async () => {
    const server = await serverOf();
    const reading = await probed(server, { spacing: '1s' }, { signal: AbortSignal.timeout(200) });
    expect(valuesOf(reading)).toMatchObject({ exchanges: 1 });
    await pause(50);
    expect(server.requests).toHaveLength(1);
  });

  it('a port that closes after the first answer: the answer counts', async () => {
    const server = await startNtpServer((_, { reply }) => {
      reply();
      setTimeout(() => void server.close(), 10);
    });
    expect(judged(await probed(server))).toBe('good');
  });
});

describe('ntp: our own clock', () => {
  it('stepped during the run: blind clock-skew', async () => {
    let stepMs = 0;
    const stepping: Clock = { ...systemClock, wallMs: () => systemClock.wallMs() + stepMs };
    const server = await serverOf((_, { reply }) => {
      stepMs = 40;
      reply();
    });
    expect(await probed(server, {}, { clock: stepping })).toMatchObject({
      kind: 'blind',
      blind: 'clock-skew',
    });
  });
});

describe('ntp: settings', () => {
  const { settings } = ntpProbe();

  it('ask port 123 four times, 200 ms apart', () => {
    expect(settings.parse({ server: 'ntp1.example' })).toEqual({
      server: 'ntp1.example',
      port: 123,
      ipVersion: 'any',
      exchanges: 4,
      spacing: 200,
    });
  });

  it.each([
    [{ server: 'a b' }, 'expected a host name or an IP address'],
    [{ server: '' }, 'expected a host name or an IP address'],
    [{ server: 'x', spacing: '10ms' }, 'expected a duration from 50ms to 4s'],
    [{ server: 'x', spacing: 200 }, 'expected a duration from 50ms to 4s'],
    [{ server: 'x', ipVersion: 5 }, 'expected 4, 6 or any'],
    [{ server: '::1', ipVersion: 4 }, 'expected 6: the address is one of IPv6'],
  ])('%j: %s', (input, message) => {
    expect(settings.safeParse(input).error?.issues.map((issue) => issue.message)).toEqual([message]);
  });

  it.each([0, 9, 1.5])('exchanges of %d are refused', (exchanges) => {
    expect(settings.safeParse({ server: 'x', exchanges }).success).toBe(false);
  });
});
