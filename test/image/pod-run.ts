import { mkdirSync, mkdtempSync, rmSync, writeFileSync, chownSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  containerOf,
  items,
  type Manifest,
  manifestOf,
  podsOf,
  textOf,
  textsOf,
  type Tree,
} from '../helm/chart.ts';

/** A pod of the chart as arguments of podman, with its volumes as folders of this machine. */
export interface PodRun {
  readonly args: readonly string[];
  /** Where `GET` of the pod's HTTP probes go, by the name of the probe. */
  readonly probes: Readonly<Record<'startupProbe' | 'livenessProbe' | 'readinessProbe', string>>;
  readonly graceSeconds: number;
  /** The folder of a volume. */
  readonly folder: (volume: string) => string;
  readonly remove: () => void;
}

/**
 * What a kubelet would make of the first container of a workload: user, capabilities, root file system, memory, mounts
 * and arguments all as the manifest says. ConfigMaps become files; empty folders and claims become folders that the
 * pod's group owns; an image takes the place of that of the manifest.
 */
export function podRun(manifests: readonly Manifest[], owner: string, image: string): PodRun {
  const spec = podsOf(manifests).find((pod) => pod.owner === owner)?.spec;
  const container = containerOf(spec);
  if (!spec || !container) throw new Error(`no pod of ${owner}`);
  const root = mkdtempSync(join(tmpdir(), 'vigie-pod-'));
  const folder = (volume: string): string => join(root, volume);
  for (const volume of items(spec['volumes']))
    layOut(volume, manifests, folder(textOf(volume['name'])), groupOf(spec));
  const port = textOf(items(container['ports'])[0]?.['containerPort']);
  const url = (probe: string): string =>
    `http://127.0.0.1:${port}${textOf(container[probe]?.['httpGet']?.['path'])}`;
  return {
    args: [
      ...securityArgs(spec, container),
      ...mountArgs(container, folder),
      image,
      ...textsOf(container['args']),
    ],
    probes: {
      startupProbe: url('startupProbe'),
      livenessProbe: url('livenessProbe'),
      readinessProbe: url('readinessProbe'),
    },
    graceSeconds: Number(spec['terminationGracePeriodSeconds']),
    folder,
    remove: () => rmSync(root, { recursive: true, force: true }),
  };
}

const groupOf = (spec: Tree): number => Number(spec['securityContext']?.['fsGroup']);

function layOut(volume: Tree, manifests: readonly Manifest[], folder: string, group: number): void {
  mkdirSync(folder);
  chownSync(folder, 0, group);
  const map = volume['configMap']?.['name'];
  if (map === undefined) return;
  const { data } = manifestOf(manifests, `ConfigMap/${textOf(map)}`);
  for (const [name, text] of Object.entries(data)) writeFileSync(join(folder, name), text);
}

function securityArgs(spec: Tree, container: Tree): readonly string[] {
  const { runAsUser, runAsGroup, fsGroup } = Object(spec['securityContext']);
  const { capabilities, readOnlyRootFilesystem, allowPrivilegeEscalation } = Object(
    container['securityContext'],
  );
  return [
    ...['--user', `${runAsUser}:${runAsGroup}`, '--group-add', String(fsGroup)],
    ...textsOf(capabilities.drop).flatMap((name) => ['--cap-drop', name]),
    ...textsOf(capabilities.add).flatMap((name) => ['--cap-add', name]),
    ...(readOnlyRootFilesystem ? ['--read-only', '--read-only-tmpfs=false'] : []),
    ...(allowPrivilegeEscalation ? [] : ['--security-opt', 'no-new-privileges']),
  ];
}

function mountArgs(container: Tree, folder: (volume: string) => string): readonly string[] {
  return items(container['volumeMounts']).flatMap(({ name, mountPath, readOnly }) => {
    const source = folder(textOf(name));
    return ['--volume', `${source}:${textOf(mountPath)}:${readOnly ? 'ro' : 'rw'}`];
  });
}
