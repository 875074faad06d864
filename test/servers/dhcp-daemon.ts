import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { CableEnd } from './netns.ts';

/** The DHCP servers of Debian, by their program. */
export const DHCP_DAEMONS = ['dnsmasq', 'dhcpd', 'kea-dhcp4'] as const;
export type DhcpProgram = (typeof DHCP_DAEMONS)[number];

/** A DHCP server that serves 10.77.0.50 to 10.77.0.99 on one interface of a namespace. */
export interface DhcpDaemon {
  /** What it has logged so far. */
  log(): string;
  /** Stops serving without ending, and goes on. */
  freeze(): void;
  thaw(): void;
  stop(): Promise<void>;
}

/** What every server tells. */
export const SERVED = {
  from: '10.77.0.50',
  to: '10.77.0.99',
  leaseSeconds: 120,
  dns: ['10.77.0.1', '10.77.0.3'],
  domain: 'inside.test',
  ntp: ['10.77.0.4'],
} as const;

interface Recipe {
  readonly args: (folder: string, device: string) => readonly string[];
  readonly ready: string;
}

const RECIPES: Readonly<Record<DhcpProgram, Recipe>> = {
  dnsmasq: { args: dnsmasqArgs, ready: 'DHCP, IP range' },
  dhcpd: { args: dhcpdArgs, ready: 'Server starting service' },
  'kea-dhcp4': { args: keaArgs, ready: 'DHCP4_STARTED' },
};

const STARTS_WITHIN_MS = 10_000;

/** Starts a server on an interface of a namespace and waits until it serves. */
export async function startDhcpDaemon(program: DhcpProgram, end: CableEnd): Promise<DhcpDaemon> {
  const folder = mkdtempSync(join(tmpdir(), `${program}-`));
  const { args, ready } = RECIPES[program];
  // Kea reads from the environment where to keep its files.
  const places = ['KEA_PIDFILE_DIR', 'KEA_LOCKFILE_DIR'].map((name) => `${name}=${folder}`);
  const child = end.namespace.spawn('env', ...places, program, ...args(folder, end.interface));
  let log = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (log += String(text)));
  const stop = async (): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
    rmSync(folder, { recursive: true, force: true });
  };
  for (let waitedMs = 0; !log.includes(ready); waitedMs += 20) {
    if (waitedMs > STARTS_WITHIN_MS || child.exitCode !== null) {
      await stop();
      throw new Error(`${program} did not start: ${log.slice(-2_000)}`);
    }
    await pause(20);
  }
  return { log: () => log, freeze: () => child.kill('SIGSTOP'), thaw: () => child.kill('SIGCONT'), stop };
}

function dnsmasqArgs(folder: string, device: string): readonly string[] {
  return [
    '--no-daemon',
    '--conf-file=/dev/null',
    '--port=0',
    `--interface=${device}`,
    '--bind-interfaces',
    '--dhcp-authoritative',
    '--no-ping',
    '--user=root',
    '--log-dhcp',
    `--dhcp-leasefile=${join(folder, 'leases')}`,
    `--dhcp-range=${SERVED.from},${SERVED.to},255.255.255.0,${SERVED.leaseSeconds}`,
    `--dhcp-option=6,${SERVED.dns.join(',')}`,
    `--dhcp-option=15,${SERVED.domain}`,
    `--dhcp-option=42,${SERVED.ntp.join(',')}`,
  ];
}

function dhcpdArgs(folder: string, device: string): readonly string[] {
  const [configuration, leases] = [join(folder, 'dhcpd.conf'), join(folder, 'leases')];
  writeFileSync(leases, '');
  writeFileSync(
    configuration,
    `authoritative; ping-check off; default-lease-time ${SERVED.leaseSeconds}; max-lease-time ${SERVED.leaseSeconds};
subnet 10.77.0.0 netmask 255.255.255.0 {
  range ${SERVED.from} ${SERVED.to};
  option domain-name-servers ${SERVED.dns.join(', ')};
  option domain-name "${SERVED.domain}";
  option ntp-servers ${SERVED.ntp.join(', ')};
}
`,
  );
  const user = ['-user', 'root', '-group', 'root'];
  return ['-f', '-d', '-4', '-cf', configuration, '-lf', leases, '-pf', join(folder, 'pid'), ...user, device];
}

function keaArgs(folder: string, device: string): readonly string[] {
  const configuration = join(folder, 'kea.json');
  const option = (name: string, data: string): object => ({ name, data });
  // The directory of the package, without which the program refuses to start.
  mkdirSync('/run/kea', { recursive: true });
  writeFileSync(
    configuration,
    JSON.stringify({
      Dhcp4: {
        'interfaces-config': { interfaces: [device] },
        'lease-database': { type: 'memfile', persist: false },
        'valid-lifetime': SERVED.leaseSeconds,
        subnet4: [
          {
            subnet: '10.77.0.0/24',
            pools: [{ pool: `${SERVED.from}-${SERVED.to}` }],
            'option-data': [
              option('domain-name-servers', SERVED.dns.join(', ')),
              option('domain-name', SERVED.domain),
              option('ntp-servers', SERVED.ntp.join(', ')),
            ],
          },
        ],
        loggers: [
          { name: 'kea-dhcp4', output_options: [{ output: 'stdout', flush: true }], severity: 'INFO' },
        ],
      },
    }),
  );
  return ['-c', configuration];
}
