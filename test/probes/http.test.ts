import type { Socket } from 'node:net';
import { networkInterfaces } from 'node:os';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterEach, describe, expect, test } from 'vitest';
import { httpProbe, type HttpSettings } from '../../probes/http.ts';
import { systemClock, systemRandom } from '../../src/clock.ts';
import type { Clock } from '../../src/core/clock.ts';
import { classify } from '../../src/core/expectation.ts';
import type { ConfiguredProbe } from '../../src/core/probe.ts';
import type { Reading } from '../../src/core/reading.ts';
import { Secret } from '../../src/core/secret.ts';
import { type ProbeTarget, probeContract, SECRET_MARKER, type TargetMode } from '../contracts/probe.ts';
import { selfSigned } from '../servers/certificate.ts';
import {
  answer,
  bytes,
  bytesThenEnd,
  closedPort,
  drip,
  endless,
  type HttpScript,
  type HttpServer,
  type HttpServerOptions,
  reset,
  silence,
  startDeafPort,
  startHttpServer,
} from '../servers/http.ts';

const hasIpv6 = Object.values(networkInterfaces()).some((addresses) =>
  addresses?.some(({ address }) => address === '::1'),
);
const DAY_MS = 86_400_000;
const SOON = { interval: 2, timeout: 5_000 };
const kind = httpProbe();
const cleanups: (() => Promise<void>)[] = [];

