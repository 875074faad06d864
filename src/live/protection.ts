import type { Config } from '../config/config.ts';
import type { AccessSettings } from '../config/access.ts';
import { verifiesClients } from '../config/web.ts';
import { type AccessRules, tokenDigest } from '../web/access/rules.ts';
import type { Protection } from '../web/server.ts';

/** Who may do what over HTTP, and how it is protected, by a configuration. */
export function protectionOf({ access, web }: Pick<Config, 'access' | 'web'>): Protection {
  const users = web?.users ?? new Map<string, string>();
  const anonymous = access?.anonymous ?? 'read';
  return {
    access: { ...rulesOf(access), users, certificates: verifiesClients(web), anonymous },
    ...(web?.tls && { tls: web.tls }),
    ...(web && { headers: web.headers }),
  };
}

function rulesOf(
  access: AccessSettings | undefined,
): Omit<AccessRules, 'users' | 'certificates' | 'anonymous'> {
  return {
    tokens: (access?.tokens ?? []).map(({ name, token, rights }) => ({
      name,
      digest: tokenDigest(token.reveal()),
      rights,
    })),
    writers: new Set(access?.writers),
    trustedProxies: access?.trustedProxies ?? [],
    userHeader: access?.userHeader ?? 'x-forwarded-user',
    hosts: new Set(access?.hosts),
  };
}

/** Changes with what of the protection only a new server changes. */
export function restartOnly({ web }: Pick<Config, 'web'>): string {
  return JSON.stringify([web?.tls?.clientAuth, web?.headers]);
}
