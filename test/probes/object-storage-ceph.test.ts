import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { standingObject } from '../../probes/lib/s3-objects.ts';
import { objectDurabilityProbe } from '../../probes/object-durability.ts';
import { objectStorageProbe } from '../../probes/object-storage.ts';
import { systemClock, systemRandom } from '../../src/clock.ts';
import { loadConfig } from '../../src/config/load.ts';
import { readTextFile, shippedContract } from '../../src/config/local-files.ts';
import type { Check } from '../../src/core/check.ts';
import type { Clock } from '../../src/core/clock.ts';
import { classify } from '../../src/core/expectation.ts';
import type { ProbeKind } from '../../src/core/probe.ts';
import type { Reading } from '../../src/core/reading.ts';
import { type Ceph, CEPH_PROGRAMS, startCeph } from '../servers/ceph.ts';
import { findProgram } from '../servers/packages.ts';
import { bucketOf, checked, type ProbedCheck, valuesOf } from './s3-probing.ts';

const ACCOUNT = {
  accessKey: 'AKCEPH',
  secretKey: 'SKCEPHSECRET/x+y=',
  region: 'default',
  bucket: 'vigie-probe',
};
const HOUR_MS = 3_600_000;
const isThere = CEPH_PROGRAMS.every((program) => findProgram(program));

