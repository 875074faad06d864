import {
  type SigningAlgorithm,
  sha256Hex,
  signedHeaders,
  signingDate,
} from '../../probes/wire/signature-v4.ts';
import type { HttpCall } from './http-front.ts';
import { BOX_KEY } from './keys.ts';
import { BOX_REGION } from './region.ts';

/** What the signature of a request is worth. `date`: it is too far off. */
export type SignatureVerdict = 'valid' | 'none' | 'unknown-key' | 'date' | 'invalid';

const NAMES = /SignedHeaders=([a-z0-9;-]+)/;
const CREDENTIAL = /Credential=([^/,]+)\//;
const DATE = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/;

/** The header that carries the date of a signature. */
const DATE_HEADERS: Readonly<Record<SigningAlgorithm, string>> = {
  'OSC4-HMAC-SHA256': 'x-osc-date',
  'AWS4-HMAC-SHA256': 'x-amz-date',
};

/** Whether the box's key signed a request for a service of its region, and within `skewMs` of now (Signature Version 4). */
export function checkSignature(
  call: HttpCall,
  { service, skewMs }: { readonly service: string; readonly skewMs: number },
  nowMs: number,
): SignatureVerdict {
  const authorization = call.headers.authorization ?? '';
  const algorithm = algorithmOf(authorization);
  if (!algorithm) return 'none';
  if (CREDENTIAL.exec(authorization)?.[1] !== BOX_KEY.accessKey) return 'unknown-key';
  const dateMs = msOf(headerOf(call, DATE_HEADERS[algorithm]));
  if (!(Math.abs(dateMs - nowMs) <= skewMs)) return 'date';
  const scope = { algorithm, region: BOX_REGION, service } as const;
  return authorization === signedHeaders(requestOf(call, algorithm), scope, BOX_KEY, dateMs)['authorization']
    ? 'valid'
    : 'invalid';
}

function algorithmOf(authorization: string): SigningAlgorithm | undefined {
  if (authorization.startsWith('OSC4-HMAC-SHA256 ')) return 'OSC4-HMAC-SHA256';
  return authorization.startsWith('AWS4-HMAC-SHA256 ') ? 'AWS4-HMAC-SHA256' : undefined;
}

/** The request as it must have been signed: with the headers that it says were. */
function requestOf(call: HttpCall, algorithm: SigningAlgorithm): Parameters<typeof signedHeaders>[0] {
  const { method, path, query, headers, body } = call;
  const names = NAMES.exec(headers.authorization ?? '')?.[1]?.split(';') ?? [];
  const others = names.filter((name) => name !== 'host' && name !== DATE_HEADERS[algorithm]);
  return {
    method,
    url: new URL(`http://${headers.host ?? ''}${path}${query}`),
    headers: Object.fromEntries(others.map((name) => [name, headerOf(call, name)])),
    payloadHash: sha256Hex(body),
  };
}

/** A header of one value; empty when it is not there. */
export function headerOf({ headers }: HttpCall, name: string): string {
  const value = headers[name];
  return typeof value === 'string' ? value : '';
}

/** The instant of a date as signatures write it, in ms since the epoch; NaN when it is none. */
function msOf(date: string): number {
  const ms = Date.parse(date.replace(DATE, '$1-$2-$3T$4:$5:$6Z'));
  return Number.isNaN(ms) || signingDate(ms) !== date ? Number.NaN : ms;
}
