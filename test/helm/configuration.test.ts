import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { probeKinds } from '../../probes/index.ts';
import type { LoadResult } from '../../src/config/config.ts';
import { loadConfig } from '../../src/config/load.ts';
import { shippedContract } from '../../src/config/local-files.ts';
import { formatProblem } from '../../src/config/problem.ts';
import { selfSigned } from '../servers/certificate.ts';
import { findProgram } from '../servers/packages.ts';
import {
  CHART,
  EXAMPLES,
  HELM_TROUBLE,
  type Manifest,
  manifestOf,
  manifests,
  podsOf,
  template,
  type Tree,
  type Values,
  containerOf,
  helm3,
  items,
  textOf,
  textsOf,
} from './chart.ts';
import { promtoolFindings } from './promtool.ts';

const ROOT = join(CHART, '../..');
const { cert: CERTIFICATE } = selfSigned({ names: ['site.test'], fromMs: 0, toMs: 4e12 });

/** Loads a rendered file as `vigie check` does in the pod: of the ConfigMap, the contracts shipped, and Secrets. */
function load(all: readonly Manifest[], file: string): LoadResult {
  const files = all.find(({ data }) => data?.['vigie.yaml'])?.data ?? {};
  const [pod] = podsOf(all);
  const env = items(containerOf(pod?.spec)?.['env']).map(({ name }) => [textOf(name), 'redis://h:6379']);
  return loadConfig(`/etc/vigie/${file}`, {
    kinds: probeKinds(),
    env: Object.fromEntries(env),
    shippedContract,
    readFile(path) {
      if (path.endsWith('.pem')) return CERTIFICATE;
      if (path.startsWith('/etc/vigie/')) return files[basename(path)] ?? '';
      return path.startsWith('/etc/vigie-secrets/') ? 'secret' : readFileSync(path, 'utf8');
    },
  });
}

const errorsOf = ({ problems }: LoadResult): readonly string[] =>
  problems.filter(({ severity }) => severity === 'error').map(formatProblem);

describe.skipIf(HELM_TROUBLE)(`the configuration of the chart (${HELM_TROUBLE ?? 'by vigie check'})`, () => {
  it.each(['no values', ...EXAMPLES])('is good in every file that a pod reads: %s', (name) => {
    const all = manifests(name === 'no values' ? {} : { example: name });
    const asked = podsOf(all)
      .flatMap(({ spec }) => textsOf(containerOf(spec)?.['args']))
      .filter((argument) => argument.startsWith('/etc/vigie/'));
    expect(asked.length).toBeGreaterThan(0);
    for (const path of new Set(asked)) {
      const loaded = load(all, basename(path));
      expect(errorsOf(loaded)).toEqual([]);
      expect(loaded.config?.dataDir).toBe('/var/lib/vigie');
    }
  });

  it('listens at the port that probes, Services and policies name', () => {
    const all = manifests({ example: 'host-network' });
    const port = (owner: string): unknown =>
      Number(
        items(containerOf(podsOf(all).find((pod) => pod.owner === owner)?.spec)?.['ports'])[0]?.[
          'containerPort'
        ],
      );
    expect(port('Deployment/vigie-judge')).toBe(load(all, 'vigie.yaml').config?.listen.port);
    expect(port('DaemonSet/vigie-probe-az-a')).toBe(load(all, 'vigie.az-a.yaml').config?.listen.port);
  });

  it('is what the user gave, by tree or by text, but for what the chart sets', () => {
    const path = join(ROOT, 'config/examples/network.yaml');
    const values: Values = {
      values: { single: { vantages: ['az-a'] } },
      args: ['--set-file', `config=${path}`],
    };
    const { config: given } = loadConfig(path, {
      kinds: probeKinds(),
      env: {},
      shippedContract,
      readFile: (file) => readFileSync(file, 'utf8'),
    });
    const { config } = load(manifests(values), 'vigie.yaml');
    expect(config?.checks.length).toBeGreaterThan(5);
    expect({ ...config, path: '', dataDir: '', listen: '', sources: '' }).toEqual({
      ...given,
      path: '',
      dataDir: '',
      listen: '',
      sources: '',
    });
  });

  it('is, without any, the example that watches from outside', () => {
    const shipped = readFileSync(join(CHART, 'files/outside.yaml'), 'utf8');
    expect(shipped).toBe(readFileSync(join(ROOT, 'config/examples/outside.yaml'), 'utf8'));
  });

  it('may name a contract of its own', () => {
    expect(load(manifests({ example: 'everything' }), 'vigie.yaml').config?.contract.id).toBe('hosting');
  });
});

