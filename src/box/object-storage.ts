import { createHash } from 'node:crypto';
import type { HttpAnswer, HttpCall } from './http-front.ts';
import { httpFront, methodNotAllowed } from './http-front.ts';
import type { BoxService } from './service.ts';
import { signatureRefusal } from './signature.ts';

const BUCKET = '/vigie-drill';
const MOST_OBJECTS = 256;
const MOST_LISTED = 1_000;

/** What is stored outlives the front door: closed in a drill and opened again, it has lost nothing. By port. */
const DISKS = new Map<number, Map<string, Buffer>>();

/**
 * Object storage in the shapes of S3: PUT, GET, HEAD, DELETE and the list of the objects of one bucket, kept in memory
 * while the process lives. Signatures are checked.
 */
export const objectStorage = {
  name: 'object-storage',
  summary: 'object storage',
  port: 21_082,
  faults: ['down', 'silent', 'slow', 'wrong'],
  listen: (port, conduct) => {
    const objects = DISKS.get(port) ?? new Map<string, Buffer>();
    DISKS.set(port, objects);
    return httpFront((call) => answerTo(call, objects, conduct.clock.wallMs()))(port, conduct);
  },
} as const satisfies BoxService;

const STATUSES: Readonly<Record<string, number>> = { XAmzContentSHA256Mismatch: 400 };

function answerTo(call: HttpCall, objects: Map<string, Buffer>, nowMs: number): HttpAnswer {
  const refusal = signatureRefusal(call, nowMs);
  if (refusal !== undefined) return trouble(STATUSES[refusal] ?? 403, refusal);
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
      return get(objects.get(key));
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
