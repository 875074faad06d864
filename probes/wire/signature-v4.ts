import { createHash, createHmac } from 'node:crypto';

/**
 * The two dialects of one signature: AWS Signature Version 4, and OUTSCALE's own, which differs only in its words.
 * OUTSCALE's services accept both.
 */
export type SigningAlgorithm = 'OSC4-HMAC-SHA256' | 'AWS4-HMAC-SHA256';

/** What a signature is good for: one service of one region. */
export interface SigningScope {
  readonly algorithm: SigningAlgorithm;
  readonly region: string;
  /** `api`, `fcu`, `s3` … For `s3` the path is encoded once, as on the wire; for all others twice, as AWS wants it. */
  readonly service: string;
}

/** A request as it will be on the wire. */
export interface SignableRequest {
  readonly method: string;
  readonly url: URL;
  /** All that is to be signed besides host and date, whatever the case of the names; values of one line. */
  readonly headers: Readonly<Record<string, string>>;
  /** {@link sha256Hex} of the body, or `UNSIGNED-PAYLOAD` where the service takes that (S3). */
  readonly payloadHash: string;
}

/** Who signs. */
export interface SigningKey {
  readonly accessKey: string;
  readonly secretKey: string;
}

interface Dialect {
  readonly keyPrefix: string;
  readonly terminator: string;
  readonly dateHeader: string;
}

const DIALECTS: Readonly<Record<SigningAlgorithm, Dialect>> = {
  'OSC4-HMAC-SHA256': { keyPrefix: 'OSC4', terminator: 'osc4_request', dateHeader: 'x-osc-date' },
  'AWS4-HMAC-SHA256': { keyPrefix: 'AWS4', terminator: 'aws4_request', dateHeader: 'x-amz-date' },
};

/** SHA-256 in lower-case hexadecimal: the payload hash of a body. */
export function sha256Hex(body: string | Uint8Array): string {
  return createHash('sha256').update(body).digest('hex');
}

/** An instant (ms since the epoch) as signatures write it: `20260102T030405Z`. */
export function signingDate(atMs: number): string {
  return new Date(atMs).toISOString().replace(/[-:]|\.\d+/g, '');
}

/**
 * The headers that make a request a signed one: those given, `host`, the date (`x-osc-date` or `x-amz-date`, from
 * `atMs`, milliseconds since the epoch) and `authorization`; names in lower case. A service refuses a date that is
 * more than five minutes off.
 */
export function signedHeaders(
  request: SignableRequest,
  scope: SigningScope,
  key: SigningKey,
  atMs: number,
): Readonly<Record<string, string>> {
  const { dateHeader, terminator } = DIALECTS[scope.algorithm];
  const date = signingDate(atMs);
  const headers: Record<string, string> = { host: request.url.host, [dateHeader]: date };
  for (const [name, value] of Object.entries(request.headers)) headers[name.toLowerCase()] = value;
  const credentialScope = [date.slice(0, 8), scope.region, scope.service, terminator].join('/');
  const canonical = canonicalRequest({ ...request, headers }, scope.service);
  const toSign = [scope.algorithm, date, credentialScope, sha256Hex(canonical)].join('\n');
  const signature = hmac(signingKey(scope, key.secretKey, date), toSign).toString('hex');
  const authorization = [
    `${scope.algorithm} Credential=${key.accessKey}/${credentialScope}`,
    `SignedHeaders=${Object.keys(headers).sort().join(';')}`,
    `Signature=${signature}`,
  ].join(', ');
  return { ...headers, authorization };
}

/** The chain of keys: a signature of one day, region and service gives nothing away for another. */
function signingKey({ algorithm, region, service }: SigningScope, secretKey: string, date: string): Buffer {
  const { keyPrefix, terminator } = DIALECTS[algorithm];
  const links = [date.slice(0, 8), region, service, terminator];
  return links.reduce(hmac, Buffer.from(keyPrefix + secretKey));
}

function hmac(key: Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}

/** The request in the one form that both sides hash (AWS, "Create a canonical request"). Header names in lower case. */
function canonicalRequest(request: SignableRequest, service: string): string {
  const names = Object.keys(request.headers).sort();
  return [
    request.method,
    canonicalPath(request.url.pathname, service),
    canonicalQuery(request.url.searchParams),
    ...names.map((name) => `${name}:${(request.headers[name] ?? '').trim().replace(/ +/g, ' ')}`),
    '',
    names.join(';'),
    request.payloadHash,
  ].join('\n');
}

function canonicalPath(pathname: string, service: string): string {
  const once = pathname.split('/').map((segment) => encode(decodeURIComponent(segment)));
  return (service === 's3' ? once : once.map(encode)).join('/');
}

function canonicalQuery(parameters: URLSearchParams): string {
  return [...parameters]
    .map(([name, value]) => [encode(name), encode(value)])
    .sort(([a = '', x = ''], [b = '', y = '']) => compare(a, b) || compare(x, y))
    .map((pair) => pair.join('='))
    .join('&');
}

/** By code unit, as the canonical form wants it, whatever the locale. */
function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

/** RFC 3986 §2.3: everything but unreserved characters as %XX. */
function encode(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
