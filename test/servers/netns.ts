import { execFileSync, spawn } from 'node:child_process';
import type { ChildProcessByStdio } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import type { Readable, Writable } from 'node:stream';
import { findProgram } from './packages.ts';

/** A program that runs in a network namespace, its three streams at hand. */
export type NamespaceProcess = ChildProcessByStdio<Writable, Readable, Readable>;

/** A network namespace of one's own: nothing in it but a loopback interface, which is up. */
export interface Namespace {
  /** Unique on this machine. */
  readonly name: string;
  /** Runs `ip` on it. Throws with what `ip` says when it fails. */
  ip(...args: readonly string[]): void;
  /** Runs a program in it to its end. Throws when it fails. */
  run(program: string, ...args: readonly string[]): string;
  /** Starts a program in it; to be ended by the process that is returned, before the namespace is removed. */
  spawn(program: string, ...args: readonly string[]): NamespaceProcess;
  /** Sets one of its own kernel parameters, like `net.ipv4.ip_unprivileged_port_start`. */
  sysctl(name: string, value: string | number): void;
  remove(): void;
}

/** Where one end of a cable is. */
export interface CableEnd {
  readonly namespace: Namespace;
  /** At most 15 characters. */
  readonly interface: string;
  /** With its prefix length, like `10.77.0.1/24`. */
  readonly address: string;
}

/** Whether network namespaces can be made here: as root, with `ip` of iproute2, where the kernel lets us. */
export function canMakeNamespaces(): boolean {
  if (process.getuid?.() !== 0 || !findProgram('ip')) return false;
  try {
    createNamespace().remove();
    return true;
  } catch {
    return false;
  }
}

/** Makes a namespace. Throws when it cannot be had. */
export function createNamespace(): Namespace {
  const name = `vigie-${process.pid}-${randomBytes(3).toString('hex')}`;
  ip('netns', 'add', name);
  const within = (program: string, args: readonly string[]): string[] => [
    'netns',
    'exec',
    name,
    program,
    ...args,
  ];
  const run: Namespace['run'] = (program, ...args) => ip(...within(findProgram(program) ?? program, args));
  const namespace: Namespace = {
    name,
    ip: (...args) => void ip('-n', name, ...args),
    run,
    spawn: (program, ...args) =>
      spawn(ipProgram(), within(findProgram(program) ?? program, args), { stdio: ['pipe', 'pipe', 'pipe'] }),
    sysctl: (key, value) => void run('sh', '-c', `echo ${value} > /proc/sys/${key.replaceAll('.', '/')}`),
    remove: () => void ip('netns', 'delete', name),
  };
  namespace.ip('link', 'set', 'lo', 'up');
  return namespace;
}

/** Lays a cable (a veth pair) between two namespaces, both ends with their address and up. */
export function layCable(one: CableEnd, other: CableEnd): void {
  const ends = [one, other] as const;
  const [from, to] = ends.map((end) => ['name', end.interface, 'netns', end.namespace.name]);
  ip('link', 'add', ...(from ?? []), 'type', 'veth', 'peer', ...(to ?? []));
  for (const end of ends) {
    end.namespace.ip('address', 'add', end.address, 'dev', end.interface);
    end.namespace.ip('link', 'set', end.interface, 'up');
  }
}

function ip(...args: readonly string[]): string {
  return execFileSync(ipProgram(), args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

function ipProgram(): string {
  return findProgram('ip') ?? 'ip';
}