describe.skipIf(!isThere)(
  'object storage against Ceph (needs radosgw, ceph-mon, ceph-mgr, ceph-osd, ceph-common)',
  () => {
    const kind = objectStorageProbe();
    const durability = objectDurabilityProbe();
    let ceph: Ceph;

    beforeAll(async () => {
      ceph = await startCeph(ACCOUNT);
    });

    afterAll(async () => {
      await kind.close();
      await durability.close();
      await ceph.stop();
    });

    const check = (settings: object = {}, secretKey = ACCOUNT.secretKey): ProbedCheck =>
      checked(kind, { ...bucketOf(ceph.endpoint, ACCOUNT), ...settings }, { SECRET_KEY: secretKey });

    async function best(runs: number, { run }: ProbedCheck): Promise<Reading> {
      const readings = [];
      for (let i = 0; i < runs; i++) readings.push(await run());
      const slowest = (reading: Reading): number => Number(valuesOf(reading)['slowestMs'] ?? Infinity);
      return readings.reduce((a, b) => (slowest(b) < slowest(a) ? b : a));
    }

    test('put, get, head, list, delete: good, in time, with a request id', async () => {
      const whole = check();
      const reading = await best(5, whole);
      expect(whole.judged(reading)).toMatchObject({ outcome: 'good' });
      expect(reading).toMatchObject({
        evidence: { status: 204, 'x-amz-request-id': expect.stringMatching(/^tx/) },
      });
      expect(valuesOf(reading)).toMatchObject({ bytes: 4_096, visible: true, contentMatches: true });
    });

    test.each([1, 100_000])('an object of %i bytes comes back as it was written', async (size) => {
      const whole = check({ size });
      expect(whole.judged(await best(3, whole))).toMatchObject({ outcome: 'good' });
    });

    test('reads only: the standing object is written once; deleted by others it is stale', async () => {
      const reads = check({ operations: ['get', 'head', 'list'], prefix: 'reads/', size: 10 });
      expect(reads.judged(await best(3, reads))).toMatchObject({ outcome: 'good' });
      const { key } = standingObject('reads/', 10);
      expect(await ceph.request('DELETE', `/${ACCOUNT.bucket}/${key}`)).toBe(204);
      const gone = await reads.run();
      expect(reads.judged(gone)).toMatchObject({ outcome: 'bad', cause: 'stale' });
      expect(valuesOf(gone)).toMatchObject({ status: 404, errorCode: 'NoSuchKey' });
    });

    test('reads only: altered by others it is altered', async () => {
      const reads = check({ operations: ['get'], prefix: 'altered/', size: 10 });
      await reads.run();
      await ceph.request('PUT', `/${ACCOUNT.bucket}/${standingObject('altered/', 10).key}`, '0123456789');
      expect(reads.judged(await reads.run())).toMatchObject({ outcome: 'bad', cause: 'altered' });
    });

    test('leftovers of a crash are swept', async () => {
      const left = `vigie/run-${Date.now() - 2 * HOUR_MS}-${'a'.repeat(32)}`;
      await ceph.request('PUT', `/${ACCOUNT.bucket}/${left}`, 'left');
      expect(await ceph.request('GET', `/${ACCOUNT.bucket}/${left}`)).toBe(200);
      await check().run();
      await expect
        .poll(() => ceph.request('GET', `/${ACCOUNT.bucket}/${left}`), { timeout: 5_000 })
        .toBe(404);
    });

    test.each([
      ['a wrong secret', {}, 'wrong', 'SignatureDoesNotMatch', 'credentials'],
      ['an unknown key', { accessKey: 'AKNOBODY' }, ACCOUNT.secretKey, 'InvalidAccessKeyId', 'credentials'],
    ])('%s: blind, as Ceph says it', async (_what, settings, secret, code, blind) => {
      const reading = await check(settings, secret).run();
      expect(reading).toMatchObject({ kind: 'blind', blind });
      expect(reading.detail).toContain(`403 ${code}`);
    });

    test('a wrong secret, asked by HEAD alone: blind too', async () => {
      expect(await check({ operations: ['head'] }, 'wrong').run()).toMatchObject({ blind: 'credentials' });
    });

    test('a clock an hour late: blind clock-skew', async () => {
      const late: Clock = { ...systemClock, wallMs: () => systemClock.wallMs() - HOUR_MS };
      const reading = await check().run(late);
      expect(reading).toMatchObject({ kind: 'blind', blind: 'clock-skew' });
      expect(reading.detail).toContain('RequestTimeTooSkewed');
    });

    test('a bucket that is not there: bad, NoSuchBucket', async () => {
      const other = check({ bucket: 'no-such-bucket' });
      const reading = await other.run();
      expect(other.judged(reading)).toMatchObject({ outcome: 'bad', cause: 'status' });
      expect(valuesOf(reading)).toMatchObject({ errorCode: 'NoSuchBucket' });
    });

    test('durability: a set is written, kept, and its loss named', async () => {
      const settings = {
        ...bucketOf(ceph.endpoint, ACCOUNT),
        seed: { env: 'SEED' },
        sentinels: 6,
        size: 100,
      };
      const secrets = { SECRET_KEY: ACCOUNT.secretKey };
      const inAnHour = new Date(Date.now() + HOUR_MS).toISOString();
      const writer = checked(durability, { ...settings, createUntil: inAnHour }, secrets);
      for (let i = 0; i < 10; i++)
        expect(writer.judged(await writer.run())).toMatchObject({ outcome: 'good' });
      const reader = checked(durability, { ...settings, createUntil: '2026-01-01T00:00:00Z' }, secrets);
      const first = await reader.run();
      expect(valuesOf(first)).toMatchObject({ sentinels: 6, lostCount: 0, alteredCount: 0 });
      await deleteSentinel('0004-');
      const readings = [];
      for (let i = 0; i < 10; i++) readings.push(await reader.run());
      const last = readings.at(-1);
      if (!last) throw new Error('no reading');
      expect(reader.judged(last)).toMatchObject({ outcome: 'bad', cause: 'lost' });
      expect(valuesOf(last)).toMatchObject({ lost: [expect.stringMatching(/^0004-/)], lostCount: 1 });
    });

    test('config/examples/object-storage.yaml: every check is good', async () => {
      const kinds = new Map<string, ProbeKind>([
        [kind.kind, kind],
        [durability.kind, durability],
      ]);
      for (const { probe, settings, expectations } of exampleChecks(ceph.endpoint, kinds)) {
        const used = kinds.get(probe);
        if (!used) throw new Error(`no probe ${probe}`);
        const signal = new AbortController().signal;
        const configured = used.configure(settings);
        const judged = [];
        for (let i = 0; i < 3; i++) {
          const reading = await configured.run({ signal, clock: systemClock, random: systemRandom });
          judged.push(classify(reading, expectations, used.values(settings)));
        }
        expect(judged).toContainEqual(expect.objectContaining({ outcome: 'good' }));
      }
    });

    async function deleteSentinel(name: string): Promise<void> {
      const key = await ceph.find(ACCOUNT.bucket, `/${name}`);
      expect(await ceph.request('DELETE', `/${ACCOUNT.bucket}/${key}`)).toBe(204);
    }
  },
);

/** The checks of the example, with the endpoint, the bucket and the time of writing of this test in their places. */
function exampleChecks(endpoint: string, kinds: ReadonlyMap<string, ProbeKind>): readonly Check[] {
  const path = join(import.meta.dirname, '../../config/examples/object-storage.yaml');
  const readFile = (file: string): string =>
    readTextFile(file)
      .replaceAll('https://oos.cloudgouv-eu-west-1.outscale.com', endpoint)
      .replaceAll('vigie-of-ours', ACCOUNT.bucket)
      .replace(/createUntil: .*/, "createUntil: '2999-01-01T00:00:00Z'");
  const env = {
    OSC_ACCESS_KEY: ACCOUNT.accessKey,
    OSC_SECRET_KEY: ACCOUNT.secretKey,
    VIGIE_SENTINEL_SEED: 'seed',
  };
  const { config, problems } = loadConfig(path, { kinds, readFile, env, shippedContract });
  if (!config) throw new Error(JSON.stringify(problems));
  return config.checks;
}
