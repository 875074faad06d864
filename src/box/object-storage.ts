import { createHash } from 'node:crypto';
import type { HttpAnswer, HttpCall } from './http-front.ts';
import { httpFront, methodNotAllowed } from './http-front.ts';
import type { BoxService } from './service.ts';

const BUCKET = '/vigie-drill/';
const MOST_OBJECTS = 16;

/** Object storage, in the shapes of S3 and without signatures: PUT and GET of objects in one bucket, kept in memory. */
export const objectStorage = {
  name: 'object-storage',
  summary: 'object storage',
  port: 21_082,
  faults: ['down', 'silent', 'slow', 'wrong'],
  listen: (port, conduct) => {
    const objects = new Map([[`${BUCKET}canary.txt`, Buffer.from('canary\n')]]);
    return httpFront((call) => answerTo(call, objects))(port, conduct);
  },
} as const satisfies BoxService;

function answerTo({ method, path, body }: HttpCall, objects: Map<string, Buffer>): HttpAnswer {
  if (!path.startsWith(BUCKET) || path === BUCKET) return trouble(404, 'NoSuchBucket');
  switch (method) {
    case 'PUT':
      return put(path, body, objects);
    case 'GET':
    case 'HEAD':
      return get(objects.get(path));
    default:
      return methodNotAllowed('GET, HEAD, PUT');
  }
}

function put(path: string, body: Buffer, objects: Map<string, Buffer>): HttpAnswer {
  if (!objects.has(path) && objects.size >= MOST_OBJECTS) return trouble(403, 'QuotaExceeded');
  objects.set(path, body);
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

/** The entity tag of S3: the MD5 digest, in quotes. */
function etagOf(object: Buffer): string {
  return `"${createHash('md5').update(object).digest('hex')}"`;
}

function trouble(status: number, code: string): HttpAnswer {
  const body = `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code></Error>`;
  return { status, type: 'application/xml', body };
}
