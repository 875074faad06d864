import { probeKinds } from '../../probes/index.ts';
import { classify, type Expectations } from '../../src/core/expectation.ts';
import type { Reading } from '../../src/core/reading.ts';
import { parse } from '../contracts/probing.ts';
import type { FaultyRegion, PortName } from './faulty-region.ts';

/** One look: a kind, its settings, and what is expected besides the kind's defaults. */
export interface Look {
  readonly kind: string;
  readonly with: object;
  readonly expect?: Expectations;
  readonly deadlineMs?: number;
}

/** What can be looked at in a region, and how. */
export interface RegionLooks {
  readonly ca: FaultyRegion['ca'];
  port(name: PortName): number;
  /** Without a slash at its end. */
  url(name: PortName): string;
  /** A query that a DNS server answers; its port is to be said. */
  readonly query: object;
  api(endpoint: string, more?: object): object;
  s3(endpoint: string, more?: object): object;
  /** Every kind that looks through a path, at a server that is right. */
  readonly right: Readonly<Record<(typeof NAMES)[number], Look>>;
}

const NAMES = [
  ...(['http', 'https', 'tcp', 'dns', 'dns over tcp', 'ntp', 'latency', 'metadata'] as const),
  ...(['outscale-api', 'object-storage'] as const),
] as const;

/** The looks at a region that is reached at an address. */
export function looksAt({ ports, ca }: FaultyRegion, host: string): RegionLooks {
  const url: RegionLooks['url'] = (name) => `http://${host}:${ports[name]}`;
  const query = { server: host, name: 'www.sla.test', type: 'A' };
  const api: RegionLooks['api'] = (endpoint, more) => ({ region: 'eu-west-1', endpoint, ...more });
  const s3: RegionLooks['s3'] = (endpoint, more) => ({
    ...{ endpoint, region: 'eu-west-1', bucket: 'lab', accessKey: 'AKLAB' },
    ...{ secretKey: { env: 'ANY' }, ...more },
  });
  return {
    ...{ ca, url, query, api, s3, port: (name) => ports[name] },
    right: {
      http: { kind: 'http', with: { url: `${url('http')}/` } },
      https: { kind: 'http', with: { url: `https://${host}:${ports.tls}/`, tls: { ca: ca.right } } },
      tcp: { kind: 'tcp', with: { host, port: ports.greeting, banner: {} } },
      dns: { kind: 'dns', with: { ...query, port: ports.dns } },
      'dns over tcp': { kind: 'dns', with: { ...query, port: ports.dns, transport: 'tcp' } },
      ntp: { kind: 'ntp', with: { server: host, port: ports.ntp, exchanges: 2, spacing: '50ms' } },
      latency: { kind: 'latency', with: { host, roundTrips: 3, spacing: '20ms' } },
      metadata: { kind: 'metadata', with: { url: `${url('metadata')}/latest/meta-data/` } },
      'outscale-api': { kind: 'outscale-api', with: api(url('api')) },
      'object-storage': { kind: 'object-storage', with: s3(url('s3')) },
    },
  };
}

const kinds = probeKinds();

/** Outcome and cause of a reading, as the windows would have them. */
export function wordsOf({ kind: word, with: settings, expect = {} }: Look, reading: Reading): string {
  const kind = kinds.get(word);
  if (!kind) throw new Error(`no probe ${word}`);
  const expectations = { ...kind.defaults, ...expect };
  const classified = classify(reading, expectations, kind.values(parse(kind, settings)));
  if (classified.outcome === 'good') return 'good';
  return `${classified.outcome} ${classified.outcome === 'absent' ? classified.blind : classified.cause}`;
}
