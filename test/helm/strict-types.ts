import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Manifest, MODULES, nameOf } from './chart.ts';

const TSC = join(import.meta.dirname, '../../node_modules/typescript/bin/tsc');

/**
 * Holds manifests against the types of Kubernetes and of the Prometheus operator, which are made of their OpenAPI
 * schemas: a field that does not exist is an error, as are wrong types and missing fields. Returns what is wrong.
 */
export function strictFindings(manifests: readonly Manifest[]): readonly string[] {
  const folder = mkdtempSync(join(tmpdir(), 'vigie-types-'));
  symlinkSync(MODULES, join(folder, 'node_modules'));
  const file = join(folder, 'manifests.mts');
  writeFileSync(file, manifests.map(declaration).join('\n'));
  const flags = ['--noEmit', '--strict', '--skipLibCheck', '--module', 'nodenext', '--target', 'esnext'];
  const { status, stdout } = spawnSync(process.execPath, [TSC, ...flags, file], {
    encoding: 'utf8',
    cwd: folder,
  });
  rmSync(folder, { recursive: true });
  return status === 0 ? [] : stdout.split('\n').filter((line) => line !== '');
}

function declaration(manifest: Manifest, index: number): string {
  const { apiVersion, kind } = manifest;
  const model = `I${kind}`;
  return [
    `import type { ${model} as M${index} } from '${modelOf(apiVersion, kind)}'; // ${nameOf(manifest)}`,
    `export const m${index}: M${index} = ${JSON.stringify(manifest)};`,
  ].join('\n');
}

/** The module that has the type and the validator of a kind. */
export function modelOf(apiVersion: string, kind: string): string {
  const isOperator = apiVersion.startsWith('monitoring.coreos.com/');
  return `${isOperator ? '@kubernetes-models/prometheus-operator' : 'kubernetes-models'}/${apiVersion}/${kind}`;
}
