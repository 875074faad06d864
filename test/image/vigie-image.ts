import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { findProgram } from '../servers/packages.ts';
import type { ContainerEngine } from './container-engine.ts';

const ROOT = join(import.meta.dirname, '../..');

/** The image that the Dockerfile of this checkout makes. */
export const VIGIE_IMAGE = 'localhost/vigie:test';

/** Where npm keeps, in the base, what it fetched. */
const NPM_CACHE = '/npm-cache';

/** What the Dockerfile runs while it builds, besides node and npm. */
const BUILD_PROGRAMS = ['sh', 'env', 'cp', 'sed', 'mkdir', 'chown', 'chmod', 'timeout'] as const;

/**
 * Builds the Dockerfile as it is, offline but for npm's registry: on a base that is made of this machine's node and bears
 * the name of the official one.
 */
export function buildVigieImage(engine: ContainerEngine, labels: { readonly revision: string }): void {
  makeBase(engine);
  const cache = npmSetting('cache');
  mkdirSync(cache, { recursive: true });
  engine.buildah(
    ...['bud', '--isolation', 'chroot', '--pull-never', '--quiet', '--tag', VIGIE_IMAGE],
    ...['--build-arg', `REVISION=${labels.revision}`, '--volume', `${cache}:${NPM_CACHE}`, ROOT],
  );
}

/** The official base that the Dockerfile names. */
export function baseName(): string {
  const dockerfile = readFileSync(join(ROOT, 'Dockerfile'), 'utf8');
  return /^ARG NODE_IMAGE=(\S+)$/m.exec(dockerfile)?.[1] ?? '';
}

function makeBase(engine: ContainerEngine): void {
  const root = mkdtempSync(join(tmpdir(), 'vigie-base-'));
  for (const folder of ['usr/bin', 'usr/lib', 'usr/lib64', 'usr/local/bin', 'root', 'tmp', 'etc'])
    mkdirSync(join(root, folder), { recursive: true });
  chmodSync(join(root, 'tmp'), 0o1777);
  for (const link of ['bin', 'lib', 'lib64']) symlinkSync(`usr/${link}`, join(root, link));
  copyProgram(process.execPath, join(root, 'usr/local/bin/node'), root);
  for (const program of BUILD_PROGRAMS)
    copyProgram(findProgram(program) ?? program, join(root, 'usr/bin', program), root);
  copyNpm(root);
  cpSync('/etc/resolv.conf', join(root, 'etc/resolv.conf'), { dereference: true });
  const container = engine.buildah('from', 'scratch');
  cpSync(root, engine.buildah('mount', container), { recursive: true, verbatimSymlinks: true });
  engine.buildah('commit', '--quiet', '--rm', container, baseName());
  rmSync(root, { recursive: true, force: true });
}

function copyProgram(from: string, to: string, root: string): void {
  cpSync(realpathSync(from), to);
  const traced = execFileSync(from, { env: { LD_TRACE_LOADED_OBJECTS: '1' }, encoding: 'utf8' });
  for (const [, library = ''] of traced.matchAll(/(\/\S+) \(0x/g))
    cpSync(realpathSync(library), join(root, realpathSync(dirname(library)), basename(library)));
}

/** npm as it is here, and what it trusts and has fetched already. */
function copyNpm(root: string): void {
  const npm = dirname(dirname(realpathSync(findProgram('npm') ?? 'npm')));
  cpSync(npm, join(root, 'usr/local/lib/node_modules/npm'), { recursive: true, dereference: true });
  symlinkSync('../lib/node_modules/npm/bin/npm-cli.js', join(root, 'usr/local/bin/npm'));
  const settings = [`cache=${NPM_CACHE}`, 'prefer-offline=true', 'update-notifier=false'];
  const authorities = npmSetting('cafile');
  if (existsSync(authorities)) {
    cpSync(realpathSync(authorities), join(root, 'etc/authorities.pem'));
    settings.push('cafile=/etc/authorities.pem');
  }
  mkdirSync(join(root, 'usr/local/etc'));
  writeFileSync(join(root, 'usr/local/etc/npmrc'), `${settings.join('\n')}\n`);
}

function npmSetting(name: string): string {
  return execFileSync('npm', ['config', 'get', name], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  }).trim();
}
