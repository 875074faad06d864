import { describe, expect, it } from 'vitest';
import { HELM_TROUBLE, HELMS, template, type Values } from './chart.ts';

const CHECK = { id: 'a', probe: 'tcp', row: 'sla4.internet', interval: '10s', timeout: '3s' };
const CONFIG = { contract: 'outscale-secnumcloud', region: 'r', vantages: ['az-a'], checks: [CHECK] };
const SHARED = { mode: 'shared', config: CONFIG, redis: { url: 'redis://10.0.0.1:6379' } };

/** A mistake, and what the refusal must say: the key, and something of what is wrong with it. */
const MISTAKES: readonly (readonly [string, Values['values'], readonly (string | RegExp)[]])[] = [
  ['an unknown key', { replicaCount: 2 }, ['replicaCount']],
  ['an unknown key within', { judge: { replicsa: 2 } }, [/judge/, 'replicsa']],
  ['an unknown key of a vantage', { vantages: [{ name: 'a', zoen: 'b' }] }, [/vantages[./]0/, 'zoen']],
  ['a word that is none of those', { mode: 'ha' }, [/mode/, 'single', 'shared']],
  ['text for a number', { judge: { replicas: '2' } }, [/judge[./]replicas/]],
  ['a port that takes root', { port: 80 }, [/port/, /1,?024/]],
  ['a size that is none', { single: { persistence: { size: '2 GB' } } }, [/single[./]persistence[./]size/]],
  ['a digest that is none', { image: { digest: 'latest' } }, [/image[./]digest/]],
  ['a vantage without a name', { vantages: [{ zone: 'a' }] }, [/vantages[./]0/, 'name']],
  ['a vantage whose name no object can have', { vantages: [{ name: 'AZ_A' }] }, [/vantages[./]0[./]name/]],
  [
    'a reflector that answers nobody',
    { reflectors: [{ name: 'a', peers: [] }] },
    [/reflectors[./]0[./]peers/],
  ],
  ['a password in a value', { redis: { password: 'x' } }, [/redis/, 'password']],
  [
    'a password in a URL',
    { ...SHARED, redis: { url: 'redis://:pw@h:6379' } },
    ['redis.url:', 'existingSecret'],
  ],
  ['a text that is no YAML', { config: 'a: [' }, ['config: is not YAML']],
  ['a configuration without a contract', { config: { region: 'r' } }, ['config.contract: is missing']],
  [
    'a contract that is not there',
    { config: { ...CONFIG, contract: 'contracts/mine.yaml' } },
    ['config.contract:', '"contracts/mine.yaml"', 'contracts: { "mine.yaml"'],
  ],
  ['windows of its own', { config: { ...CONFIG, window: { url: 'redis://h' } } }, ['config.window:']],
  ['shared without windows', { ...SHARED, redis: {} }, ['redis: mode shared needs exactly one']],
  [
    'shared with two',
    { ...SHARED, redis: { url: 'redis://h', internal: { enabled: true } } },
    ['redis: mode'],
  ],
  ['shared without a configuration', { ...SHARED, config: {} }, ['config: is empty']],
  ['single with Redis', { config: CONFIG, redis: { url: 'redis://h' } }, ['redis: is of mode shared']],
  [
    'single with vantages',
    { config: CONFIG, vantages: [{ name: 'az-a' }] },
    ['vantages: are workloads of mode'],
  ],
  [
    'single that is not told where it looks from',
    { config: { ...CONFIG, vantages: ['a', 'b'] } },
    ['single.vantages: is empty', 'a, b'],
  ],
  [
    'single at a vantage unheard of',
    { config: CONFIG, single: { vantages: ['b'] } },
    ['single.vantages: "b"'],
  ],
  ['a vantage unheard of', { ...SHARED, vantages: [{ name: 'b' }] }, ['vantages[0].name: "b"', 'az-a']],
  [
    'a vantage twice',
    { ...SHARED, vantages: [{ name: 'az-a' }, { name: 'az-a' }] },
    ['vantages[1].name: "az-a" is there twice'],
  ],
  ['nothing to run', { ...SHARED, judge: { enabled: false } }, ['judge.enabled: is false']],
  [
    'a DaemonSet of two',
    { ...SHARED, vantages: [{ name: 'az-a', kind: 'DaemonSet', replicas: 2 }] },
    ['vantages[0]: a DaemonSet'],
  ],
  [
    'DHCP on the network of a node, without its right',
    {
      ...SHARED,
      config: { ...CONFIG, checks: [{ ...CHECK, id: 'lease', probe: 'dhcp' }] },
      vantages: [{ name: 'az-a', hostNetwork: true }],
    },
    ['vantages[0].privilegedPorts: the checks lease', 'CAP_NET_BIND_SERVICE'],
  ],
  [
    'a sysctl on the network of a node',
    { ...SHARED, vantages: [{ name: 'az-a', hostNetwork: true, privilegedPorts: 'sysctl' }] },
    ['vantages[0].privilegedPorts: sysctl'],
  ],
  [
    'a reflector at a low port of a node, without its right',
    { reflectors: [{ name: 'a', peers: ['10.0.0.0/8'], hostNetwork: true }] },
    ['reflectors[0].privilegedPorts: port 862'],
  ],
  [
    'evidence that two judges cannot share',
    { ...SHARED, judge: { evidence: { enabled: true, accessModes: ['ReadWriteOnce'] } } },
    ['judge.evidence.accessModes:', 'ReadWriteMany'],
  ],
  [
    'a probe whose egress nobody knows',
    { config: { ...CONFIG, checks: [{ ...CHECK, probe: 'gopher' }] } },
    ['networkPolicy.uncomputed: config.checks[0]', '"gopher"'],
  ],
  [
    'a secret that nothing gives',
    { config: { ...CONFIG, checks: [{ ...CHECK, with: { key: { env: 'MY_KEY' } } }] } },
    ['secrets:', '{ env: MY_KEY }'],
  ],
  [
    'a secret for nothing',
    { secrets: [{ name: 'key' }] },
    ['secrets[0]: "key" has neither env nor mountPath'],
  ],
  [
    'two ways to scrape',
    { monitoring: { podMonitor: { enabled: true }, serviceMonitor: { enabled: true } } },
    ['monitoring.serviceMonitor.enabled:', 'twice'],
  ],
  [
    'rules for a contract of which none are shipped',
    {
      config: { ...CONFIG, contract: 'mine.yaml' },
      contracts: { 'mine.yaml': {} },
      monitoring: { prometheusRule: { enabled: true } },
    },
    ['monitoring.prometheusRule.rules:', '"mine.yaml"', 'vigie rules'],
  ],
];

describe.skipIf(HELM_TROUBLE)(
  `the chart refuses, and names the key (${HELM_TROUBLE ?? 'both helms'})`,
  () => {
    describe.each(HELMS)('$name', (helm) => {
      it.each(MISTAKES)('%s', (_, values, expected) => {
        const { code, trouble } = template(helm, { values });
        expect(code).not.toBe(0);
        for (const part of expected)
          expect(trouble).toMatch(typeof part === 'string' ? new RegExp(RegExp.escape(part)) : part);
      });

      it('tells all mistakes at once', () => {
        const { trouble } = template(helm, {
          values: { ...SHARED, redis: {}, vantages: [{ name: 'b' }], secrets: [{ name: 'key' }] },
        });
        expect(trouble).toContain('redis: mode shared');
        expect(trouble).toContain('vantages[0].name');
        expect(trouble).toContain('secrets[0]');
      });
    });
  },
);
