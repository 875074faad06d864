import { sha256Hex, signedHeaders, signingDate } from '../../probes/wire/signature-v4.ts';
import type { HttpCall } from './http-front.ts';
import { BOX_KEY } from './keys.ts';
import { BOX_REGION } from './region.ts';

/** How far the date of a signed request may be off. */
const SKEW_LIMIT_MS = 15 * 60_000;
const NAMES = /SignedHeaders=([a-z0-9;-]+)/;
const CREDENTIAL = /Credential=([^/,]+)\//;
const DATE = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/;

/** Why a request to an S3 service is refused, as S3 names it; undefined when the box's key signed it (SigV4). */
export function signatureRefusal(call: HttpCall, nowMs: number): string | undefined {
  const { headers, body } = call;
  const authorization = headers.authorization ?? '';
  if (!authorization.startsWith('AWS4-HMAC-SHA256 ')) return 'AccessDenied';
  if (CREDENTIAL.exec(authorization)?.[1] !== BOX_KEY.accessKey) return 'InvalidAccessKeyId';
  const dateMs = msOf(header(headers, 'x-amz-date'));
  if (!(Math.abs(dateMs - nowMs) <= SKEW_LIMIT_MS)) return 'RequestTimeTooSkewed';
  const payloadHash = sha256Hex(body);
  if (header(headers, 'x-amz-content-sha256') !== payloadHash) return 'XAmzContentSHA256Mismatch';
  return authorization === expected(call, payloadHash, dateMs) ? undefined : 'SignatureDoesNotMatch';
}

function expected({ method, path, query, headers }: HttpCall, payloadHash: string, dateMs: number): string {
  const names = NAMES.exec(headers.authorization ?? '')?.[1]?.split(';') ?? [];
  const others = names.filter((name) => name !== 'host' && name !== 'x-amz-date');
  const request = {
    method,
    url: new URL(`http://${headers.host ?? ''}${path}${query}`),
    headers: Object.fromEntries(others.map((name) => [name, header(headers, name)])),
    payloadHash,
  };
  const scope = { algorithm: 'AWS4-HMAC-SHA256', region: BOX_REGION, service: 's3' } as const;
  return signedHeaders(request, scope, BOX_KEY, dateMs)['authorization'] ?? '';
}

function header(headers: HttpCall['headers'], name: string): string {
  const value = headers[name];
  return typeof value === 'string' ? value : '';
}

/** The instant of a date as signatures write it, in ms since the epoch; NaN when it is none. */
function msOf(date: string): number {
  const ms = Date.parse(date.replace(DATE, '$1-$2-$3T$4:$5:$6Z'));
  return Number.isNaN(ms) || signingDate(ms) !== date ? Number.NaN : ms;
}
