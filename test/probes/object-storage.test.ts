import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { objectStorageProbe } from '../../probes/object-storage.ts';
import { systemClock } from '../../src/clock.ts';
import { LoopLag } from '../../src/schedule/loop-lag.ts';
import { probeContract } from '../contracts/probe.ts';
import { FakeClock } from '../fake-clock.ts';
import { selfSigned } from '../servers/certificate.ts';
import {
  type S3Request,
  type S3Script,
  type S3Server,
  type S3ServerOptions,
  startS3,
} from '../servers/s3.ts';
import {
  ACCOUNT,
  bucketOf,
  checked,
  type ProbedCheck,
  provenGates,
  s3Target,
  valuesOf,
} from './s3-probing.ts';

const SOON = { interval: 5, timeout: 5_000 };
const READS = ['get', 'head', 'list'];
let kind = objectStorageProbe();
const cleanups: (() => Promise<void>)[] = [];

beforeEach(() => {
  kind = objectStorageProbe();
});

afterEach(async () => {
  await kind.close();
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

async function serve(options?: S3ServerOptions): Promise<S3Server> {
  const server = await startS3(ACCOUNT, options);
  cleanups.push(() => server.close());
  return server;
}

function check(server: S3Server, settings: object = {}, secrets = {}): ProbedCheck {
  return checked(kind, { ...bucketOf(server.endpoint), ...settings }, secrets);
}

/** A script for one operation alone. */
function when(
  matches: (request: S3Request) => boolean,
  script: S3Script | ((request: S3Request) => S3Script),
): S3Server['script'] {
  return (request) => {
    if (!matches(request)) return undefined;
    return typeof script === 'function' ? script(request) : script;
  };
}

const isGet = ({ method, key }: S3Request): boolean => method === 'GET' && key !== '';
const isPut = ({ method }: S3Request): boolean => method === 'PUT';
const isList = ({ method, key }: S3Request): boolean => method === 'GET' && key === '';
const operationsOf = (server: S3Server): readonly string[] =>
  server.requests.map(({ method, key }) => (method === 'GET' && key === '' ? 'LIST' : method));

probeContract('object-storage', {
  make: () => objectStorageProbe(provenGates()),
  target: (mode) => s3Target(mode, {}),
  garbage: 'protocol',
  secrets: true,
});

describe('object-storage probe: the chain', () => {
  test('put, get, head, list, delete: in this order on one connection, nothing left behind', async () => {
    const server = await serve();
    const { run, judged } = check(server, { operations: ['delete', 'list', 'head', 'get', 'put'] });
    const reading = await run();
    expect(operationsOf(server).slice(0, 5)).toEqual(['PUT', 'GET', 'HEAD', 'LIST', 'DELETE']);
    expect(server.requests.slice(0, 5).map(({ body }) => body.length)).toEqual([4_096, 0, 0, 0, 0]);
    expect(server.requests[0]?.key).toMatch(/^vigie\/run-\d{13}-[0-9a-f]{32}$/);
    expect(server.objects.size).toBe(0);
    expect(judged(reading)).toMatchObject({ outcome: 'good' });
    expect(reading).toMatchObject({ evidence: { status: 204 } });
  });

  test('phases: connecting, then each operation; they add up to the latency, the slowest is told', async () => {
    const server = await serve();
    const reading = await check(server).run();
    if (reading.kind !== 'answer') throw new Error(reading.detail);
    const phases = reading.phases ?? {};
    expect(Object.keys(phases)).toEqual(['connect', 'put', 'get', 'head', 'list', 'delete']);
    expect(Object.values(phases).reduce((sum, ms) => sum + ms, 0)).toBeCloseTo(reading.latencyMs, 6);
    const { connect: _, ...operations } = phases;
    expect(valuesOf(reading)).toEqual({
      ...Object.fromEntries(Object.entries(operations).map(([name, ms]) => [`${name}Ms`, ms])),
      slowestMs: Math.max(...Object.values(operations)),
      bytes: 4_096,
      status: 204,
      errorCode: '',
      visible: true,
      contentMatches: true,
    });
  });

  test('keys and contents are new for every run', async () => {
    const server = await serve();
    const { run } = check(server, { operations: ['put', 'delete'], size: 100 });
    for (let i = 0; i < 3; i++) await run();
    const puts = server.requests.filter(isPut);
    expect(new Set(puts.map(({ key }) => key)).size).toBe(3);
    expect(new Set(puts.map(({ body }) => body.toString('hex'))).size).toBe(3);
  });

  test('connection: fresh ends with the run, reuse is kept for the next', async () => {
    const [fresh, reused] = [await serve(), await serve()];
    for (const [server, connection] of [
      [fresh, 'fresh'],
      [reused, 'reuse'],
    ] as const) {
      const { run } = check(server, { operations: READS, connection });
      for (let i = 0; i < 3; i++) expect((await run()).kind).toBe('answer');
    }
    expect([fresh.connections(), reused.connections()]).toEqual([3, 1]);
  });

  test('reads only: the standing object is put once, and from then on nothing is written', async () => {
    const server = await serve();
    const { run, judged } = check(server, { operations: READS });
    for (let i = 0; i < 3; i++) expect(judged(await run())).toMatchObject({ outcome: 'good' });
    expect(operationsOf(server)).toEqual([
      ...['GET', 'PUT', 'GET', 'HEAD', 'LIST'],
      ...['GET', 'HEAD', 'LIST', 'GET', 'HEAD', 'LIST'],
    ]);
    expect([...server.objects.keys()]).toEqual([expect.stringMatching(/^vigie\/standing-[0-9a-f]{64}$/)]);
  });

  test('reads only: an object that was there and is gone is stale once, then put again', async () => {
    const server = await serve();
    const { run, judged } = check(server, { operations: READS });
    await run();
    server.objects.clear();
    expect(judged(await run())).toMatchObject({ outcome: 'bad', cause: 'stale' });
    expect(judged(await run())).toMatchObject({ outcome: 'good' });
  });

  test('reads only: a standing object that cannot be put is an answer with its status', async () => {
    const server = await serve();
    server.script = when(isPut, { does: 'fail', status: 500, code: 'InternalError' });
    const { run, judged } = check(server, { operations: READS });
    expect(judged(await run())).toMatchObject({ outcome: 'bad', cause: 'status' });
  });
});

describe('object-storage probe: what an answer comes to', () => {
  const cases: readonly (readonly [string, S3Server['script'], object])[] = [
    [
      'a read of nothing after a put',
      when(isGet, { does: 'fail', status: 404, code: 'NoSuchKey' }),
      bad('stale'),
    ],
    ['a put that is forgotten', when(isPut, { does: 'forget' }), bad('stale')],
    [
      'a list without the object',
      when(isList, { does: 'answer', body: Buffer.from('<ListBucketResult></ListBucketResult>') }),
      bad('stale'),
    ],
    [
      'other bytes than were written',
      when(isGet, { does: 'answer', body: Buffer.alloc(4_096) }),
      bad('altered'),
    ],
    ['fewer bytes than were written', when(isGet, { does: 'answer', body: Buffer.alloc(9) }), bad('altered')],
    [
      'a head with another length',
      when(({ method }) => method === 'HEAD', { does: 'answer', body: Buffer.alloc(0), announced: 7 }),
      bad('altered'),
    ],
    ['SlowDown', fails(503, 'SlowDown'), excluded('throttled')],
    ['TooManyRequests', fails(429, 'TooManyRequests'), excluded('throttled')],
    ['429 without a code', fails(429, '', 'slow down'), excluded('throttled')],
    ['QuotaExceeded', fails(403, 'QuotaExceeded'), excluded('client-quota')],
    ['ServiceUnavailable', fails(503, 'ServiceUnavailable'), bad('status')],
    ['a bare 503', fails(503, '', '<html>503</html>'), bad('status')],
    ['InternalError', fails(500, 'InternalError'), bad('status')],
    ['NoSuchBucket', fails(404, 'NoSuchBucket'), bad('status')],
    ['a redirection', fails(307, 'TemporaryRedirect'), bad('status')],
    ['a 403 that is not of S3', fails(403, '', '<html>forbidden</html>'), bad('status')],
    ['AccessDenied', fails(403, 'AccessDenied'), absent('credentials')],
    ['RequestTimeTooSkewed', fails(403, 'RequestTimeTooSkewed'), absent('clock-skew')],
    ['a list that is none', when(isList, { does: 'answer', body: Buffer.from('{}') }), bad('protocol')],
    [
      'a read cut off',
      when(isGet, { does: 'answer', body: Buffer.alloc(99), announced: 4_096 }),
      bad('protocol'),
    ],
    [
      'a body of 100 MB',
      when(isGet, { does: 'drip', announced: 104_857_600, piece: Buffer.alloc(32_768), pauseMs: 1 }),
      bad('protocol'),
    ],
    ['a reset', when(isGet, { does: 'reset' }), bad('reset')],
  ];

  function bad(cause: string): object {
    return { outcome: 'bad', cause };
  }
  function excluded(cause: string): object {
    return { outcome: 'excluded', cause };
  }
  function absent(blind: string): object {
    return { outcome: 'absent', blind };
  }
  function fails(status: number, code: string, text?: string): S3Server['script'] {
    return () => ({ does: 'fail', status, code, ...(text === undefined ? {} : { text }) });
  }

  test.each(cases)('%s', async (_what, script, expected) => {
    const server = await serve();
    server.script = script;
    const { run, judged } = check(server);
    const reading = await run();
    expect(judged(reading)).toMatchObject(expected);
    expect(reading.detail).toMatch(/^(?:PUT|GET|HEAD) http:\/\/127\.0\.0\.1/);
  });

  test('after a read that went wrong the object is still deleted', async () => {
    const server = await serve();
    server.script = when(isGet, { does: 'fail', status: 500, code: 'InternalError' });
    const reading = await check(server).run();
    expect(operationsOf(server)).toEqual(['PUT', 'GET', 'DELETE']);
    expect(server.objects.size).toBe(0);
    expect(reading).toMatchObject({
      values: { status: 500, errorCode: 'InternalError' },
      evidence: { status: 500, errorCode: 'InternalError', 'x-amz-request-id': 'tx1' },
    });
  });

  test.each([
    ['199.999 ms: good', 199.999, { outcome: 'good' }],
    ['200 ms: bad, slow', 200, { outcome: 'bad', cause: 'slow' }],
  ])('slowestMs: %s (SLA6)', async (_what, ms, expected) => {
    const server = await serve();
    const clock = new FakeClock(Date.now());
    server.script = async (request) => {
      if (isGet(request)) await clock.advance(ms);
      return undefined;
    };
    const { run, judged } = check(server, { operations: ['put', 'get', 'delete'] });
    const reading = await run(clock);
    expect(valuesOf(reading)).toMatchObject({
      getMs: expect.closeTo(ms, 6),
      slowestMs: expect.closeTo(ms, 6),
    });
    expect(judged(reading)).toMatchObject(expected);
  });

  test('what may be our own lateness is told of each operation by itself, and of the slowest', async () => {
    const server = await serve();
    const clock = new FakeClock(Date.now());
    const lag = new LoopLag(clock);
    server.script = async (request) => {
      if (request.method === 'PUT') await clock.stall(50);
      if (isGet(request)) await clock.advance(203);
      return undefined;
    };
    lag.start();
    const reading = await check(server, { operations: ['put', 'get', 'delete'] }).run(clock, undefined, lag);
    lag.stop();
    expect(valuesOf(reading)).toMatchObject({ putMs: 50, getMs: expect.closeTo(203, 6) });
    expect(reading).toMatchObject({ ownMs: { putMs: 40, getMs: 0, deleteMs: 0, slowestMs: 0 } });
  });

  test('slowestMs: an operation counts to the last byte of its answer', async () => {
    const server = await serve();
    const clock = new FakeClock(Date.now());
    server.script = when(isGet, ({ key }) => {
      const object = server.objects.get(key) ?? Buffer.alloc(0);
      setTimeout(() => void clock.advance(250), 30);
      return { does: 'drip', announced: object.length, piece: object.subarray(0, 2_048), pauseMs: 60 };
    });
    const reading = await check(server).run(clock);
    expect(valuesOf(reading)).toMatchObject({ getMs: 250, contentMatches: false });
  });
});

describe('object-storage probe: keys and clock', () => {
  test.each([
    ['another secret', {}, { SECRET_KEY: 'wrong' }, 'SignatureDoesNotMatch'],
    ['an unknown access key', { accessKey: 'AKNOBODY' }, {}, 'InvalidAccessKeyId'],
  ])('%s: blind, and after three nothing more is signed with it', async (_what, settings, secrets, code) => {
    const server = await serve();
    const { run, judged } = check(server, settings, secrets);
    for (let i = 0; i < 3; i++) {
      const reading = await run();
      expect(judged(reading)).toMatchObject({ outcome: 'absent', blind: 'credentials' });
      expect(reading.detail).toContain(code);
    }
    const stopped = await run();
    expect(stopped).toMatchObject({ kind: 'blind', blind: 'credentials' });
    expect(stopped.detail).toContain(`NOTHING IS SIGNED any more with this access key`);
    expect(server.requests).toHaveLength(3);
    expect(await check(server).run()).toMatchObject({ kind: 'answer' });
  });

  test('the count is shared by the checks of one key, and an answer begins it anew', async () => {
    const server = await serve();
    const [one, other] = [check(server), check(server, { operations: READS })];
    let refused = true;
    server.script = () =>
      refused ? { does: 'fail', status: 403, code: 'SignatureDoesNotMatch' } : undefined;
    await one.run();
    await one.run();
    refused = false;
    expect(await one.run()).toMatchObject({ kind: 'answer' });
    refused = true;
    await one.run();
    await other.run();
    await one.run();
    const before = server.requests.length;
    expect(await other.run()).toMatchObject({ kind: 'blind', blind: 'credentials' });
    expect(server.requests).toHaveLength(before);
  });

  test('another region: blind, and not counted against the key', async () => {
    const server = await serve();
    const { run, judged } = check(server, { region: 'us-east-1' });
    for (let i = 0; i < 5; i++)
      expect(judged(await run())).toMatchObject({ outcome: 'absent', blind: 'credentials' });
    expect(await check(server).run()).toMatchObject({ kind: 'answer' });
  });

  test('a head that is forbidden: blind, and not counted against the key, for it does not say why', async () => {
    const server = await serve();
    server.script = when(({ method }) => method === 'HEAD', { does: 'fail', status: 403 });
    const { run } = check(server, { operations: ['head'] });
    for (let i = 0; i < 5; i++) expect(await run()).toMatchObject({ kind: 'blind', blind: 'credentials' });
    expect(await check(server, { operations: ['get'] }).run()).toMatchObject({ kind: 'answer' });
  });

  test('a clock that is off: blind clock-skew, however often', async () => {
    const server = await serve();
    server.skewMs = 3_600_000;
    const { run, judged } = check(server);
    for (let i = 0; i < 5; i++)
      expect(judged(await run())).toMatchObject({ outcome: 'absent', blind: 'clock-skew' });
    expect(server.requests).toHaveLength(5);
  });

  test('tls: a certificate of another name is a tls fault', async () => {
    const nowMs = Date.now();
    const tls = selfSigned({ names: ['other.example.org'], fromMs: nowMs - 1e8, toMs: nowMs + 1e8 });
    const server = await serve({ tls });
    const wrong = check(server, { tls: { ca: tls.cert } });
    expect(wrong.judged(await wrong.run())).toMatchObject({ outcome: 'bad', cause: 'tls' });
    const named = check(server, { tls: { ca: tls.cert, serverName: 'other.example.org' } });
    expect(await named.run()).toMatchObject({ kind: 'answer', phases: { tls: expect.any(Number) } });
  });
});

describe('object-storage probe: the sweep', () => {
  const HOUR_MS = 3_600_000;
  const runKey = (ageMs: number, random = 'a'.repeat(32)): string =>
    `vigie/run-${Date.now() - ageMs}-${random}`;

  test('deletes leftovers of the own pattern above their age, and nothing else', async () => {
    const server = await serve();
    const kept = [
      runKey(0.9 * HOUR_MS),
      `vigie/run-${Date.now() - 2 * HOUR_MS}-mine.txt`,
      `vigie/run-old/${'b'.repeat(32)}`,
      'vigie/notes',
      `other/run-${Date.now() - 2 * HOUR_MS}-${'a'.repeat(32)}`,
    ];
    for (const key of [...kept, runKey(1.1 * HOUR_MS), runKey(48 * HOUR_MS)])
      server.objects.set(key, Buffer.alloc(1));
    expect((await check(server).run()).kind).toBe('answer');
    await expect.poll(() => server.objects.size, SOON).toBe(kept.length);
    expect([...server.objects.keys()].sort()).toEqual([...kept].sort());
  });

  test('is bounded: twenty a sweep, the rest after the next run', async () => {
    const server = await serve();
    for (let i = 0; i < 30; i++)
      server.objects.set(runKey(2 * HOUR_MS, `${i + 10}`.repeat(16)), Buffer.alloc(1));
    const { run } = check(server);
    await run();
    await expect.poll(() => server.objects.size, SOON).toBe(10);
    await run();
    await expect.poll(() => server.objects.size, SOON).toBe(0);
  });

  test('ends with the next run, and neither delays nor fails a run', async () => {
    const server = await serve();
    const isSweep = ({ url }: S3Request): boolean => url.searchParams.get('max-keys') === '100';
    const sweeps = (): number => server.requests.filter(isSweep).length;
    server.script = when(isSweep, { does: 'silence' });
    const { run, judged } = check(server);
    expect(judged(await run())).toMatchObject({ outcome: 'good' });
    await expect.poll(sweeps, SOON).toBe(1);
    for (let i = 0; i < 2; i++) expect(judged(await run())).toMatchObject({ outcome: 'good' });
    expect(sweeps()).toBe(1);
    await expect.poll(() => server.open(), SOON).toBe(0);
  });

  test('does not begin where the service has just asked for less', async () => {
    const server = await serve();
    server.script = when(isGet, { does: 'fail', status: 503, code: 'SlowDown' });
    const { run } = check(server);
    for (let i = 0; i < 3; i++) await run();
    await pause(50);
    expect(operationsOf(server)).toEqual(['PUT', 'GET', 'PUT', 'GET', 'PUT', 'GET']);
  });

  test('a run cut short leaves its object to the sweep', async () => {
    const server = await serve();
    const deadline = new AbortController();
    server.script = (request) => {
      if (!isGet(request)) return undefined;
      deadline.abort();
      return { does: 'silence' };
    };
    const { run } = check(server);
    expect(await run(systemClock, deadline.signal)).toMatchObject({ kind: 'fault', fault: 'timeout' });
    expect(server.objects.size).toBe(1);
    server.script = () => undefined;
    const later = new FakeClock(Date.now() + 2 * HOUR_MS);
    server.skewMs = 2 * HOUR_MS;
    await run(later);
    await expect.poll(() => server.objects.size, SOON).toBe(0);
  });
});

describe('object-storage probe: settings', () => {
  const fine = bucketOf('https://oos.example.org');
  test.each([
    ['an endpoint with a path', { endpoint: 'https://oos.example.org/x' }],
    ['a secret key written out', { secretKey: 'SECRET' }],
    ['put without delete', { operations: ['put', 'get'] }],
    ['delete without put', { operations: ['get', 'delete'] }],
    ['an operation twice', { operations: ['get', 'get'] }],
    ['a prefix without its slash', { prefix: 'vigie' }],
    ['a prefix that leaves its place', { prefix: 'a/../' }],
    ['no prefix', { prefix: '' }],
    ['leftovers too young', { leftoverAge: '10s' }],
    ['a bucket in front of an address', { endpoint: 'http://127.0.0.1', addressing: 'virtual' }],
    ['tls without https', { endpoint: 'http://oos.example.org', tls: {} }],
  ])('%s is refused', (_what, wrong) => {
    expect(kind.settings.safeParse(fine).success).toBe(true);
    expect(kind.settings.safeParse({ ...fine, ...wrong }).success).toBe(false);
  });
});
