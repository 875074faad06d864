import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import {
  CHART,
  EXAMPLES,
  helm3,
  template,
  HELM_TROUBLE,
  type Manifest,
  manifestOf,
  manifests,
  MODULES,
  nameOf,
  podsOf,
  textOf,
} from './chart.ts';
import { modelOf, strictFindings } from './strict-types.ts';

/** What the validator of a kind says: values of the wrong form, such as a quantity that is none. */
async function findings(manifest: Manifest): Promise<string | undefined> {
  const { kind, apiVersion } = manifest;
  const models = await import(join(MODULES, `${modelOf(apiVersion, kind)}.js`));
  try {
    new models[kind](manifest).validate();
    return undefined;
  } catch (error) {
    return error instanceof Error ? `${nameOf(manifest)}: ${error.message}` : 'no error';
  }
}

const all = (): readonly Manifest[] => [
  ...manifests({}),
  ...EXAMPLES.flatMap((example) => manifests({ example })),
];

describe.skipIf(HELM_TROUBLE)(`the manifests of the chart (${HELM_TROUBLE ?? 'by schema'})`, () => {
  it('have no field that Kubernetes and the operator do not know, lack none, and are of the right types', () => {
    expect(strictFindings(all())).toEqual([]);
  });

  it('hold values of the right form', async () => {
    for (const manifest of all()) expect(await findings(manifest)).toBeUndefined();
  });

  it('would not pass with an unknown field, deep down, or a missing one', () => {
    const good = manifests({ example: 'three-azs' });
    const broken = structuredClone(manifestOf(good, 'Deployment/vigie-judge')) as unknown as {
      spec: { template: { spec: { containers: { livenessProbe: Record<string, unknown> }[] } } };
    };
    const probe = broken.spec.template.spec.containers[0]?.livenessProbe;
    if (probe) probe['periodSecond'] = 3;
    expect(strictFindings([broken as unknown as Manifest]).join()).toContain('periodSecond');
    const monitor = structuredClone(manifestOf(good, 'PodMonitor/vigie')) as unknown as { spec: object };
    monitor.spec = { podMetricsEndpoints: [] };
    expect(strictFindings([monitor as unknown as Manifest]).join()).toContain('selector');
  });

  it('are of kinds that live in a namespace, and in that of the release', () => {
    const namespaced = [
      ...['ConfigMap', 'Deployment', 'DaemonSet', 'HorizontalPodAutoscaler', 'Lease', 'NetworkPolicy'],
      ...['PersistentVolumeClaim', 'Pod', 'PodDisruptionBudget', 'PodMonitor', 'PrometheusRule', 'Role'],
      ...['RoleBinding', 'Service', 'ServiceAccount', 'ServiceMonitor'],
    ];
    for (const manifest of all()) {
      expect(namespaced).toContain(manifest.kind);
      expect(manifest.metadata['namespace']).toBe('sla');
    }
  });

  it('give no right but to read and renew one lease, which is there', () => {
    const roles = all().filter(({ kind }) => kind === 'Role' || kind === 'ClusterRole');
    expect(roles.length).toBeGreaterThan(0);
    for (const role of roles) {
      const name = textOf(role.metadata['name']);
      expect(role.rules).toEqual([
        {
          apiGroups: ['coordination.k8s.io'],
          resources: ['leases'],
          resourceNames: [name],
          verbs: ['get', 'update'],
        },
      ]);
    }
    const three = manifests({ example: 'three-azs' });
    expect(manifestOf(three, 'Lease/vigie-judge').spec).toBeUndefined();
    const withToken = podsOf(three).filter(({ spec }) => spec['automountServiceAccountToken']);
    expect(withToken.map(({ owner }) => owner)).toEqual(['Deployment/vigie-judge']);
  });

  it('fit, chart and all, into the Secret in which helm keeps a release', () => {
    const monitoring = { prometheusRule: { enabled: true }, dashboards: { enabled: true } };
    const { text } = template(helm3, { values: { monitoring } });
    const files = readdirSync(CHART, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => readFileSync(join(entry.parentPath, entry.name)).toString('base64'));
    const release = gzipSync(JSON.stringify({ manifest: text, files })).toString('base64');
    expect(release.length).toBeLessThan(1_000_000);
  });

  it('hold no secret: Secrets are named, and none is made', () => {
    for (const manifest of all()) expect(manifest.kind).not.toBe('Secret');
    const { data } = manifestOf(manifests({ example: 'three-azs' }), 'ConfigMap/vigie');
    expect(data['vigie.yaml']).toContain('env: OSC_SECRET_KEY');
    expect(data['vigie.yaml']).toContain('env: VIGIE_REDIS_URL');
  });

  it.each(['three-azs', 'everything'])(
    'of two releases in one namespace touch nothing in common: %s',
    (example) => {
      const long = 'a-release-with-a-name-as-long-as-helm-allows-for-all';
      const values = { fullnameOverride: '' };
      const one = manifests({ example, values, release: `${long}a` });
      const two = manifests({ example, values, release: `${long}b` });
      expect(one.map(nameOf).filter((name) => two.map(nameOf).includes(name))).toEqual([]);
      for (const name of [...one, ...two].map((manifest) => textOf(manifest.metadata['name'])))
        expect(name.length).toBeLessThanOrEqual(63);
      for (const { kind, spec } of one.filter((manifest) => manifest.kind === 'Service'))
        for (const pod of podsOf(two))
          expect(`${kind} ${selects(spec['selector'], pod.metadata)}`).toBe(`${kind} false`);
    },
  );

  it('select no pod of a workload twice', () => {
    const everything = manifests({ example: 'everything' });
    const workloads = everything.filter(
      ({ spec }) => spec?.['selector']?.['matchLabels'] && spec['template'],
    );
    for (const { owner, metadata } of podsOf(everything)) {
      const owners = workloads.filter(({ spec }) => selects(spec['selector']?.['matchLabels'], metadata));
      expect(owners.map(nameOf)).toEqual(owner.startsWith('Pod/') ? [] : [owner]);
    }
  });
});

function selects(selector: unknown, metadata: { readonly labels?: unknown }): boolean {
  const labels = Object(metadata.labels);
  return Object.entries(Object(selector)).every(([key, value]) => labels[key] === value);
}