const filesIn = (folder: string): readonly string[] => readdirSync(join(CHART, folder));

describe.skipIf(HELM_TROUBLE)(`the dashboards of the chart (${HELM_TROUBLE ?? 'as a ConfigMap'})`, () => {
  it('reach Grafana whole, by the label of its sidecar, within what a ConfigMap holds', () => {
    const all = manifests({ values: { monitoring: { dashboards: { enabled: true } } } });
    const { data, metadata } = manifestOf(all, 'ConfigMap/vigie-dashboards');
    expect(metadata['labels']).toMatchObject({ grafana_dashboard: '1' });
    expect(Object.keys(data)).toEqual(filesIn('dashboards'));
    for (const [name, text] of Object.entries(data))
      expect(text).toBe(readFileSync(join(CHART, 'dashboards', name), 'utf8'));
    expect(JSON.stringify(data).length).toBeLessThan(1_000_000);
  });
});

/** The operator puts each object into a ConfigMap of at most half a MiB. */
const OPERATOR_TAKES_BYTES = 524_288;

const byName = (one: Tree, other: Tree): number => (textOf(one['name']) < textOf(other['name']) ? -1 : 1);

const contracts = (): readonly string[] => filesIn('rules').map((file) => basename(file, '.yaml'));

describe.skipIf(HELM_TROUBLE ?? !findProgram('promtool'))(
  `the alerting rules of the chart (${HELM_TROUBLE ?? 'needs promtool from prometheus'})`,
  () => {
    const rendered = (values: Values): { readonly groups: readonly Tree[] } => {
      const objects = manifests(values).filter(({ kind }) => kind === 'PrometheusRule');
      for (const { spec } of objects) expect(JSON.stringify(spec).length).toBeLessThan(OPERATOR_TAKES_BYTES);
      return { groups: objects.flatMap(({ spec }) => items(spec['groups'])) };
    };

    it('reach Prometheus with the templates of their annotations whole', () => {
      const spec = rendered({ example: 'everything' });
      expect(promtoolFindings(spec)).toBe('');
      expect(JSON.stringify(spec)).toContain('{{ $labels.row }} is down');
      expect(promtoolFindings({ groups: [{ name: 'x', rules: [{ alert: 'X', expr: 'sum(' }] }] })).toContain(
        'expr',
      );
    });

    it.each(contracts())('are those shipped for the contract: %s', (contract) => {
      const config = { contract, region: 'r', checks: [] };
      const rules = rendered({ values: { config, monitoring: { prometheusRule: { enabled: true } } } });
      expect(promtoolFindings(rules)).toBe('');
      const name = textOf(items(rules.groups[0]?.['rules'])[0]?.['labels']?.['installation']);
      expect(name).toMatch(/^[a-z-]+\/[a-z-]+$/);
      const text = readFileSync(join(CHART, 'rules', `${contract}.yaml`), 'utf8');
      const shipped = parse(text.replaceAll('INSTALLATION', name).replaceAll('region: REGION', 'region: r'));
      expect(rules.groups.toSorted(byName)).toEqual(
        items(shipped.groups ?? shipped.spec.groups).toSorted(byName),
      );
    });

    it('ask for the series that the monitors label, and pushed alerts are labelled alike', () => {
      const config = { contract: 'example-hosting', region: 'r', checks: [] };
      const alertmanagers = ['http://alertmanager:9093'];
      const of = (alerting: unknown) => {
        const monitoring = { podMonitor: { enabled: true }, prometheusRule: { enabled: true } };
        return template(helm3, { values: { config: { ...config, alerting }, monitoring } }).text;
      };
      const given = of({ push: true, alertmanagers, labels: { installation: 'mine' } });
      expect(given).toContain('{ action: replace, targetLabel: installation, replacement: "mine" }');
      expect(given).toContain('absent(vigie_build_info{installation="mine"})');
      const own = of({ push: true, alertmanagers });
      const [, name = ''] = /absent\(vigie_build_info\{installation="([^"]+)"\}\)/.exec(own) ?? [];
      expect(own).toContain(`targetLabel: installation, replacement: "${name}"`);
      expect(own).toMatch(new RegExp(`labels:\\s+installation: ${name}\\s+push: true`));
    });

    it('may be given as `vigie rules` prints them', () => {
      const groups = [{ name: 'mine', rules: [{ alert: 'X', expr: 'up == 0' }] }];
      const whole = { apiVersion: 'monitoring.coreos.com/v1', kind: 'PrometheusRule', spec: { groups } };
      const values = { monitoring: { prometheusRule: { enabled: true, rules: whole } } };
      expect(rendered({ values })).toEqual({ groups });
    });
  },
);
