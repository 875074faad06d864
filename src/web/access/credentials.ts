/** What a request shows to prove who makes it. */
export type Credentials =
  | { readonly scheme: 'basic'; readonly user: string; readonly password: string }
  | { readonly scheme: 'bearer'; readonly token: string };

/**
 * What an `Authorization` header shows, by the schemes Basic (RFC 7617) and Bearer (RFC 6750); undefined when it is
 * neither, or not well formed.
 */
export function credentialsIn(header: string | undefined): Credentials | undefined {
  const [, scheme, value] = /^(Basic|Bearer) +(\S+) *$/i.exec(header ?? '') ?? [];
  if (scheme === undefined || value === undefined) return undefined;
  if (scheme.toLowerCase() === 'bearer') return { scheme: 'bearer', token: value };
  const [, user, password] = /^([^:]*):(.*)$/s.exec(Buffer.from(value, 'base64').toString()) ?? [];
  if (user === undefined || password === undefined) return undefined;
  return { scheme: 'basic', user, password };
}
