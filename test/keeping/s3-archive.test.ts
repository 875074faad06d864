import { generateKeyPairSync } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Secret } from '../../src/core/secret.ts';
import { systemClock } from '../../src/clock.ts';
import { Archive } from '../../src/evidence/archive.ts';
import { keyName } from '../../src/evidence/signature.ts';
import { verifyArchive } from '../../src/evidence/verify-archive.ts';
import { BucketError, type BucketFiles, bucketFiles } from '../../src/keeping/s3-archive.ts';
import { type S3Server, startS3 } from '../servers/s3.ts';

const ACCOUNT = {
  accessKey: 'AKIDEXAMPLE',
  secretKey: 's3cret-of-the-test',
  region: 'r-1',
  bucket: 'evidence',
};
const KEY = generateKeyPairSync('ed25519').privateKey;

let server: S3Server;
let files: BucketFiles;
beforeEach(async () => {
  server = await startS3(ACCOUNT);
  const secretKey = new Secret({ env: 'KEY' });
  secretKey.resolve(() => ACCOUNT.secretKey);
  const { region, bucket, accessKey } = ACCOUNT;
  const reached = {
    endpoint: server.endpoint,
    addressing: 'path',
    ipVersion: 'any',
    connection: 'fresh',
  } as const;
  files = bucketFiles({ ...reached, region, bucket, accessKey, secretKey }, 'vigie/', systemClock);
});
afterEach(async () => {
  await files.close();
  await server.close();
});

describe('bucketFiles', () => {
  it('reads, writes and lists below its prefix, and knows what is not there', async () => {
    server.objects.set('other/file', Buffer.from('x'));
    expect(await files.read('chain.jsonl')).toBeUndefined();
    expect(await files.list()).toEqual([]);
    await files.write('days/2026-03/2026-03-01.jsonl.zst', Uint8Array.of(1, 2, 3));
    await files.write('chain.jsonl', Uint8Array.of(4));
    expect(await files.list()).toEqual(['chain.jsonl', 'days/2026-03/2026-03-01.jsonl.zst']);
    expect([...((await files.read('chain.jsonl')) ?? [])]).toEqual([4]);
    expect([...server.objects.keys()].sort()).toEqual([
      'other/file',
      'vigie/chain.jsonl',
      'vigie/days/2026-03/2026-03-01.jsonl.zst',
    ]);
  });

  it('lists more than a page', async () => {
    for (let i = 0; i < 1_005; i++)
      server.objects.set(`vigie/days/${String(i).padStart(5, '0')}`, Buffer.from('x'));
    expect(await files.list()).toHaveLength(1_005);
  });

  it('holds an archive that verifies', async () => {
    const archive = await Archive.open(files);
    for (const day of ['2026-03-01', '2026-03-02'])
      await archive.addDay({ header: { day, vigie: '0.1.0', rules: {} }, seen: [], said: [] });
    await archive.addClosing('2026@2026-03-01', 0, '{}');
    await archive.sign('2026', 0, KEY);
    expect(await verifyArchive(files, new Set([keyName(KEY)]))).toMatchObject({
      faults: [],
      files: 3,
      unsigned: 0,
    });
  });

  it.each([
    ['an error of the service', { does: 'fail', status: 503, code: 'SlowDown' }, /503 SlowDown/],
    ['a connection that breaks', { does: 'reset' }, /./],
  ] as const)('rejects at %s, and names no secret', async (_, script, message) => {
    server.script = () => script;
    const failure = await files.write('chain.jsonl', Uint8Array.of(1)).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(BucketError);
    expect(String(failure)).toMatch(message);
    expect(String(failure)).not.toContain(ACCOUNT.secretKey);
  });
});
