import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { sentinelSet } from '../../probes/lib/s3-sentinels.ts';
import { objectDurabilityProbe } from '../../probes/object-durability.ts';
import { probeContract } from '../contracts/probe.ts';
import { FakeClock } from '../fake-clock.ts';
import { type S3Server, startS3 } from '../servers/s3.ts';
import {
  ACCOUNT,
  bucketOf,
  checked,
  type ProbedCheck,
  provenGates,
  s3Target,
  valuesOf,
} from './s3-probing.ts';

const COUNT = 7;
const DAY_MS = 86_400_000;
let kind = objectDurabilityProbe();
const cleanups: (() => Promise<void>)[] = [];

beforeEach(() => {
  kind = objectDurabilityProbe();
});

afterEach(async () => {
  await kind.close();
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

async function serve(): Promise<S3Server> {
  const server = await startS3(ACCOUNT);
  cleanups.push(() => server.close());
  return server;
}

const IN_AN_HOUR = new Date(Date.now() + 3_600_000).toISOString();
const AN_HOUR_AGO = new Date(Date.now() - 3_600_000).toISOString();

/** A check as a process that has just started has it. */
function check(
  server: S3Server,
  createUntil = AN_HOUR_AGO,
  settings: object = {},
  secrets = {},
): ProbedCheck {
  const all = {
    ...bucketOf(server.endpoint),
    seed: { env: 'SEED' },
    sentinels: COUNT,
    size: 64,
    createUntil,
    ...settings,
  };
  return checked(kind, all, secrets);
}

/** A service that holds a whole set, written by a check of its own. */
async function withSet(): Promise<S3Server> {
  const server = await serve();
  const { run } = check(server, IN_AN_HOUR);
  for (let i = 0; i < 2; i++) expect(await run()).toMatchObject({ kind: 'answer' });
  expect(server.objects.size).toBe(COUNT + 1);
  return server;
}

const puts = (server: S3Server): number => server.requests.filter(({ method }) => method === 'PUT').length;

function keyOf(server: S3Server, wanted: string): string {
  const key = [...server.objects.keys()].find((each) => each.includes(wanted));
  if (key === undefined) throw new Error(`no ${wanted}`);
  return key;
}

const nameOf = (key: string): string => key.split('/').at(-1)?.slice(0, 21) ?? '';

probeContract('object-durability', {
  make: () => objectDurabilityProbe(provenGates()),
  target: (mode) =>
    s3Target(mode, { seed: { env: 'SEED' }, sentinels: 2, createUntil: '2999-01-01T00:00:00Z' }),
  garbage: 'protocol',
  secrets: true,
});

describe('object-durability probe: the set is written once', () => {
  test('a few sentinels a run and the manifest last; keys carry index, instant and SHA-256', async () => {
    const server = await serve();
    const { run, judged } = check(server, IN_AN_HOUR);
    const first = await run();
    expect(valuesOf(first)).toMatchObject({ sentinels: 5, lostCount: 0, alteredCount: 0 });
    expect(first.detail).toBe('writing the set: 5 of 7 sentinels are there');
    expect(judged(first)).toMatchObject({ outcome: 'good' });
    expect([...server.objects.keys()].some((key) => key.endsWith('manifest'))).toBe(false);
    expect(valuesOf(await run())).toMatchObject({ sentinels: COUNT });
    expect(server.objects.has(keyOf(server, 'manifest'))).toBe(true);
    const sentinels = [...server.objects].filter(([key]) => !key.endsWith('manifest'));
    sentinels.sort(([a], [b]) => (a < b ? -1 : 1));
    expect(sentinels).toHaveLength(COUNT);
    for (const [index, [key, content]] of sentinels.entries()) {
      const [number, , digest] = key.split('/').at(-1)?.split('-') ?? [];
      expect([Number(number), content.length]).toEqual([index, 64]);
      expect(digest).toBe(createHash('sha256').update(content).digest('hex'));
    }
  });

  test('a set half written is gone on with by another process, without writing anything twice', async () => {
    const server = await serve();
    await check(server, IN_AN_HOUR).run();
    await check(server, IN_AN_HOUR).run();
    expect(puts(server)).toBe(COUNT + 1);
  });

  test('several that write at once agree in the end on one of each', async () => {
    const server = await serve();
    const vantages = [check(server, IN_AN_HOUR), check(server, IN_AN_HOUR), check(server, IN_AN_HOUR)];
    for (let i = 0; i < 3; i++) await Promise.all(vantages.map(({ run }) => run()));
    for (let i = 0; i < 2 * COUNT; i++)
      for (const { run, judged } of vantages) {
        const reading = await run();
        expect(judged(reading)).toMatchObject({ outcome: 'good' });
        expect(valuesOf(reading)).toMatchObject({ sentinels: COUNT });
      }
  });

  test.each([
    ['a put that fails', 'PUT', 500, 'InternalError', { outcome: 'bad', cause: 'status' }],
    ['a put that is throttled', 'PUT', 503, 'SlowDown', { outcome: 'excluded', cause: 'throttled' }],
    ['a put that is not allowed', 'PUT', 403, 'AccessDenied', { outcome: 'absent', blind: 'credentials' }],
    ['a bucket that is not there', 'GET', 404, 'NoSuchBucket', { outcome: 'bad', cause: 'status' }],
  ])('%s: no manifest, no loss', async (_what, method, status, code, expected) => {
    const server = await serve();
    server.script = (request) => (request.method === method ? { does: 'fail', status, code } : undefined);
    const { run, judged } = check(server, IN_AN_HOUR);
    const reading = await run();
    expect(judged(reading)).toMatchObject(expected);
    expect(valuesOf(reading)['lostCount'] ?? 0).toBe(0);
    expect(valuesOf(reading)['sentinels'] ?? 0).toBe(0);
    expect(puts(server)).toBeLessThanOrEqual(1);
    expect(server.objects.size).toBe(0);
  });
});

describe('object-durability probe: losses and alterations are named', () => {
  test('every object comes up once in a rotation, the manifest among them', async () => {
    const server = await withSet();
    const { run, judged } = check(server);
    const before = server.requests.length;
    for (let i = 0; i < COUNT + 2; i++) expect(judged(await run())).toMatchObject({ outcome: 'good' });
    const read = server.requests.slice(before).map(({ method, key }) => `${method} ${key}`);
    expect(new Set(read)).toEqual(new Set([...server.objects.keys()].map((key) => `GET ${key}`)));
  });

  test.each([
    ['lost', (objects: Map<string, Buffer>, key: string) => objects.delete(key)],
    ['altered', (objects: Map<string, Buffer>, key: string) => objects.set(key, Buffer.alloc(64))],
    ['altered', (objects: Map<string, Buffer>, key: string) => objects.set(key, Buffer.alloc(0))],
  ] as const)(
    'a sentinel that is %s: named within a rotation, for ever after, never written again',
    async (what, damage) => {
      const server = await withSet();
      const key = keyOf(server, '0003-');
      const { run, judged } = check(server);
      await run();
      damage(server.objects, key);
      const before = puts(server);
      const readings = [];
      for (let i = 0; i < 2 * COUNT; i++) readings.push(await run());
      const first = readings.findIndex((reading) => judged(reading).outcome === 'bad');
      expect(first).toBeGreaterThanOrEqual(0);
      expect(first).toBeLessThanOrEqual(COUNT);
      for (const reading of readings.slice(first)) {
        expect(judged(reading)).toMatchObject({
          outcome: 'bad',
          cause: what,
          evidence: { [what]: nameOf(key) },
        });
        expect(valuesOf(reading)).toMatchObject({
          [what]: [nameOf(key)],
          [`${what}Count`]: 1,
          sentinels: COUNT,
        });
        expect(reading.detail).toBe(`${what}: ${nameOf(key)}`);
      }
      expect(puts(server)).toBe(before);
    },
  );

  test('what is found lost is looked at again at once; found again, it is good', async () => {
    const server = await withSet();
    const { run, judged } = check(server);
    await run();
    let missing = true;
    server.script = () => (missing ? { does: 'fail', status: 404, code: 'NoSuchKey' } : undefined);
    expect(judged(await run())).toMatchObject({ outcome: 'bad', cause: 'lost' });
    missing = false;
    expect(judged(await run())).toMatchObject({ outcome: 'good' });
    const [lookedAt, again] = server.requests.slice(-2);
    expect(again?.key).toBe(lookedAt?.key);
  });

  test('a sentinel that cannot be read is no loss', async () => {
    const server = await withSet();
    const { run, judged } = check(server);
    await run();
    for (const [status, code] of [
      [500, 'InternalError'],
      [404, 'NoSuchBucket'],
      [404, ''],
    ] as const) {
      server.script = () => ({ does: 'fail', status, code });
      const reading = await run();
      expect(judged(reading)).toMatchObject({ outcome: 'bad', cause: 'status' });
      expect(valuesOf(reading)).toMatchObject({ lostCount: 0, alteredCount: 0 });
    }
  });

  test.each([
    ['after createUntil', AN_HOUR_AGO, false],
    ['before createUntil, where this process saw it', IN_AN_HOUR, true],
  ])('everything gone %s: the manifest is lost, and nothing is written', async (_when, createUntil, seen) => {
    const server = await withSet();
    const { run, judged } = check(server, createUntil);
    if (seen) await run();
    server.objects.clear();
    const readings = [];
    for (let i = 0; i < 3 * COUNT; i++) readings.push(await run());
    const last = readings.at(-1);
    if (!last) throw new Error('no reading');
    expect(judged(last)).toMatchObject({ outcome: 'bad', cause: 'lost' });
    expect(valuesOf(last)['lost']).toContain('manifest');
    expect(valuesOf(last)['lostCount']).toBe(seen ? COUNT + 1 : 1);
    expect(server.objects.size).toBe(0);
  });

  test.each([
    ['a sentinel taken off the list', (text: string) => text.slice(text.indexOf('\n') + 1)],
    ['an empty list', () => ''],
    ['a list that is none', () => '<html>'],
  ])('manifest: %s is altered', async (_what, change) => {
    const server = await withSet();
    const key = keyOf(server, 'manifest');
    server.objects.set(key, Buffer.from(change(String(server.objects.get(key)))));
    const { run, judged } = check(server);
    const reading = await run();
    expect(judged(reading)).toMatchObject({
      outcome: 'bad',
      cause: 'altered',
      evidence: { altered: 'manifest' },
    });
  });

  test('another seed is another set: the first is neither read nor blamed', async () => {
    const server = await withSet();
    const { run } = check(server, IN_AN_HOUR, {}, { SEED: 'another' });
    expect(valuesOf(await run())).toMatchObject({ sentinels: 5, lostCount: 0, alteredCount: 0 });
  });

  test('oldestDays: the age of the oldest sentinel', async () => {
    const server = await withSet();
    const { run } = check(server);
    const clock = new FakeClock(Date.now() + 2.5 * DAY_MS);
    server.skewMs = 2.5 * DAY_MS;
    expect(valuesOf(await run(clock))['oldestDays']).toBeCloseTo(2.5, 2);
  });
});

describe('sentinel set', () => {
  const set = sentinelSet('p/', 'seed', 3, 50);
  const sentinels = [0, 1, 2].map((index) => set.sentinel(index, Date.parse('2026-03-01T12:34:56.789Z')));

  test('keys say what the sentinel is, and are read back', () => {
    const [, second] = sentinels;
    expect(second).toMatchObject({
      index: 1,
      madeMs: Date.parse('2026-03-01T12:34:56.000Z'),
      name: '0001-20260301T123456Z',
      digest: createHash('sha256').update(set.content(1)).digest('hex'),
    });
    expect(sentinels.map(({ key }) => set.decodeKey(key))).toEqual(sentinels);
  });

  test.each([
    ['another prefix', (key: string) => `x${key}`],
    ['an index beyond the set', (key: string) => key.replace('/0001-', '/0003-')],
    ['no instant', (key: string) => key.replace('T123456Z', 'T993456Z')],
    ['something behind it', (key: string) => `${key}0`],
  ])('a key with %s is not one of the set', (_what, change) => {
    expect(set.decodeKey(change(sentinels[1]?.key ?? ''))).toBeUndefined();
  });

  test('the manifest is read back with the same seed, and with no other', () => {
    const manifest = set.encodeManifest(sentinels);
    expect(set.decodeManifest(manifest)).toEqual(sentinels);
    expect(sentinelSet('p/', 'other', 3, 50).decodeManifest(manifest)).toBeUndefined();
    for (let at = 0; at < manifest.length; at += 7) {
      const changed = Buffer.from(manifest);
      changed[at] = (changed[at] ?? 0) ^ 1;
      expect(set.decodeManifest(changed)).toBeUndefined();
    }
  });
});
