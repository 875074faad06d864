import { isIP } from 'node:net';
import { z } from 'zod';
import { tlsSchema } from './tls-settings.ts';

const ipVersionSchema = z
  .union([z.literal(4), z.literal(6), z.literal('any')], { error: 'expected 4, 6 or any' })
  .prefault('any')
  .describe('Family of the address; `any` takes the first that the system offers.');

const URL_EXPECTED = 'expected an http:// or https:// address without user, password and fragment';

const urlSchema = z.string().refine(
  (text) => {
    const url = URL.parse(text);
    return url !== null && /^https?:$/.test(url.protocol) && url.username + url.password + url.hash === '';
  },
  { error: URL_EXPECTED, abort: true },
);

const httpSiteSchema = z
  .strictObject({
    url: urlSchema.describe('What is asked for by GET. A redirection is not followed: it is an answer.'),
    virtualHost: z
      .string()
      .regex(/^[\w.-]+(?::\d+)?$/, { error: 'expected a host name, with a port or not' })
      .optional()
      .describe('The host that is asked for (header Host); that of the URL when absent.'),
    ipVersion: ipVersionSchema,
    tls: tlsSchema.optional().describe('How the server is to prove who it is.'),
    maxBody: z
      .int()
      .min(0)
      .max(67_108_864)
      .prefault(1_048_576)
      .describe('Bytes of body beyond which reading stops with a protocol fault.'),
  })
  .refine(({ url, tls }) => !tls || new URL(url).protocol === 'https:', {
    path: ['tls'],
    error: 'expected only with an https:// address',
  });

const tcpSiteSchema = z.strictObject({
  host: z.string().min(1).max(255).describe('Host name or IP address to connect to.'),
  port: z.int().min(1).max(65_535).describe('TCP port to connect to.'),
  ipVersion: ipVersionSchema,
  send: z.string().max(4_096).optional().describe('Text sent first.'),
  greeting: z
    .boolean()
    .prefault(false)
    .describe('Whether it must say something, too: a balancer may take a connection that it has no use for.'),
});

/** Schema of a place that serves by HTTP (a `url`) or TCP (a `host` and a `port`). */
export const siteSchema = z.union([httpSiteSchema, tcpSiteSchema], {
  error: 'expected { url: … }, or { host: …, port: … }',
});

/** A place that serves by HTTP, parsed. */
export type HttpSite = z.output<typeof httpSiteSchema>;
/** A place that serves by TCP, parsed. */
export type TcpSite = z.output<typeof tcpSiteSchema>;
/** A place that serves, parsed. */
export type Site = HttpSite | TcpSite;

/** Host and port of a place, as people write them: `10.0.1.4:8080`, `[fd00::1]:443`. */
export function siteAddress(site: Site): string {
  const { host, port } = siteEndpoint(site);
  return `${isIP(host) === 6 ? `[${host}]` : host}:${port}`;
}

/** Host and port of a place as sockets want them: IPv6 addresses without brackets. */
export function siteEndpoint(site: Site): { readonly host: string; readonly port: number } {
  if (!('url' in site)) return { host: site.host.toLowerCase(), port: site.port };
  const { hostname, port, protocol } = new URL(site.url);
  return {
    host: hostname.replace(/^\[|\]$/g, ''),
    port: Number(port) || (protocol === 'https:' ? 443 : 80),
  };
}
