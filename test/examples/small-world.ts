import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { type Inside, startInside } from '../lab/inside.ts';
import { selfSigned } from '../servers/certificate.ts';
import { canMakeNamespaces, createNamespace, layCable, type Namespace } from '../servers/netns.ts';
import { findProgram } from '../servers/packages.ts';
import { ADDRESSES, CABLE, FIREWALLED, NAMES, REFLECTORS, REGION, TLS_ADDRESSES } from './addresses.ts';
import { ENVIRONMENT } from './keys.ts';

const DAY_MS = 86_400_000;
const ROOT = join(import.meta.dirname, '../..');
const PROGRAMS = ['ip', 'nft', 'named', 'chronyd', 'nginx', 'haproxy', 'dnsmasq', 'mount'] as const;

/** Whether the region of the examples can be had here. */
export function canMakeSmallWorld(): boolean {
  return PROGRAMS.every((program) => findProgram(program)) && canMakeNamespaces();
}

/** A region with its services, and a machine with a cable to it: two network namespaces. */
export interface SmallWorld {
  /** For files that are to be seen from the machine. */
  readonly folder: string;
  /** Where everything is but vigie. */
  readonly region: Namespace;
  /** What a check came to on the machine, by its id: `good`, or else its cause and detail. */
  look(
    config: string,
    options?: { readonly looks?: number; readonly before?: string },
  ): Promise<Readonly<Record<string, string>>>;
  remove(): Promise<void>;
}

/** Makes it; resolves once everything answers. */
export async function makeSmallWorld(): Promise<SmallWorld> {
  const folder = mkdtempSync(join(tmpdir(), 'vigie-world-'));
  const [region, machine] = [createNamespace(), createNamespace()];
  const programs: Inside[] = [];
  const remove = async (): Promise<void> => {
    for (const program of programs.slice(1)) await program.stop();
    await ended(programs[0]);
    for (const namespace of [region, machine]) namespace.remove();
    for (const place of [folder, join('/etc/netns', machine.name)])
      rmSync(place, { recursive: true, force: true });
  };
  try {
    layPaths(region, machine);
    const names = [...Object.keys(NAMES), ...TLS_ADDRESSES];
    const { key, cert } = selfSigned({ names, fromMs: Date.now() - DAY_MS, toMs: Date.now() + 30 * DAY_MS });
    writeFileSync(join(folder, 'key.pem'), key);
    writeFileSync(join(folder, 'cert.pem'), cert);
    programs.push(
      await startInside(region, process.execPath, join(import.meta.dirname, 'region.ts'), folder),
    );
    programs.push(await startInside(region, 'dnsmasq', ...dnsmasqArgs(folder)));
    for (const address of REFLECTORS)
      programs.push(
        await startInside(
          region,
          process.execPath,
          join(ROOT, 'src/main.ts'),
          'reflect',
          '--listen',
          address,
          '--peer',
          '10.0.0.0/16',
        ),
      );
    return { folder, region, remove, look: (config, options) => look(machine, folder, config, options) };
  } catch (error) {
    await remove();
    throw error;
  }
}

/** The first program ends its own servers when its standard input ends. */
async function ended(program: Inside | undefined): Promise<void> {
  if (!program || program.process.exitCode !== null) return;
  program.process.stdin.end();
  await once(program.process, 'exit');
}

function layPaths(region: Namespace, machine: Namespace): void {
  layCable(
    { namespace: region, interface: 'er', address: `${CABLE.region}/24` },
    { namespace: machine, interface: 'em', address: `${CABLE.machine}/24` },
  );
  for (const address of ADDRESSES) region.ip('address', 'add', `${address}/32`, 'dev', 'lo');
  machine.ip('route', 'add', 'default', 'via', CABLE.region);
  const { address, denied } = FIREWALLED;
  region.run(
    'nft',
    `table ip guard { chain in { type filter hook input priority 0; ip daddr ${address} tcp dport ${denied} drop; }; }`,
  );
  // `ip netns exec` lets the machine see this in the place of /etc/resolv.conf.
  mkdirSync(join('/etc/netns', machine.name), { recursive: true });
  writeFileSync(join('/etc/netns', machine.name, 'resolv.conf'), 'nameserver 10.0.0.2\n');
}

function dnsmasqArgs(folder: string): readonly string[] {
  return [
    '--no-daemon',
    '--conf-file=/dev/null',
    '--port=0',
    '--interface=er',
    '--bind-interfaces',
    '--dhcp-authoritative',
    '--no-ping',
    '--user=root',
    `--dhcp-leasefile=${join(folder, 'leases')}`,
    '--dhcp-range=10.0.0.100,10.0.0.150,255.255.255.0,1h',
    '--dhcp-option=6,10.0.0.2',
    `--dhcp-option=15,${REGION}.compute.internal`,
  ];
}

/** `before`: a line of shell that makes ready what the checks find on the machine, seen by them alone. */
async function look(
  machine: Namespace,
  folder: string,
  config: string,
  { looks = 2, before = ':' }: { readonly looks?: number; readonly before?: string } = {},
): Promise<Readonly<Record<string, string>>> {
  const environment = { ...ENVIRONMENT, NODE_EXTRA_CA_CERTS: join(folder, 'cert.pem') };
  const variables = Object.entries(environment).map(([name, value]) => `${name}=${value}`);
  const script = `${before} && exec "$@"`;
  const looking = [process.execPath, join(import.meta.dirname, 'look.ts'), config, String(looks)];
  const child = machine.spawn('env', ...variables, 'sh', '-c', script, 'sh', ...looking);
  child.stdin.end();
  const [told, trouble] = await Promise.all([text(child.stdout), text(child.stderr)]);
  const seen = told.split('\n').filter(Boolean).map(outcomeIn);
  if (seen.length === 0) throw new Error(`nothing was looked at: ${trouble.slice(-2_000)}`);
  return Object.fromEntries(seen);
}

function outcomeIn(line: string): readonly [string, string] {
  const { check, classification } = JSON.parse(line);
  const { outcome, cause, blind, detail } = classification;
  return [check, outcome === 'good' ? 'good' : `${outcome} ${cause ?? blind}: ${detail}`];
}
