import { createHash } from 'node:crypto';
import { sha256Hex } from '../../probes/wire/signature-v4.ts';
import type { BoxFault } from './fault.ts';
import type { HttpAnswer, HttpCall } from './http-front.ts';
import { httpFront, methodNotAllowed } from './http-front.ts';
import type { BoxService } from './service.ts';
import { checkSignature, headerOf, type SignatureVerdict } from './signature.ts';

const BUCKET = '/vigie-drill';
const MOST_OBJECTS = 256;
const MOST_LISTED = 1_000;

/** How the keys of sentinels begin: objects that were stored long ago, as far as the box goes. */
const OLD = 'vigie-sentinels/';

/** How far the date of a signature may be off. */
const SKEW_MS = 15 * 60_000;

/**
 * Object storage in the shapes of S3: PUT, GET, HEAD, DELETE and the list of the objects of one bucket, kept in memory
 * as long as the box. Signatures are checked. What was stored long ago can be lost, or altered.
 */
export const objectStorage = {
  name: 'object-storage',
  summary: 'object storage',
  port: 21_082,
  faults: ['down', 'silent', 'slow', 'wrong', 'lost', 'altered'],
  listen: (port, conduct, { objects }) =>
    httpFront((call) => answerTo(call, { objects, fault: conduct.fault, nowMs: conduct.clock.wallMs() }))(
      port,
      conduct,
    ),
} as const satisfies BoxService;

/** What S3 calls a signature that is not taken. */
const REFUSALS: Readonly<Record<Exclude<SignatureVerdict, 'valid'>, string>> = {
  none: 'AccessDenied',
  'unknown-key': 'InvalidAccessKeyId',
  date: 'RequestTimeTooSkewed',
  invalid: 'SignatureDoesNotMatch',
};

interface Shelf {
  readonly objects: Map<string, Buffer>;
  readonly fault: BoxFault | undefined;
  readonly nowMs: number;
}

function answerTo(call: HttpCall, { objects, fault, nowMs }: Shelf): HttpAnswer {
  const signature = checkSignature(call, { service: 's3', skewMs: SKEW_MS }, nowMs);
  if (signature !== 'valid') return trouble(403, REFUSALS[signature]);
  if (headerOf(call, 'x-amz-content-sha256') !== sha256Hex(call.body))
    return trouble(400, 'XAmzContentSHA256Mismatch');
  const { method, path, query, body } = call;
  if (path === BUCKET || path === `${BUCKET}/`)
    return method === 'GET' ? list(objects, new URLSearchParams(query)) : methodNotAllowed('GET');
  if (!path.startsWith(`${BUCKET}/`)) return trouble(404, 'NoSuchBucket');
  const key = path.slice(BUCKET.length + 1);
  switch (method) {
    case 'PUT':
      return put(key, body, objects);
    case 'GET':
    case 'HEAD':
      return get(key.startsWith(OLD) ? aged(objects.get(key), fault) : objects.get(key));
    case 'DELETE':
      objects.delete(key);
      return { status: 204, type: 'text/plain', body: '' };
    default:
      return methodNotAllowed('DELETE, GET, HEAD, PUT');
  }
}

function put(key: string, body: Buffer, objects: Map<string, Buffer>): HttpAnswer {
  if (!objects.has(key) && objects.size >= MOST_OBJECTS) return trouble(403, 'QuotaExceeded');
  objects.set(key, body);
  return { status: 200, type: 'text/plain', headers: { etag: etagOf(body) }, body: '' };
}

/** What became of an object in the course of time. */
function aged(object: Buffer | undefined, fault: BoxFault | undefined): Buffer | undefined {
  if (fault === 'lost') return undefined;
  if (fault !== 'altered' || !object) return object;
  return Buffer.from(object.map((byte, index) => (index === 0 ? byte ^ 1 : byte)));
}

function get(object: Buffer | undefined): HttpAnswer {
  if (!object) return trouble(404, 'NoSuchKey');
  return {
    status: 200,
    type: 'application/octet-stream',
    headers: { etag: etagOf(object) },
    body: object,
  };
}

/** The first version of the list (ListObjects), with what a path has escaped left escaped. */
function list(objects: ReadonlyMap<string, Buffer>, query: URLSearchParams): HttpAnswer {
  const prefix = query.get('prefix') ?? '';
  const marker = query.get('marker') ?? '';
  const most = Math.min(MOST_LISTED, Number(query.get('max-keys') ?? MOST_LISTED) || 0);
  const keys = [...objects.keys()].filter((key) => key.startsWith(prefix) && key > marker).sort();
  const contents = keys.slice(0, most).map((key) => `<Contents><Key>${escapeXml(key)}</Key></Contents>`);
  const truncated = `<IsTruncated>${keys.length > most}</IsTruncated>`;
  return xml(200, `<ListBucketResult>${truncated}${contents.join('')}</ListBucketResult>`);
}

function escapeXml(text: string): string {
  return text.replace(/[<>&]/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** The entity tag of S3: the MD5 digest, in quotes. */
function etagOf(object: Buffer): string {
  return `"${createHash('md5').update(object).digest('hex')}"`;
}

function trouble(status: number, code: string): HttpAnswer {
  return xml(status, `<Error><Code>${code}</Code></Error>`);
}

function xml(status: number, element: string): HttpAnswer {
  return { status, type: 'application/xml', body: `<?xml version="1.0" encoding="UTF-8"?>\n${element}` };
}
