import type { Blind, Fault } from '../../src/core/cause.ts';

/** What an error of the runtime means for a reading, with the code that it was told by. */
export type Trouble =
  | { readonly kind: 'fault'; readonly fault: Fault; readonly code: string }
  | { readonly kind: 'blind'; readonly blind: Blind; readonly code: string };

/** Codes that speak of the service or of the way to it. */
const FAULT_CODES: readonly (readonly [Fault, readonly string[]])[] = [
  [
    'resolve',
    [
      'ENOTFOUND',
      'ENODATA',
      'ESERVFAIL',
      'EAI_AGAIN',
      'EAI_FAIL',
      'EAI_NODATA',
      'EAI_NONAME',
      'EAI_ADDRFAMILY',
      'EAI_FAMILY',
      'EAI_SERVICE',
    ],
  ],
  ['refused', ['ECONNREFUSED']],
  // No route to the host is said by a router on the way, or by a neighbour that does not answer.
  ['connect', ['EHOSTUNREACH', 'EHOSTDOWN', 'ECONNABORTED']],
  [
    'tls',
    [
      'EPROTO',
      'CERT_CHAIN_TOO_LONG',
      'CERT_HAS_EXPIRED',
      'CERT_NOT_YET_VALID',
      'CERT_REJECTED',
      'CERT_REVOKED',
      'CERT_SIGNATURE_FAILURE',
      'CERT_UNTRUSTED',
      'CRL_HAS_EXPIRED',
      'CRL_NOT_YET_VALID',
      'CRL_SIGNATURE_FAILURE',
      'DEPTH_ZERO_SELF_SIGNED_CERT',
      'ERROR_IN_CERT_NOT_AFTER_FIELD',
      'ERROR_IN_CERT_NOT_BEFORE_FIELD',
      'ERROR_IN_CRL_LAST_UPDATE_FIELD',
      'ERROR_IN_CRL_NEXT_UPDATE_FIELD',
      'HOSTNAME_MISMATCH',
      'INVALID_CA',
      'INVALID_PURPOSE',
      'PATH_LENGTH_EXCEEDED',
      'SELF_SIGNED_CERT_IN_CHAIN',
      'UNABLE_TO_DECODE_ISSUER_PUBLIC_KEY',
      'UNABLE_TO_DECRYPT_CERT_SIGNATURE',
      'UNABLE_TO_DECRYPT_CRL_SIGNATURE',
      'UNABLE_TO_GET_CRL',
      'UNABLE_TO_GET_ISSUER_CERT',
      'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
      'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
      'UNSPECIFIED',
    ],
  ],
  ['timeout', ['ETIMEDOUT', 'UND_ERR_CONNECT_TIMEOUT', 'UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT']],
  [
    'protocol',
    ['UND_ERR_HEADERS_OVERFLOW', 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH', 'UND_ERR_RES_EXCEEDED_MAX_SIZE'],
  ],
  ['reset', ['ECONNRESET', 'ENETRESET', 'EPIPE', 'ERR_SOCKET_CLOSED', 'UND_ERR_SOCKET']],
];

/** Codes that speak of this machine. */
const BLIND_CODES: readonly (readonly [Blind, readonly string[]])[] = [
  ['local-resource', ['EMFILE', 'ENFILE', 'ENOBUFS', 'ENOMEM', 'EADDRNOTAVAIL', 'EAI_MEMORY', 'OUT_OF_MEM']],
  // No route of our own; EINVAL is what Linux says to a blackhole route, EACCES to a prohibiting one, EPERM to a
  // local filter.
  ['local-network', ['ENETUNREACH', 'ENETDOWN', 'EAFNOSUPPORT', 'EINVAL', 'EACCES', 'EPERM']],
  ['skipped', ['UND_ERR_DESTROYED', 'UND_ERR_CLOSED']],
];

/** Families of codes too large, or too dependent on the library's version, to be listed. */
const FAULT_PREFIXES: readonly (readonly [string, Fault])[] = [
  ['HPE_', 'protocol'],
  ['ERR_SSL_', 'tls'],
  ['ERR_TLS_', 'tls'],
];

const TROUBLES: ReadonlyMap<string, Trouble> = new Map([
  ...FAULT_CODES.flatMap(([fault, codes]) =>
    codes.map((code): [string, Trouble] => [code, { kind: 'fault', fault, code }]),
  ),
  ...BLIND_CODES.flatMap(([blind, codes]) =>
    codes.map((code): [string, Trouble] => [code, { kind: 'blind', blind, code }]),
  ),
]);

/**
 * What an error from node:net, node:tls, node:dgram, node:dns or undici means: a fault of the service, or blindness
 * of our own. Decided by its code alone, never by its text; undefined when the code is not one of the table or there
 * is none: then it is a bug of ours, to be thrown on.
 */
export function faultOf(error: unknown): Trouble | undefined {
  const code = codeOf(error);
  if (code === undefined) return undefined;
  const family = FAULT_PREFIXES.find(([prefix]) => code.startsWith(prefix));
  return TROUBLES.get(code) ?? (family && { kind: 'fault', fault: family[1], code });
}

/**
 * The code of an error, or else of the first error that it gathers (AggregateError) or that caused it. Undefined
 * when none has one.
 */
export function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  if ('code' in error && typeof error.code === 'string') return error.code;
  const inner: unknown = error instanceof AggregateError ? error.errors[0] : error.cause;
  return codeOf(inner);
}
