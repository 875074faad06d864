import { execFileSync, spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** The Debian packages whose programs the tests run against, by the program that shows that they are there. */
export const COUNTERPARTS: Readonly<Record<string, string>> = {
  named: 'bind9',
  chronyd: 'chrony',
  nginx: 'nginx-light',
  haproxy: 'haproxy',
  promtool: 'prometheus',
  amtool: 'prometheus-alertmanager',
  dnsmasq: 'dnsmasq-base',
  dhcpd: 'isc-dhcp-server',
  'kea-dhcp4': 'kea-dhcp4-server',
  ip: 'iproute2',
  nft: 'nftables',
  'redis-server': 'redis-server',
  python3: 'python3',
  fio: 'fio',
  fsfreeze: 'util-linux',
  'mkfs.ext4': 'e2fsprogs',
  radosgw: 'radosgw',
  'ceph-mon': 'ceph-mon',
  'ceph-mgr': 'ceph-mgr',
  'ceph-osd': 'ceph-osd',
  ceph: 'ceph-common',
  buildah: 'buildah',
  podman: 'podman',
  chromium: 'chromium',
};

/** The path of a program, looked up as a shell would, with the system directories; undefined when not there. */
export function findProgram(name: string): string | undefined {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/local/sbin', '/usr/sbin', '/sbin'];
  return folders.map((folder) => join(folder, name)).find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** The programs that are missing, after installing what may be installed (root, and apt-get there). */
export function installCounterparts(): readonly string[] {
  const missing = (): string[] => Object.keys(COUNTERPARTS).filter((program) => !findProgram(program));
  const wanted = missing();
  if (wanted.length === 0 || process.getuid?.() !== 0 || !findProgram('apt-get')) return wanted;
  const packages = wanted.map((program) => COUNTERPARTS[program] ?? program);
  const apt = (...args: string[]): number | null =>
    spawnSync('apt-get', args, {
      stdio: ['ignore', 'ignore', 'inherit'],
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' },
      timeout: 300_000,
    }).status;
  process.stderr.write(`installing ${packages.join(' ')} to test against\n`);
  if (apt('install', '-y', '-qq', '--no-install-recommends', ...packages) !== 0) {
    apt('update', '-qq');
    apt('install', '-y', '-qq', '--no-install-recommends', ...packages);
  }
  return missing();
}

/** First line of what a program prints about its version; for the record of a test run. */
export function versionOf(program: string, ...args: string[]): string {
  return execFileSync(findProgram(program) ?? program, args, { encoding: 'utf8' }).split('\n')[0] ?? '';
}
