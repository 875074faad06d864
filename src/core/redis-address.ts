/** A host and a port. */
export interface Endpoint {
  readonly host: string;
  readonly port: number;
}

/** Where a Redis is, by the kind of its URL. */
export type RedisAddress = {
  readonly tls: boolean;
  readonly username?: string;
  readonly password?: string;
} & (
  | { readonly kind: 'single'; readonly endpoint: Endpoint; readonly database: number }
  | {
      readonly kind: 'sentinel';
      readonly sentinels: readonly Endpoint[];
      readonly name: string;
      readonly database: number;
    }
  | { readonly kind: 'cluster'; readonly endpoints: readonly Endpoint[] }
);

/** What a Redis URL looks like, for messages. */
export const REDIS_URL_EXPECTED =
  'redis://host:port, rediss://host:port, redis+sentinel://h1:p,h2:p/name or redis+cluster://h1:p,h2:p';

const SHAPE =
  /^(?<scheme>redis|rediss|redis\+sentinel|rediss\+sentinel|redis\+cluster|rediss\+cluster):\/\/(?:(?<user>[^@/]*)@)?(?<hosts>[^@/?#]+)(?:\/(?<path>[^?#]*))?$/;
const HOST = /^(?:\[(?<six>[0-9a-fA-F:.]+)\]|(?<host>[A-Za-z0-9._-]+))(?::(?<port>\d{1,5}))?$/;
const DEFAULT_PORT = { redis: 6_379, sentinel: 26_379 } as const;

/**
 * A Redis by its URL: `redis://[user:password@]host[:port][/database]`, `redis+sentinel://…h1[:port],h2[:port]/name[/database]`,
 * `redis+cluster://…h1[:port],h2[:port]`; each with `rediss` for TLS. User and password are percent-encoded. Undefined
 * when it is anything else.
 */
export function parseRedisUrl(url: string): RedisAddress | undefined {
  const { scheme, user, hosts, path } = SHAPE.exec(url)?.groups ?? {};
  if (scheme === undefined || hosts === undefined) return undefined;
  const [transport, kind = 'single'] = scheme.split('+');
  const port = kind === 'sentinel' ? DEFAULT_PORT.sentinel : DEFAULT_PORT.redis;
  const endpoints = hosts.split(',').map((text) => endpointOf(text, port));
  const whole = endpoints.filter((endpoint) => endpoint !== undefined);
  const credentials = credentialsOf(user);
  const [endpoint] = whole;
  if (!endpoint || whole.length < endpoints.length || !credentials) return undefined;
  const shared = { tls: transport === 'rediss', ...credentials };
  const parts = (path ?? '').split('/').filter((part) => part !== '');
  if (kind === 'cluster') {
    return parts.length === 0 ? { ...shared, kind, endpoints: whole } : undefined;
  }
  const name = kind === 'sentinel' ? parts.shift() : undefined;
  const database = databaseOf(parts);
  if (database === undefined) return undefined;
  if (kind === 'sentinel') {
    return name === undefined ? undefined : { ...shared, kind, sentinels: whole, name, database };
  }
  return whole.length > 1 ? undefined : { ...shared, kind: 'single', endpoint, database };
}

function endpointOf(text: string, defaultPort: number): Endpoint | undefined {
  const { six, host = six, port } = HOST.exec(text)?.groups ?? {};
  const number = port === undefined ? defaultPort : Number(port);
  return host === undefined || number < 1 || number > 65_535 ? undefined : { host, port: number };
}

function credentialsOf(
  user: string | undefined,
): { readonly username?: string; readonly password?: string } | undefined {
  if (user === undefined || user === '') return {};
  const colon = user.indexOf(':');
  const [username, password] = colon < 0 ? [user, ''] : [user.slice(0, colon), user.slice(colon + 1)];
  try {
    return {
      ...(username === '' ? {} : { username: decodeURIComponent(username) }),
      ...(password === '' ? {} : { password: decodeURIComponent(password) }),
    };
  } catch {
    return undefined;
  }
}

function databaseOf(parts: readonly string[]): number | undefined {
  const [text = '0', ...more] = parts;
  return more.length > 0 || !/^\d{1,4}$/.test(text) ? undefined : Number(text);
}

/** The address without its password, for messages and logs. */
export function showAddress(address: RedisAddress): string {
  const scheme = `${address.tls ? 'rediss' : 'redis'}${address.kind === 'single' ? '' : `+${address.kind}`}`;
  switch (address.kind) {
    case 'single':
      return `${scheme}://${showEndpoint(address.endpoint)}`;
    case 'sentinel':
      return `${scheme}://${address.sentinels.map(showEndpoint).join()}/${address.name}`;
    case 'cluster':
      return `${scheme}://${address.endpoints.map(showEndpoint).join()}`;
  }
}

function showEndpoint({ host, port }: Endpoint): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}
