import { createHash } from 'node:crypto';
import type { Right } from './requester.ts';

/** A bearer token (RFC 6750) that somebody was given. */
export interface AccessToken {
  /** Names its holder in the audit. */
  readonly name: string;
  readonly digest: Uint8Array;
  readonly rights: readonly Right[];
}

/** Who may do what. */
export interface AccessRules {
  /** What one may see without saying who one is: nothing but whether we live, the metrics as well, or everything. */
  readonly anonymous: 'none' | 'metrics' | 'read';
  /** bcrypt hashes of passwords by user name (basic authentication, RFC 7617). Users may read. */
  readonly users: ReadonlyMap<string, string>;
  readonly tokens: readonly AccessToken[];
  /** Users, also those that a trusted proxy or a client certificate names, who may write. */
  readonly writers: ReadonlySet<string>;
  /** Addresses and networks (CIDR) of proxies that are believed when they say who asks, and from where. */
  readonly trustedProxies: readonly string[];
  /** In which header a trusted proxy says who asks. */
  readonly userHeader: string;
  /** Whether a client certificate that was verified says who asks, by its common name. */
  readonly certificates: boolean;
  /** Names under which we are reached, beside our addresses; a page or a writer that reaches us by another is refused. */
  readonly hosts: ReadonlySet<string>;
}

/** Anyone may read and nobody write. */
export const OPEN_TO_READERS: AccessRules = {
  anonymous: 'read',
  users: new Map(),
  tokens: [],
  writers: new Set(),
  trustedProxies: [],
  userHeader: 'x-forwarded-user',
  certificates: false,
  hosts: new Set(),
};

/** What a token is known by: of one length, so that comparing takes as long for any. */
export function tokenDigest(token: string): Uint8Array {
  return createHash('sha256').update(token).digest();
}

/** Whether there is anybody who may write. */
export function hasWriters({ tokens, writers }: AccessRules): boolean {
  return writers.size > 0 || tokens.some(({ rights }) => rights.includes('write'));
}

/** Whether anybody at all can prove who they are. */
export function knowsAnybody({ users, tokens, trustedProxies, certificates }: AccessRules): boolean {
  return users.size > 0 || tokens.length > 0 || trustedProxies.length > 0 || certificates;
}
