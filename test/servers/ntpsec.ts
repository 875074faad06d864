import { execFileSync, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Namespace } from './netns.ts';
import { findProgram } from './packages.ts';

/** NTPsec's daemon, which sends a kiss-o'-death; chronyd, which Debian won't have beside it, does not. */
export interface Ntpsec {
  readonly program: string;
  /** Where its libraries are that the machine may lack. */
  readonly libraries: string;
}

const CACHE = join(import.meta.dirname, '../../node_modules/.cache/vigie-ntpsec');
const PACKAGES = ['ntpsec', 'libbsd0', 'libmd0', 'libcap2'];
const DOWNLOAD_TIMEOUT_MS = 120_000;

/**
 * The daemon out of its Debian package, which is unpacked beside the installed ones and not installed: apt would remove
 * chrony for it. Undefined where the package can't be had, or does not run.
 */
export function unpackNtpsec(): Ntpsec | undefined {
  const libraries = join(CACHE, 'usr/lib', libraryFolder());
  const found = { program: join(CACHE, 'usr/sbin/ntpd'), libraries };
  if (runs(found)) return found;
  if (!findProgram('apt-get') || !findProgram('dpkg') || !download()) return undefined;
  for (const name of readdirSync(CACHE).filter((each) => each.endsWith('.deb')))
    execFileSync('dpkg', ['-x', join(CACHE, name), CACHE]);
  return runs(found) ? found : undefined;
}

function libraryFolder(): string {
  return `${process.arch === 'arm64' ? 'aarch64' : 'x86_64'}-linux-gnu`;
}

function runs({ program, libraries }: Ntpsec): boolean {
  const { status, stdout } = spawnSync(program, ['--version'], {
    env: { LD_LIBRARY_PATH: libraries },
    encoding: 'utf8',
  });
  return status === 0 && stdout.includes('ntpsec');
}

function download(): boolean {
  mkdirSync(CACHE, { recursive: true });
  const options = { cwd: CACHE, stdio: 'ignore', timeout: DOWNLOAD_TIMEOUT_MS } as const;
  const apt = (...args: readonly string[]): boolean => spawnSync('apt-get', args, options).status === 0;
  // The user _apt may not write here.
  const get = (): boolean => apt('-o', 'APT::Sandbox::User=root', 'download', '-qq', ...PACKAGES);
  return get() || (apt('update', '-qq') && get());
}

/** A daemon that serves port 123 of a namespace. */
export interface NtpsecServer {
  close(): Promise<void>;
}

/** Starts the daemon on all addresses of a namespace; it may not answer yet. It can't touch the clock of the machine. */
export async function startNtpsec(
  { program, libraries }: Ntpsec,
  namespace: Namespace,
  ...lines: readonly string[]
): Promise<NtpsecServer> {
  const folder = await mkdtemp(join(tmpdir(), 'ntpsec-'));
  const config = join(folder, 'ntp.conf');
  const own = ['disable ntp', `driftfile ${join(folder, 'drift')}`];
  await writeFile(config, [...own, ...lines, ''].join('\n'));
  const child = namespace.spawn(
    'setpriv',
    ...['--bounding-set', '-sys_time', 'env', `LD_LIBRARY_PATH=${libraries}`],
    ...[program, '-n', '-c', config, '-p', join(folder, 'pid')],
  );
  child.stdout.resume();
  child.stderr.resume();
  const ended = once(child, 'exit');
  return {
    async close() {
      child.kill('SIGKILL');
      await ended;
      await rm(folder, { recursive: true, force: true });
    },
  };
}