afterEach(async () => {
  await kind.close();
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

async function serve(script: HttpScript, options?: HttpServerOptions): Promise<HttpServer> {
  const server = await startHttpServer(script, options);
  cleanups.push(() => server.close());
  return server;
}

type Settings = Readonly<Record<string, unknown>>;

function parse(settings: Settings): HttpSettings {
  const parsed = kind.settings.parse(settings);
  for (const header of Object.values(parsed.headers))
    if (header instanceof Secret) header.resolve(() => SECRET_MARKER);
  return parsed;
}

const configure = (settings: Settings): ConfiguredProbe => kind.configure(parse(settings));

const never = (): AbortSignal => new AbortController().signal;

function run(probe: ConfiguredProbe, signal = never(), clock: Clock = systemClock): Promise<Reading> {
  return probe.run({ signal, clock, random: systemRandom });
}

const runOnce = (settings: Settings): Promise<Reading> => run(configure(settings));

function valuesOf(reading: Reading): Readonly<Record<string, unknown>> {
  expect(reading).toMatchObject({ kind: 'answer' });
  return reading.kind === 'answer' ? (reading.values ?? {}) : {};
}

function certificate(
  fromDays: number,
  toDays: number,
  names: readonly string[] = ['127.0.0.1', 'localhost'],
) {
  const nowMs = Date.now();
  return selfSigned({ names, fromMs: nowMs + fromDays * DAY_MS, toMs: nowMs + toDays * DAY_MS });
}

async function contractTarget(mode: TargetMode): Promise<ProbeTarget> {
  const headers = { authorization: { env: 'TOKEN' } };
  const extract = { echo: { body: '.*' }, id: { header: 'x-request-id' } };
  if (mode === 'refused') {
    const url = `http://127.0.0.1:${await closedPort()}/`;
    return { settings: { url, headers, extract }, received: () => 0, close: async () => undefined };
  }
  const echo: HttpScript = (socket, request) => {
    const token = /^authorization: (.*)$/im.exec(request)?.[1] ?? '';
    answer(200, `you said ${token}`, { 'x-request-id': token })(socket, request);
  };
  const scripts = { answers: echo, silent: silence, garbage: bytes('220 mail.example.org ESMTP\r\n') };
  const server = await startHttpServer(scripts[mode]);
  return {
    settings: { url: `${server.origin}/`, headers, extract },
    received: () => server.received(),
    close: () => server.close(),
  };
}

probeContract('http', { make: httpProbe, target: contractTarget, garbage: 'protocol', secrets: true });

describe('http probe: the request', () => {
  test('is sent as configured, on a connection that ends with it', async () => {
    const server = await serve(answer(200));
    const settings = {
      url: `${server.origin}/api/v1/ReadRegions?x=1`,
      method: 'POST',
      headers: { 'Content-Type': 'application/json', Authorization: { env: 'TOKEN' } },
      body: '{}',
    };
    expect(valuesOf(await runOnce(settings))['status']).toBe(200);
    const [head, body] = (server.requests[0] ?? '').split('\r\n\r\n');
    expect(head?.split('\r\n')).toEqual([
      'POST /api/v1/ReadRegions?x=1 HTTP/1.1',
      `host: 127.0.0.1:${server.port}`,
      'connection: close',
      'user-agent: vigie',
      'accept: */*',
      'Content-Type: application/json',
      `Authorization: ${SECRET_MARKER}`,
      'content-length: 2',
    ]);
    expect(body).toBe('{}');
  });

  test('a configured header stands instead of the default of the same name', async () => {
    const server = await serve(answer(200));
    await runOnce({ url: server.origin, headers: { 'User-Agent': 'mine' } });
    expect(server.requests[0]?.match(/user-agent: .*/gi)).toEqual(['User-Agent: mine']);
  });

  test('fresh: every run has a connection of its own, and none is left', async () => {
    const server = await serve(answer(200));
    const probe = configure({ url: server.origin });
    for (let i = 0; i < 3; i++) expect(await run(probe)).toMatchObject({ kind: 'answer' });
    expect(server.connections()).toBe(3);
    await expect.poll(() => server.open(), SOON).toBe(0);
  });

  test('reuse: one connection carries the runs; only the first has a connect phase', async () => {
    const server = await serve(answer(200));
    const probe = configure({ url: server.origin, connection: 'reuse' });
    const first = await run(probe);
    const second = await run(probe);
    expect(server.connections()).toBe(1);
    expect(first).toMatchObject({ phases: { connect: expect.any(Number), ttfb: expect.any(Number) } });
    expect(second).toMatchObject({ kind: 'answer', values: { address: '127.0.0.1', httpVersion: '1.1' } });
    expect(second).not.toHaveProperty('phases.connect');
  });

  test('reuse: a kept connection that the server has closed is replaced without a fault', async () => {
    const server = await serve((socket, request) => {
      answer(200)(socket, request);
      socket.end();
    });
    const probe = configure({ url: server.origin, connection: 'reuse' });
    for (let i = 1; i <= 3; i++) {
      expect(await run(probe)).toMatchObject({ kind: 'answer' });
      await expect.poll(() => server.open(), SOON).toBe(0);
      expect(server.connections()).toBe(i);
    }
  });

  test('a redirection is an answer, not followed', async () => {
    const server = await serve(answer(302, '', { location: '/elsewhere' }));
    expect(valuesOf(await runOnce({ url: server.origin }))['status']).toBe(302);
    expect(server.requests).toHaveLength(1);
  });
});

describe('http probe: the reading', () => {
  test('phases follow each other and add up to the latency', async () => {
    const server = await serve(drip(['HTTP/1.1 200 OK\r\n', 'content-length: 4\r\n\r\nab', 'cd'], 20));
    const reading = await runOnce({ url: `http://localhost:${server.port}/`, ipVersion: 4 });
    if (reading.kind !== 'answer') throw new Error(reading.detail);
    expect(Object.keys(reading.phases ?? {})).toEqual(['resolve', 'connect', 'ttfb', 'transfer']);
    const sum = Object.values(reading.phases ?? {}).reduce((total, ms) => total + ms, 0);
    expect(sum).toBeCloseTo(reading.latencyMs, 6);
    expect(reading.phases?.['ttfb']).toBeGreaterThanOrEqual(19);
    expect(reading.phases?.['transfer']).toBeGreaterThanOrEqual(38);
    expect(reading.values).toEqual({ status: 200, bodyBytes: 4, address: '127.0.0.1', httpVersion: '1.1' });
  });

  test('phases: nothing is resolved for an address', async () => {
    const server = await serve(answer(200));
    const reading = await runOnce({ url: server.origin });
    expect(reading.kind === 'answer' && Object.keys(reading.phases ?? {})).toEqual([
      'connect',
      'ttfb',
      'transfer',
    ]);
  });

  test('TLS: a phase, a version and the days that the certificate has left', async () => {
    const tls = certificate(-1, 5.5);
    const server = await serve(answer(200), { tls });
    const reading = await runOnce({ url: server.origin, tls: { ca: tls.cert } });
    expect(reading).toMatchObject({ kind: 'answer', phases: { tls: expect.any(Number) } });
    expect(valuesOf(reading)).toMatchObject({ certificateDaysLeft: 5, tlsVersion: 'TLSv1.3' });
    const specs = kind.values(parse({ url: server.origin }));
    const unmet = classify(reading, { certificateDaysLeft: { atLeast: 14 } }, specs);
    expect(unmet).toMatchObject({ outcome: 'bad', cause: 'certificate' });
  });

  test('TLS: serverName is looked for in the certificate instead of the host', async () => {
    const tls = certificate(-1, 5, ['api.example.org']);
    const server = await serve(answer(200), { tls });
    const named = { ca: tls.cert, serverName: 'api.example.org' };
    expect(await runOnce({ url: server.origin, tls: named })).toMatchObject({ kind: 'answer' });
  });

  test('TLS: without verify an ended certificate is an answer with negative days', async () => {
    const server = await serve(answer(200), { tls: certificate(-10, -2.5) });
    const reading = await runOnce({ url: server.origin, tls: { verify: false } });
    expect(valuesOf(reading)).toMatchObject({ certificateDaysLeft: -3 });
  });

  test.skipIf(!hasIpv6)('ipVersion: a name is looked up in the family asked for (needs ::1)', async () => {
    const server = await serve(answer(200), { host: '::1' });
    const direct = await runOnce({ url: server.origin, ipVersion: 6 });
    expect(valuesOf(direct)).toMatchObject({ address: '::1' });
    const wrongFamily = await runOnce({ url: `http://localhost:${server.port}/`, ipVersion: 4 });
    expect(wrongFamily).toMatchObject({ kind: 'fault', fault: 'refused' });
  });

  test('httpVersion: an answer in 1.0 says so, even when its first bytes come one by one', async () => {
    const pieces = [...Array.from('HTTP/1.0'), ' 200 OK\r\n\r\nbody'];
    const server = await serve(drip(pieces, 1, (socket) => socket.end()));
    expect(valuesOf(await runOnce({ url: server.origin }))).toMatchObject({
      httpVersion: '1.0',
      bodyBytes: 4,
    });
  });

  test('an informational answer before the final one is not the answer', async () => {
    const server = await serve((socket, request) => {
      socket.write('HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n');
      answer(200, 'ok')(socket, request);
    });
    expect(valuesOf(await runOnce({ url: server.origin }))).toMatchObject({ status: 200, bodyBytes: 2 });
  });

  test('evidence: the status and the request ids, cut to a bounded length', async () => {
    const headers = { 'x-amz-request-id': 'r'.repeat(500), 'x-request-id': 'abc', 'set-cookie': 'no=1' };
    const server = await serve(answer(503, 'down', headers));
    const reading = await runOnce({ url: server.origin });
    expect(reading).toMatchObject({ kind: 'answer', values: { status: 503 } });
    expect(reading.kind === 'answer' && reading.evidence).toEqual({
      status: 503,
      'x-request-id': 'abc',
      'x-amz-request-id': 'r'.repeat(128),
    });
    const classified = classify(reading, kind.defaults, kind.values(parse({ url: server.origin })));
    expect(classified).toMatchObject({ outcome: 'bad', cause: 'status' });
  });
});

describe('http probe: faults', () => {
  const CHUNKED = 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n';
  const cases: readonly (readonly [string, HttpScript, string])[] = [
    [
      'a body shorter than announced',
      bytesThenEnd('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nab'),
      'protocol',
    ],
    [
      'a body shorter than announced on a connection to be closed',
      bytesThenEnd('HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 9\r\n\r\nab'),
      'protocol',
    ],
    ['a chunk cut off', bytesThenEnd(`${CHUNKED}9\r\nab`), 'protocol'],
    ['a chunk of no length', bytesThenEnd(`${CHUNKED}zz\r\nab\r\n`), 'protocol'],
    ['a head cut off', bytesThenEnd('HTTP/1.1 200 OK\r\ncontent-le'), 'protocol'],
    ['two lengths', bytes('HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nab'), 'protocol'],
    ['no HTTP', bytes('SSH-2.0-OpenSSH_9.2\r\n'), 'protocol'],
    [
      'an upgrade that nobody asked for',
      bytes('HTTP/1.1 101 Switching\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n'),
      'protocol',
    ],
    ['headers without end', endless('HTTP/1.1 200 OK\r\n', `x-more: ${'x'.repeat(1_000)}\r\n`), 'protocol'],
    ['a body without end', endless('HTTP/1.1 200 OK\r\n\r\n', 'x'.repeat(65_536)), 'protocol'],
    ['the end of the connection without an answer', (socket) => socket.end(), 'reset'],
    ['a reset', reset, 'reset'],
  ];

  test.each(cases)('%s', async (_what, script, fault) => {
    const server = await serve(script);
    const reading = await runOnce({ url: `${server.origin}/path?key=topsecret` });
    expect(reading).toMatchObject({ kind: 'fault', fault, evidence: { address: '127.0.0.1' } });
    expect(reading.detail).toContain(`GET ${server.origin}/path: `);
    expect(reading.detail).not.toContain('topsecret');
    await expect.poll(() => server.open(), SOON).toBe(0);
  });

  test('maxBody: a body of exactly the limit is read, one byte more is a protocol fault', async () => {
    const server = await serve(answer(200, 'x'.repeat(1_000)));
    expect(await runOnce({ url: server.origin, maxBody: 1_000 })).toMatchObject({ kind: 'answer' });
    const over = await runOnce({ url: server.origin, maxBody: 999 });
    expect(over).toMatchObject({ kind: 'fault', fault: 'protocol' });
    expect(over.detail).toContain('body larger than the limit in transfer');
  });

  test('a name that does not exist is a resolve fault', async () => {
    const reading = await runOnce({ url: `http://${'a'.repeat(64)}.localhost/` });
    expect(reading).toMatchObject({ kind: 'fault', fault: 'resolve' });
    expect(reading.detail).toContain('ENOTFOUND in resolve');
  });

  test.each([
    ['an ended certificate', -10, -2, ['127.0.0.1'], 'CERT_HAS_EXPIRED'],
    ['a certificate that has not begun', 2, 10, ['127.0.0.1'], 'CERT_NOT_YET_VALID'],
    ['a certificate of another name', -1, 10, ['other.example.org'], 'ERR_TLS_CERT_ALTNAME_INVALID'],
  ] as const)('%s is a tls fault that names it', async (_what, from, to, names, code) => {
    const tls = certificate(from, to, names);
    const server = await serve(answer(200), { tls });
    const reading = await runOnce({ url: server.origin, tls: { ca: tls.cert } });
    expect(reading).toMatchObject({ kind: 'fault', fault: 'tls' });
    expect(reading.detail).toContain(`${code} in tls`);
    expect(server.requests).toEqual([]);
  });

  test('a certificate of nobody known is a tls fault', async () => {
    const server = await serve(answer(200), { tls: certificate(-1, 10) });
    expect(await runOnce({ url: server.origin })).toMatchObject({ kind: 'fault', fault: 'tls' });
  });

  test('a server that does not speak TLS where it should is a tls fault', async () => {
    const server = await serve(silence, { greeting: '220 mail.example.org ESMTP\r\n' });
    const reading = await runOnce({ url: `https://127.0.0.1:${server.port}/` });
    expect(reading).toMatchObject({ kind: 'fault', fault: 'tls' });
  });
});

describe('http probe: the deadline', () => {
  const steady = (): { readonly clock: Clock; readonly pass: (ms: number) => void } => {
    let passed = 0;
    return {
      clock: { ...systemClock, monotonicMs: () => passed },
      pass: (ms) => {
        passed += ms;
      },
    };
  };

  async function aborted(url: string, arrived: () => Promise<unknown>): Promise<Reading> {
    const { clock, pass } = steady();
    const deadline = new AbortController();
    const running = run(configure({ url }), deadline.signal, clock);
    await arrived();
    pass(3_000);
    deadline.abort();
    const reading = await Promise.race([running, nextTurn()]);
    if (!reading) throw new Error('did not resolve within the turn');
    expect(reading).toMatchObject({ kind: 'fault', fault: 'timeout' });
    return reading;
  }

  test('in connect: named in the detail, and the connection is not tried on', async () => {
    const deaf = await startDeafPort();
    cleanups.push(() => deaf.close());
    const reading = await aborted(`http://127.0.0.1:${deaf.port}/`, () => pauseTurns(50));
    expect(reading.detail).toContain('timeout in connect after 3000 ms');
  });

  test('in tls', async () => {
    const server = await serve(silence);
    const url = `https://127.0.0.1:${server.port}/`;
    const reading = await aborted(url, () => expect.poll(() => server.received(), SOON).toBe(2));
    expect(reading.detail).toContain('timeout in tls after 3000 ms');
    await expect.poll(() => server.open(), SOON).toBe(0);
  });

  test('in ttfb', async () => {
    const server = await serve(silence);
    const reading = await aborted(server.origin, () =>
      expect.poll(() => server.requests.length, SOON).toBe(1),
    );
    expect(reading).toMatchObject({ latencyMs: 3_000, phases: { ttfb: 3_000 } });
    expect(reading.detail).toContain('timeout in ttfb after 3000 ms');
    await expect.poll(() => server.open(), SOON).toBe(0);
  });

  test('in transfer: a body that drips is cut off', async () => {
    const server = await serve(
      drip(['HTTP/1.1 200 OK\r\n\r\n', ...Array.from({ length: 1_000 }, () => 'x')], 5),
    );
    let received = false;
    const reading = await aborted(server.origin, async () => {
      await expect.poll(() => server.requests.length, SOON).toBe(1);
      await new Promise((resolve) => setTimeout(resolve, 40));
      received = true;
    });
    expect(received).toBe(true);
    expect(reading.detail).toContain('timeout in transfer after 3000 ms');
    await expect.poll(() => server.open(), SOON).toBe(0);
  });

  test('an abort of one run leaves the others of the same probe alone', async () => {
    const held: Socket[] = [];
    const server = await serve((socket) => held.push(socket));
    const probe = configure({ url: server.origin });
    const deadline = new AbortController();
    const running = [run(probe, deadline.signal), run(probe)];
    await expect.poll(() => held.length, SOON).toBe(2);
    deadline.abort();
    for (const socket of held) answer(200)(socket, '');
    expect((await Promise.all(running)).map((reading) => reading.kind)).toEqual(['fault', 'answer']);
  });

  test('close: a run in flight ends as skipped, a kept connection is closed', async () => {
    const server = await serve((socket, request) => {
      if (request.startsWith('GET /kept')) answer(200)(socket, request);
    });
    const kept = configure({ url: `${server.origin}/kept`, connection: 'reuse' });
    await run(kept);
    const running = runOnce({ url: server.origin });
    await expect.poll(() => server.requests.length, SOON).toBe(2);
    await kind.close();
    expect(await running).toMatchObject({ kind: 'blind', blind: 'skipped' });
    await expect.poll(() => server.open(), SOON).toBe(0);
  });
});

describe('http probe: extract', () => {
  const BODY = JSON.stringify({
    Regions: [
      { RegionName: 'eu-west-2', Count: 3, Up: true, Note: null },
      { RegionName: 'cloudgouv-eu-west-1', Count: 4, Up: false },
    ],
  });

  test.each([
    ['a header, whatever its case', { header: 'X-Load' }, '0.5'],
    ['a header that comes twice', { header: 'Set-Cookie' }, 'a=1, b=2'],
    ['a header as a number', { header: 'x-load', as: 'number' }, 0.5],
    ['the first group of a match', { body: '"Count":(\\d+)', as: 'number' }, 3],
    ['the whole match', { body: 'eu-west-\\d' }, 'eu-west-2'],
    ['a node of JSON', { json: '$.Regions[1].RegionName' }, 'cloudgouv-eu-west-1'],
    ['a filter of JSONPath', { json: '$.Regions[?@.Count > 3].RegionName' }, 'cloudgouv-eu-west-1'],
    ['a number of JSON', { json: '$.Regions[0].Count', as: 'number' }, 3],
    ['a truth of JSON', { json: '$.Regions[1].Up', as: 'boolean' }, false],
    ['nothing of JSON, as text', { json: '$.Regions[0].Note' }, 'null'],
    [
      'an object, as its JSON',
      { json: '$.Regions[1]' },
      '{"RegionName":"cloudgouv-eu-west-1","Count":4,"Up":false}',
    ],
    ['all nodes', { json: '$..RegionName', as: 'list' }, ['eu-west-2', 'cloudgouv-eu-west-1']],
    ['no nodes', { json: '$..Nothing', as: 'list' }, []],
    ['a header that is not there', { header: 'x-none' }, undefined],
    ['no match', { body: 'us-east' }, undefined],
    ['no node', { json: '$.Regions[7].RegionName' }, undefined],
    ['a text that is no number', { json: '$.Regions[0].RegionName', as: 'number' }, undefined],
    ['a text that is no truth', { header: 'x-load', as: 'boolean' }, undefined],
  ])('%s', async (_what, rule, expected) => {
    const server = await serve(
      answer(200, BODY, { 'x-load': '0.5', 'set-cookie': 'a=1\r\nset-cookie: b=2' }),
    );
    const settings = { url: server.origin, extract: { found: rule } };
    const reading = await runOnce(settings);
    expect(valuesOf(reading)['found']).toEqual(expected);
    const unmet = classify(reading, { found: { is: 'something else' } }, kind.values(parse(settings)));
    expect(unmet).toMatchObject({ outcome: 'bad', cause: 'content' });
  });

  test.each([
    ['a body that is not JSON', '{"a":'],
    ['a body nested too deep', '['.repeat(100_000) + ']'.repeat(100_000)],
  ])('%s has no node', async (_what, body) => {
    const server = await serve(answer(200, body));
    const reading = await runOnce({ url: server.origin, extract: { found: { json: '$..a' } } });
    expect(valuesOf(reading)).not.toHaveProperty('found');
  });
});

describe('http probe: settings', () => {
  test.each([
    ['url', { url: 'ftp://x/' }, 'expected an http:// or https:// address'],
    ['url', { url: 'http://user:pw@x/' }, 'without user, password'],
    ['url', { url: '/path' }, 'expected an http:// or https:// address'],
    ['headers.Content-Length', { headers: { 'Content-Length': '1' } }, 'expected a header other than'],
    ['headers.a b', { headers: { 'a b': '1' } }, 'expected a header name'],
    ['headers.x', { headers: { x: 'a\r\nb: c' } }, 'expected a text of one line'],
    ['ipVersion', { ipVersion: 5 }, 'expected 4, 6 or any'],
    ['ipVersion', { url: 'http://127.0.0.1/', ipVersion: 6 }, 'expected 4'],
    ['tls', { tls: { verify: false } }, 'only with an https:// address'],
    ['tls.ca', { url: 'https://x/', tls: { ca: '/etc/ca.pem' } }, 'expected certificates in PEM'],
    ['tls.serverName', { url: 'https://x/', tls: { serverName: '10.0.0.1' } }, 'expected a host name'],
    ['extract.status', { extract: { status: { header: 'x' } } }, 'expected a name other than'],
    ['extract.a.json', { extract: { a: { json: '$[' } } }, 'expected a JSONPath'],
    ['extract.a.body', { extract: { a: { body: '(' } } }, 'expected a regular expression'],
  ])('%s: %o is refused', (path, settings, message) => {
    const { error } = kind.settings.safeParse({ url: 'http://x/', ...settings });
    const issues = (error?.issues ?? []).flatMap(flatten);
    expect(issues).toContainEqual([path, expect.stringContaining(message)]);
  });

  test('values of TLS are there only with https, extracted ones by their name', () => {
    expect(Object.keys(kind.values(parse({ url: 'http://x/' })))).not.toContain('certificateDaysLeft');
    const specs = kind.values(parse({ url: 'https://x/', extract: { n: { header: 'n', as: 'number' } } }));
    expect(specs).toMatchObject({
      certificateDaysLeft: { cause: 'certificate' },
      n: { type: 'number', cause: 'content' },
    });
  });

  test('tls.ca that cannot be read, and a secret of several lines, are refused before the first run', () => {
    const broken = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----';
    const trusting = kind.settings.parse({ url: 'https://x/', tls: { ca: { file: 'ca.pem' } } });
    if (trusting.tls?.ca instanceof Secret) trusting.tls.ca.resolve(() => broken);
    expect(() => kind.configure(trusting)).toThrow('expected certificates in PEM');
    const settings = kind.settings.parse({ url: 'http://x/', headers: { cookie: { env: 'COOKIE' } } });
    const cookie = settings.headers['cookie'];
    if (cookie instanceof Secret) cookie.resolve(() => 'a\r\nx: y');
    expect(() => kind.configure(settings)).toThrow('header cookie');
  });

  test('identity: method, address, body and header names tell requests apart; values of headers do not', () => {
    const identity = (settings: Settings): string =>
      configure({ url: 'http://x/a?k=1', ...settings }).identity;
    const one = identity({ headers: { Accept: 'a' } });
    expect(identity({ headers: { accept: 'b' } })).toBe(one);
    expect(one).not.toContain('k=1');
    const others = [
      { url: 'http://x/a?k=2' },
      { method: 'HEAD' },
      { body: 'x' },
      { headers: { accept: 'a', dnt: '1' } },
    ].map((settings) => identity({ headers: { accept: 'a' }, ...settings }));
    expect(new Set([one, ...others]).size).toBe(5);
  });
});

interface Issue {
  readonly path: readonly PropertyKey[];
  readonly message: string;
  readonly errors?: readonly (readonly Issue[])[];
  readonly issues?: readonly Issue[];
}

/** The path and message of an issue, and of those within it (of the parts of a union, of a key). */
function flatten(issue: Issue): readonly (readonly [string, string])[] {
  const inner = [...(issue.errors ?? []).flat(), ...(issue.issues ?? [])].map((part) => ({
    ...part,
    path: [...issue.path, ...part.path],
  }));
  return [[issue.path.join('.'), issue.message] as const, ...inner.flatMap(flatten)];
}

/** Lets the loop turn for about so many milliseconds. */
async function pauseTurns(ms: number): Promise<void> {
  const untilMs = performance.now() + ms;
  while (performance.now() < untilMs) await nextTurn();
}
