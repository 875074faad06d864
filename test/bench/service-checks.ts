import type { ServiceTargets } from './service-targets.ts';

type Settings = Readonly<Record<string, unknown>>;

/** Where the secret key of the object storage lies, beside the configuration. */
export const SECRET_KEY_FILE = 'secret-key';

/** Settings of the i-th check of a kind: a request of its own, so that the guard has nothing to hold back. */
export type ServiceSettings = (targets: ServiceTargets, i: number) => Settings;

const HOST = '127.0.0.1';

const s3 =
  (operations: readonly string[]): ServiceSettings =>
  ({ ports }, i) => ({
    ...{ endpoint: `http://${HOST}:${ports.s3}`, region: 'eu-west-1', bucket: 'lab' },
    ...{ accessKey: 'AKLAB', secretKey: { file: SECRET_KEY_FILE }, prefix: `c${i}/`, operations },
  });

/** The chain that publishes an object. */
export const publishing: ServiceSettings = s3(['put', 'get', 'head', 'list', 'delete']);

/** Kinds that answer when nothing is wrong, by their word. */
export const SERVICE_SETTINGS = {
  http: ({ ports }, i) => ({ url: `http://${HOST}:${ports.http}/c${i}` }),
  tcp: ({ ports }, i) => ({ host: HOST, port: ports.greeting, banner: { send: `c${i}\r\n` } }),
  dns: ({ ports }, i) => ({ server: HOST, port: ports.dns, name: `c${i}.sla.test` }),
  ntp: ({ ntp }, i) => ({ server: HOST, port: ntp[i], exchanges: 1 }),
  latency: ({ reflector }, i) => ({
    ...{ host: HOST, port: reflector, roundTrips: 3 + Math.floor(i / 50), spacing: `${10 + (i % 50)}ms` },
  }),
  'outscale-api': ({ ports }, i) => ({
    ...{ region: 'eu-west-1', endpoint: `http://${HOST}:${ports.api}`, body: { n: i } },
  }),
  'object-storage': s3(['get']),
  'load-balancer': ({ ports }, i) => ({
    ...{ front: { url: `http://${HOST}:${ports.http}/lb${i}` }, wait: '1s' },
  }),
  internet: ({ ports }, i) => ({
    targets: {
      one: { transport: 'tcp', host: HOST, port: ports.greeting },
      two: { transport: 'dns', host: HOST, port: ports.dns, name: `i${i}.sla.test` },
    },
  }),
} as const satisfies Readonly<Record<string, ServiceSettings>>;

/** Long enough for a machine that has other things to do. */
export const TIMEOUT = '1500ms';

/** The word of such a kind. */
export type ServiceKind = keyof typeof SERVICE_SETTINGS;
