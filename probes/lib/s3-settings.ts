import { isIP } from 'node:net';
import { z } from 'zod';
import { Secret, secretSchema } from '../../src/core/secret.ts';
import { tlsSchema } from './tls-settings.ts';

const PREFIX_EXPECTED =
  'expected letters, digits, ".", "_" and "-" in segments that each end with "/", like "vigie/"';

const endpointSchema = z.string().refine(
  (text) => {
    const url = URL.parse(text);
    return url !== null && /^https?:$/.test(url.protocol) && `${url.origin}/` === url.href;
  },
  { error: 'expected an http:// or https:// address without path, query, user and password', abort: true },
);

/** Schema of the beginning of the keys of own objects: characters that mean nothing in XML, paths and queries. */
export const prefixSchema = z
  .string()
  .max(200)
  .regex(/^(?:(?!\.{1,2}\/)[\w.-]+\/)+$/, {
    error: PREFIX_EXPECTED,
  });

/** The settings that say which bucket of which S3 service is meant, who asks, and how it is reached. */
export const bucketFields = {
  endpoint: endpointSchema.describe('Address of the S3 service, like https://oos.REGION.outscale.com.'),
  region: z
    .string()
    .regex(/^[a-z0-9-]+$/, { error: 'expected the name of a region, like cloudgouv-eu-west-1' })
    .describe('Region that requests are signed for.'),
  bucket: z
    .string()
    .regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, { error: 'expected the name of a bucket' })
    .describe('Bucket of your own, there already, best used for nothing else.'),
  addressing: z
    .enum(['path', 'virtual'])
    .prefault('path')
    .describe('Where the bucket is named: in the path, or in front of the host.'),
  accessKey: z
    .union([z.string().regex(/^[\w+=.@-]{1,128}$/), secretSchema], {
      error: 'expected an access key, or a reference to it: { env: NAME } or { file: /path }',
    })
    .describe('Access key that signs (AWS Signature Version 4).'),
  secretKey: secretSchema.describe('The secret key of the access key.'),
  ipVersion: z
    .union([z.literal(4), z.literal(6), z.literal('any')], { error: 'expected 4, 6 or any' })
    .prefault('any')
    .describe('Family of the address; `any` takes the first that the system offers.'),
  connection: z
    .enum(['fresh', 'reuse'])
    .prefault('fresh')
    .describe('A new connection for every run, or one kept between runs where the server allows it.'),
  tls: tlsSchema.optional().describe('How the server is to prove who it is.'),
} as const;

const bucketSchema = z.strictObject(bucketFields);

/** Which bucket of which S3 service, who asks, and how it is reached. */
export type BucketSettings = z.output<typeof bucketSchema>;

/** Refuses what does not go together in {@link bucketFields}. */
export function checkBucketSettings(
  { endpoint, tls, addressing }: BucketSettings,
  context: z.RefinementCtx,
): void {
  const url = URL.parse(endpoint);
  if (!url) return;
  if (tls && url.protocol !== 'https:') {
    context.addIssue({ code: 'custom', path: ['tls'], message: 'expected only with an https:// address' });
  }
  if (addressing === 'virtual' && isIP(url.hostname.replace(/^\[|\]$/g, '')) !== 0) {
    const message = 'expected path: a bucket cannot stand in front of an IP address';
    context.addIssue({ code: 'custom', path: ['addressing'], message });
  }
}

/** The URL of the bucket without a slash at its end. */
export function bucketUrl({ endpoint, bucket, addressing }: BucketSettings): URL {
  const url = new URL(endpoint);
  if (addressing === 'virtual') url.host = `${bucket}.${url.host}`;
  else url.pathname = `/${bucket}`;
  return url;
}

/** The access key itself, wherever it was written. */
export function accessKeyOf({ accessKey }: BucketSettings): string {
  return accessKey instanceof Secret ? accessKey.reveal() : accessKey;
}

/** What must not be told when a server sends it back: the keys that were given as secrets, and those in base64. */
export function secretsOf({ accessKey, secretKey }: BucketSettings): readonly string[] {
  const secrets = [secretKey, accessKey].filter((key) => key instanceof Secret).map((key) => key.reveal());
  return [...secrets, ...secrets.map((text) => Buffer.from(text).toString('base64'))];
}
