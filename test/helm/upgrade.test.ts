import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { EXAMPLES, HELM_TROUBLE, type Manifest, manifests, nameOf } from './chart.ts';

/**
 * The chart's first version, with which its selectors are held: what Kubernetes lets nobody change in an object that is
 * there, by object; and the names of those that hold something, or are known by others.
 */
const RECORDED = '0.1.0';

function immutable({ kind, spec, roleRef }: Manifest): unknown {
  if (kind === 'Deployment' || kind === 'DaemonSet') return { selector: spec['selector'] };
  if (kind === 'Service') return { selector: spec['selector'], clusterIP: spec['clusterIP'] };
  if (kind === 'PersistentVolumeClaim') return spec;
  if (kind === 'RoleBinding') return { roleRef };
  return ['Lease', 'ServiceAccount'].includes(kind) ? 'name' : undefined;
}

function immutables(all: readonly Manifest[]): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    all
      .map((manifest) => [nameOf(manifest), immutable(manifest)] as const)
      .filter(([, fields]) => fields !== undefined)
      .toSorted(([one], [other]) => (one < other ? -1 : 1)),
  );
}

const recordOf = (example: string): string => `../golden/helm/immutable-${RECORDED}/${example}.yaml`;

describe.skipIf(HELM_TROUBLE)(`an upgrade of the chart (${HELM_TROUBLE ?? `since ${RECORDED}`})`, () => {
  it.each(EXAMPLES)('changes nothing that cannot be changed: %s', async (example) => {
    const now = immutables(manifests({ example }));
    await expect(stringify(now)).toMatchFileSnapshot(recordOf(example));
  });

  it.each(EXAMPLES)('with other values changes nothing that cannot be changed, either: %s', (example) => {
    const record = readFileSync(join(import.meta.dirname, recordOf(example)), 'utf8');
    const before: Record<string, unknown> = parse(record);
    const values = {
      image: { tag: '9.9.9' },
      logLevel: 'warn',
      port: 9500,
      pod: { labels: { added: 'label' }, annotations: { added: 'annotation' } },
      commonLabels: { added: 'everywhere' },
      judge: { replicas: 1 },
      service: { type: 'LoadBalancer' },
    };
    const after = immutables(manifests({ example, values }));
    for (const [name, fields] of Object.entries(before)) expect([name, after[name]]).toEqual([name, fields]);
  });
});
