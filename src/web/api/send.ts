import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import type { Asked } from '../environment.ts';
import { problem } from '../problem.ts';
import { type Format, isRefusal, MEDIA_TYPES, type Refusal, type Written } from './answer.ts';

/** What is smaller is not worth compressing. */
const LEAST_COMPRESSED_BYTES = 1_024;

/**
 * Sends an answer that is written out, or says that the client has it already (RFC 9110 §13.1.2). Straight to the socket:
 * a web Response would copy it through streams.
 */
export async function send(
  context: Asked,
  answer: Written | Refusal,
  headers: Readonly<Record<string, string>>,
): Promise<Response> {
  if (isRefusal(answer)) return problem(answer.status, answer.detail);
  const { outgoing } = context.env;
  const all = { ...headers, ...answer.headers, ETag: answer.etag, Vary: 'Accept, Accept-Encoding' };
  if (isKnown(context.req.header('If-None-Match'), answer.etag)) {
    outgoing.writeHead(304, all).end();
    return RESPONSE_ALREADY_SENT;
  }
  const isCompressed =
    answer.plain.byteLength >= LEAST_COMPRESSED_BYTES && takesGzip(context.req.header('Accept-Encoding'));
  const body = isCompressed ? await answer.compressed() : answer.plain;
  outgoing.writeHead(200, {
    ...all,
    'Content-Length': body.byteLength,
    ...(isCompressed && { 'Content-Encoding': 'gzip' }),
  });
  outgoing.end(context.req.method === 'HEAD' ? undefined : body);
  return RESPONSE_ALREADY_SENT;
}

function isKnown(ifNoneMatch: string | undefined, etag: string): boolean {
  if (ifNoneMatch === undefined) return false;
  const opaque = etag.replace(/^W\//, '');
  return ifNoneMatch
    .split(',')
    .map((tag) => tag.trim())
    .some((tag) => tag === '*' || tag.replace(/^W\//, '') === opaque);
}

function takesGzip(acceptEncoding = ''): boolean {
  return acceptEncoding.split(',').some((one) => {
    const [coding = '', ...parameters] = one.split(';').map((part) => part.trim().toLowerCase());
    return coding === 'gzip' && !parameters.some((parameter) => /^q=0(?:\.0*)?$/.test(parameter));
  });
}

/** The format that a request asks for by its `format`, else by its `Accept`; undefined when it has none of them. */
export function formatAsked(
  context: Asked,
  named: Format | undefined,
  formats: readonly Format[],
): Format | undefined {
  if (named !== undefined) return formats.find((format) => format === named);
  const accepted = (context.req.header('Accept') ?? '*/*')
    .split(',')
    .map((range) => range.split(';')[0]?.trim().toLowerCase() ?? '');
  for (const range of accepted) {
    const [type, subtype] = range.split('/');
    const suits = (media: string): boolean =>
      range === media || range === '*/*' || (subtype === '*' && media.startsWith(`${type}/`));
    const format = formats.find((one) => MEDIA_TYPES[one].some(suits));
    if (format) return format;
  }
  return undefined;
}
