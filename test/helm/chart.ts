import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseAllDocuments, stringify } from 'yaml';
import { type Helm, helmTools } from '../servers/helm-tools.ts';

/** The chart of this checkout. */
export const CHART = join(import.meta.dirname, '../../helm/vigie');

/** The values files that the chart shows as examples, by name. */
export const EXAMPLES: readonly string[] = readdirSync(join(CHART, 'examples'))
  .map((file) => file.replace('.yaml', ''))
  .toSorted();

/** Any part of a manifest: a map as it stands; a list by {@link items}, a text or a number by {@link textOf}. */
export interface Tree {
  readonly [key: string]: Tree | undefined;
}

/** The members of a list; none when it is not there. */
export function items(tree: unknown): readonly Tree[] {
  return Array.isArray(tree) ? (tree as readonly Tree[]) : [];
}

/** A text, number or truth as a text; empty when it is not there. */
export function textOf(tree: unknown): string {
  return ['string', 'number', 'boolean'].includes(typeof tree) ? `${tree as string | number | boolean}` : '';
}

/** The members of a list of texts. */
export const textsOf = (tree: unknown): readonly string[] => items(tree).map(textOf);

/** An object as it would be sent to Kubernetes. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: Tree;
  readonly spec: Tree;
  readonly data: Readonly<Record<string, string>>;
  readonly rules: Tree;
  readonly roleRef: Tree;
}

/** Values: an example's name, a tree, or both, of which the tree wins. */
export interface Values {
  readonly example?: string;
  readonly values?: unknown;
  /** More arguments of helm. */
  readonly args?: readonly string[];
  readonly release?: string;
}

/** What helm made of values: the manifests as text, or what it said against them. */
export interface Rendered {
  readonly code: number | null;
  readonly text: string;
  readonly trouble: string;
}

const found = helmTools();

/** Why no helm can be had; undefined when it can. */
export const HELM_TROUBLE: string | undefined = 'trouble' in found ? found.trouble : undefined;
/** Helm 3 and helm 4; none when they cannot be had. */
export const HELMS: readonly Helm[] = 'trouble' in found ? [] : found.helms;
/** Folder of the validators of Kubernetes' objects. */
export const MODULES: string = 'trouble' in found ? '' : found.modules;

/** The older helm, where one is enough. */
export const helm3: Helm = HELMS[0] ?? { name: 'helm 3', path: 'helm' };
/** The newer helm. */
export const helm4: Helm = HELMS[1] ?? { name: 'helm 4', path: 'helm' };

/** Runs `helm COMMAND CHART` with values. */
export function runHelm(
  helm: Helm,
  command: readonly string[],
  { example, values, args = [] }: Values,
): Rendered {
  const folder = mkdtempSync(join(tmpdir(), 'vigie-values-'));
  const file = join(folder, 'values.yaml');
  writeFileSync(file, stringify(values ?? {}));
  const files = example === undefined ? [] : ['--values', join(CHART, 'examples', `${example}.yaml`)];
  const home = { HELM_CACHE_HOME: folder, HELM_CONFIG_HOME: folder, HELM_DATA_HOME: folder };
  const { status, stdout, stderr } = spawnSync(
    helm.path,
    [...command, CHART, '--namespace', 'sla', ...files, '--values', file, ...args],
    { encoding: 'utf8', env: { ...process.env, ...home }, maxBuffer: 2 ** 26 },
  );
  rmSync(folder, { recursive: true });
  return { code: status, text: stdout, trouble: stderr };
}

/** The manifests as helm prints them; or what it said against the values. */
export function template(helm: Helm, values: Values): Rendered {
  return runHelm(helm, ['template', values.release ?? 'vigie'], values);
}

/** The manifests of values that must be good. */
export function manifests(values: Values, helm: Helm = helm3): readonly Manifest[] {
  const { code, text, trouble } = template(helm, values);
  if (code !== 0) throw new Error(trouble);
  return parseAllDocuments(text)
    .map((document) => document.toJS() as Manifest | null)
    .filter((manifest) => manifest !== null);
}

/** `Kind/name` of a manifest. */
export const nameOf = ({ kind, metadata }: Manifest): string => `${kind}/${textOf(metadata['name'])}`;

/** The one manifest of that name. */
export function manifestOf(all: readonly Manifest[], name: string): Manifest {
  const one = all.find((manifest) => nameOf(manifest) === name);
  if (!one) throw new Error(`no ${name} among ${all.map(nameOf).join(', ')}`);
  return one;
}

/** The first container of a pod. */
export const containerOf = (spec: Tree | undefined): Tree | undefined => items(spec?.['containers'])[0];

/** The pods of manifests: what a workload makes, and pods themselves. */
export function podsOf(
  all: readonly Manifest[],
): readonly { readonly owner: string; readonly metadata: Tree; readonly spec: Tree }[] {
  return all.flatMap((manifest) => {
    const { kind, metadata, spec } = manifest;
    if (kind === 'Pod') return [{ owner: nameOf(manifest), metadata, spec }];
    const pod = spec?.['template'];
    return pod?.['spec'] === undefined
      ? []
      : [{ owner: nameOf(manifest), metadata: pod['metadata'] ?? spec, spec: pod['spec'] }];
  });
}
