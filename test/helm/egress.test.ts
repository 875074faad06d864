import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { probeKinds } from '../../probes/index.ts';
import {
  HELM_TROUBLE,
  type Manifest,
  manifestOf,
  manifests,
  template,
  helm3,
  items,
  textOf,
} from './chart.ts';

const API = { region: 'eu-west-2', endpoint: 'https://api.test:8443' };
const ANYWHERE = '0.0.0.0/0 ::/0';

/** What checks of every kind must be let out to: `range … protocol/port`. Kinds that use no network have nothing. */
const NEEDS: readonly (readonly [string, unknown, readonly string[]])[] = [
  ['http', { url: 'https://192.0.2.1/x' }, ['192.0.2.1/32 TCP/443']],
  ['http', { url: 'http://name.test/x' }, [`${ANYWHERE} TCP/80`]],
  ['http', { url: 'https://[2001:db8::1]:8443' }, ['2001:db8::1/128 TCP/8443']],
  ['tcp', { host: '192.0.2.1', port: 22 }, ['192.0.2.1/32 TCP/22']],
  ['tcp', { host: 'known.test', port: 22 }, ['198.51.100.0/24 203.0.113.7/32 TCP/22']],
  ['dns', { server: '10.0.0.2', name: 'x.test' }, ['10.0.0.2/32 TCP/53', '10.0.0.2/32 UDP/53']],
  ['dns', { server: '10.0.0.2', name: 'x', onTruncated: 'accept', port: 54 }, ['10.0.0.2/32 UDP/54']],
  ['dns', { server: '10.0.0.2', name: 'x.test', transport: 'tls' }, ['10.0.0.2/32 TCP/853']],
  ['dhcp', { server: '10.0.0.1' }, ['10.0.0.1/32 UDP/67']],
  ['dhcp', { mode: 'broadcast' }, ['255.255.255.255/32 UDP/67']],
  ['ntp', { server: '10.0.0.3' }, ['10.0.0.3/32 UDP/123']],
  ['metadata', {}, ['169.254.169.254/32 TCP/80']],
  ['latency', { host: '10.0.1.10' }, ['10.0.1.10/32 UDP/862']],
  ['latency', { host: '10.0.1.10', transport: 'tcp', port: 443 }, ['10.0.1.10/32 TCP/443']],
  [
    'firewall',
    {
      host: '10.0.2.30',
      allowed: { port: 1 },
      denied: { port: 2 },
      heartbeat: { host: '10.0.9.30', port: 3 },
    },
    ['10.0.2.30/32 TCP/1', '10.0.2.30/32 TCP/2', '10.0.9.30/32 TCP/3'],
  ],
  [
    'internet',
    {
      targets: {
        a: { transport: 'dns', host: '9.9.9.9' },
        b: { transport: 'tls', host: '1.1.1.1' },
        c: { transport: 'tcp', host: '192.0.2.25', port: 25 },
      },
    },
    ['1.1.1.1/32 TCP/443', '192.0.2.25/32 TCP/25', '9.9.9.9/32 UDP/53'],
  ],
  [
    'load-balancer',
    { front: { url: 'https://192.0.2.1/h' }, backends: [{ host: '10.0.1.4', port: 8080 }], api: API },
    [`${ANYWHERE} TCP/8443`, '10.0.1.4/32 TCP/8080', '192.0.2.1/32 TCP/443'],
  ],
  ['outscale-api', { region: 'eu-west-2', service: 'fcu' }, [`${ANYWHERE} TCP/443`]],
  [
    'vm',
    { ...API, vmId: 'i-1', heartbeat: { host: '10.0.0.9', port: 22 } },
    [`${ANYWHERE} TCP/8443`, '10.0.0.9/32 TCP/22'],
  ],
  ['object-storage', { endpoint: 'https://192.0.2.6', bucket: 'b' }, ['192.0.2.6/32 TCP/443']],
  ['object-durability', { endpoint: 'http://oos.test:8000', bucket: 'b' }, [`${ANYWHERE} TCP/8000`]],
  ['volume', { file: '/mnt/x' }, []],
  ['volume', { file: '/mnt/x', api: API }, [`${ANYWHERE} TCP/8443`]],
  ['iops', { file: '/mnt/x' }, []],
  ['snapshot', API, [`${ANYWHERE} TCP/8443`]],
];

const hosts = { 'known.test': ['198.51.100.0/24', '203.0.113.7/32'] };

/** What a policy lets out besides the resolver, `range … protocol/port`, in order. */
function letOut(policy: Manifest): readonly string[] {
  return items(policy.spec['egress'])
    .slice(1)
    .flatMap((rule) => {
      const ranges = items(rule['to'])
        .map((peer) => textOf(peer['ipBlock']?.['cidr']))
        .join(' ');
      return items(rule['ports']).map(
        ({ protocol, port }) => `${ranges} ${textOf(protocol)}/${textOf(port)}`,
      );
    })
    .toSorted();
}

