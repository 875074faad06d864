import { createHash, createHmac } from 'node:crypto';

/** A request as it came over the wire. Header names in lower case. */
export interface SignedRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
}

/** What a request's signature is worth. */
export type SignatureVerdict =
  | { readonly kind: 'none' }
  | { readonly kind: 'valid'; readonly accessKey: string }
  | { readonly kind: 'invalid' | 'expired' | 'foreign'; readonly accessKey: string };

const SHAPE =
  /^(OSC4|AWS4)-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/([^/]+)\/(osc4|aws4)_request, SignedHeaders=([^,]+), Signature=([0-9a-f]{64})$/;
const LARGEST_SKEW_MS = 300_000;

/**
 * Checks a signature as the provider does, written apart from the one that signs: both schemes, the scope's region
 * and service, the date within five minutes, and that host, content type and date are among what is signed.
 */
export function checkSignature(
  request: SignedRequest,
  secretOf: (accessKey: string) => string | undefined,
  scope: { readonly region: string; readonly service: string },
  nowMs: number,
): SignatureVerdict {
  const authorization = header(request, 'authorization');
  if (authorization === undefined) return { kind: 'none' };
  const [, scheme = '', accessKey = '', day = '', region = '', service = '', , names = '', signature] =
    SHAPE.exec(authorization) ?? [];
  const secret = secretOf(accessKey);
  const date = header(request, scheme === 'OSC4' ? 'x-osc-date' : 'x-amz-date') ?? '';
  if (secret === undefined || region !== scope.region) return { kind: 'foreign', accessKey };
  const signed = names.split(';');
  const complete = ['host', 'content-type', `x-${scheme === 'OSC4' ? 'osc' : 'amz'}-date`].every((name) =>
    signed.includes(name),
  );
  if (!complete || !date.startsWith(day) || service !== scope.service) return { kind: 'invalid', accessKey };
  const terminator = `${scheme.toLowerCase()}_request`;
  const canonical = `${request.method}\n${request.path}\n\n${signed
    .map((name) => `${name}:${header(request, name) ?? ''}\n`)
    .join('')}\n${names}\n${createHash('sha256').update(request.body).digest('hex')}`;
  const digest = createHash('sha256').update(canonical).digest('hex');
  const toSign = `${scheme}-HMAC-SHA256\n${date}\n${day}/${region}/${service}/${terminator}\n${digest}`;
  let key: Buffer | string = `${scheme}${secret}`;
  for (const link of [day, region, service, terminator])
    key = createHmac('sha256', key).update(link).digest();
  if (createHmac('sha256', key).update(toSign).digest('hex') !== signature)
    return { kind: 'invalid', accessKey };
  return { kind: Math.abs(nowMs - instantOf(date)) > LARGEST_SKEW_MS ? 'expired' : 'valid', accessKey };
}

function header({ headers }: SignedRequest, name: string): string | undefined {
  const value = headers[name];
  return Array.isArray(value) ? value.join(',') : value;
}

/** `20260102T030405Z` in milliseconds since the epoch. */
function instantOf(date: string): number {
  return Date.parse(date.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'));
}