function config(checks: readonly object[]): object {
  return { contract: 'outscale-secnumcloud', region: 'r', vantages: ['az-a', 'az-b'], checks };
}

const check = (probe: string, settings: unknown, more: object = {}): object => ({
  ...{ id: probe, probe, row: 'sla4.internet', interval: '30s', timeout: '5s', with: settings },
  ...more,
});

describe.skipIf(HELM_TROUBLE)(`egress by network policy (${HELM_TROUBLE ?? 'of every probe'})`, () => {
  it.each(NEEDS)('%s %j is let out to %j and nothing else', (probe, settings, expected) => {
    const values = {
      config: config([check(probe, settings)]),
      single: { vantages: ['az-a'] },
      networkPolicy: { hosts },
    };
    expect(letOut(manifestOf(manifests({ values }), 'NetworkPolicy/vigie-single'))).toEqual(
      expected.toSorted(),
    );
  });

  it('knows every kind of probe that there is', () => {
    expect([...new Set(NEEDS.map(([probe]) => probe))].toSorted()).toEqual(
      [...probeKinds().keys()].toSorted(),
    );
  });

  it.each(readdirSync(join(import.meta.dirname, '../../config/examples')))('takes %s as it is', (file) => {
    const path = join(import.meta.dirname, '../../config/examples', file);
    const variables = [...readFileSync(path, 'utf8').matchAll(/\{ env: (\w+) \}/g)].map(
      ([, name = '']) => name,
    );
    const keys = Object.fromEntries(variables.map((name) => [name, 'k']));
    const values = {
      single: { vantages: /^vantages: \[(.*)\]$/m.exec(readFileSync(path, 'utf8'))?.[1]?.split(', ') ?? [] },
      secrets: variables.length > 0 ? [{ name: 's', env: keys }] : [],
    };
    const { code, trouble } = template(helm3, { values, args: ['--set-file', `config=${path}`] });
    expect(trouble).toBe('');
    expect(code).toBe(0);
  });

  it('is of a vantage what its own checks and references name', () => {
    const values = {
      mode: 'shared',
      redis: { url: 'redis+sentinel://10.2.0.1:26380,10.2.0.2/main' },
      vantages: [{ name: 'az-a' }, { name: 'az-b', hostNetwork: true }],
      config: {
        ...config([
          check('tcp', { host: '192.0.2.1', port: 1 }, { vantages: ['az-a'] }),
          check('tcp', { host: '192.0.2.2', port: 2 }, { vantages: ['az-b'] }),
          check('tcp', { host: '192.0.2.3', port: 3 }),
        ]),
        egress: {
          references: [
            { host: '192.0.2.4', port: 4 },
            { host: '192.0.2.5', port: 5, vantages: ['az-b'] },
          ],
        },
        alerting: {
          push: true,
          alertmanagers: ['http://10.3.0.1:9093', { url: 'https://10.3.0.2:9094', tls: { verify: false } }],
        },
      },
    };
    const all = manifests({ values });
    const redis = [
      '10.2.0.1/32 TCP/26380',
      '10.2.0.1/32 TCP/6379',
      '10.2.0.2/32 TCP/26379',
      '10.2.0.2/32 TCP/6379',
    ];
    expect(letOut(manifestOf(all, 'NetworkPolicy/vigie-probe-az-a'))).toEqual(
      ['192.0.2.1/32 TCP/1', '192.0.2.3/32 TCP/3', '192.0.2.4/32 TCP/4', ...redis].toSorted(),
    );
    expect(letOut(manifestOf(all, 'NetworkPolicy/vigie-judge'))).toEqual(
      [...redis, ' TCP/443', ' TCP/6443', '10.3.0.1/32 TCP/9093', '10.3.0.2/32 TCP/9094'].toSorted(),
    );
    // On the network of its node no policy would hold.
    expect(all.some(({ metadata }) => metadata['name'] === ('vigie-probe-az-b' as unknown))).toBe(true);
    expect(() => manifestOf(all, 'NetworkPolicy/vigie-probe-az-b')).toThrow('no NetworkPolicy');
  });

  it('is denied to every pod of the release unless something allows it', () => {
    const { spec } = manifestOf(manifests({ example: 'three-azs' }), 'NetworkPolicy/vigie');
    expect(spec).toEqual({
      podSelector: {
        matchLabels: { 'app.kubernetes.io/name': 'vigie', 'app.kubernetes.io/instance': 'vigie' },
      },
      policyTypes: ['Ingress', 'Egress'],
    });
  });
});
