import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { findProgram } from '../servers/packages.ts';

/** What a program printed, and how it ended. */
export interface Printed {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A container under way, in the foreground of its own podman. */
export interface Container {
  readonly name: string;
  /** Standard output and standard error so far. */
  readonly printed: () => string;
  /** Its exit code; null when podman itself was killed. */
  readonly ended: Promise<number | null>;
}

const BUILD_WITHIN_MS = 300_000;

/** buildah and podman with a storage of their own, which needs no daemon, no cgroup and no network of its own. */
export class ContainerEngine {
  readonly #folder = mkdtempSync(join(tmpdir(), 'vigie-images-'));
  readonly #env: NodeJS.ProcessEnv;

  constructor() {
    const registries = join(this.#folder, 'registries.conf');
    writeFileSync(registries, 'unqualified-search-registries=["docker.io"]\n');
    this.#env = { ...process.env, CONTAINERS_REGISTRIES_CONF: registries };
  }

  get #storage(): readonly string[] {
    const folder = (name: string): string => join(this.#folder, name);
    return ['--root', folder('storage'), '--runroot', folder('run'), '--storage-driver', 'vfs'];
  }

  get #podman(): readonly string[] {
    return [...this.#storage, '--cgroup-manager', 'cgroupfs', '--events-backend', 'file'];
  }

  /** Runs `buildah ARGS` to its end. Throws when it fails. */
  buildah(...args: readonly string[]): string {
    return this.#run('buildah', [...this.#storage, ...args]);
  }

  /** Runs `podman ARGS` to its end. Throws when it fails. */
  podman(...args: readonly string[]): string {
    return this.#run('podman', [...this.#podman, ...args]);
  }

  /** Runs a container to its end, whatever that is. */
  async finish(args: readonly string[]): Promise<Printed> {
    const [program, ...rest] = podmanRun([...this.#podman, ...runArgs(args)]);
    const child = spawn(program, rest, {
      env: this.#env,
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: 60_000,
    });
    const [stdout, stderr, code] = await Promise.all([text(child.stdout), text(child.stderr), ended(child)]);
    return { code, stdout, stderr };
  }

  /** Starts a container. */
  start(name: string, args: readonly string[]): Container {
    const [program, ...rest] = podmanRun([...this.#podman, ...runArgs(['--name', name, ...args])]);
    const child = spawn(program, rest, {
      env: this.#env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let printed = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (piece: string) => {
        printed += piece;
      });
    }
    return { name, printed: () => printed, ended: ended(child) };
  }

  /** Removes containers, images and all that was stored. */
  close(): void {
    spawnSync('podman', [...this.#podman, 'rm', '--all', '--force', '--time', '0'], { env: this.#env });
    spawnSync('buildah', [...this.#storage, 'rm', '--all'], { env: this.#env });
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #run(program: string, args: readonly string[]): string {
    const { status, stdout, stderr } = spawnSync(program, args, {
      env: this.#env,
      encoding: 'utf8',
      timeout: BUILD_WITHIN_MS,
      maxBuffer: 2 ** 26,
    });
    if (status === 0) return stdout.trim();
    throw new Error(`${program} ${args.slice(6).join(' ')} ended with ${status}:\n${stdout}\n${stderr}`);
  }
}

/** Where this machine lets nobody raise a limit or lay out a cgroup, the container does without. */
function runArgs(args: readonly string[]): readonly string[] {
  const limits = ['--ulimit', 'nofile=1024:1024', '--ulimit', 'nproc=1024:1024'];
  return ['run', '--rm', '--pull', 'never', '--cgroups', 'disabled', ...limits, '--network', 'host', ...args];
}

/** On a machine that mixes cgroups of both versions crun is shown the second alone, in a mount namespace of its own. */
function podmanRun(args: readonly string[]): readonly [string, ...string[]] {
  if (!existsSync('/sys/fs/cgroup/unified')) return ['podman', ...args];
  const script = 'mount -t cgroup2 none /sys/fs/cgroup && exec podman "$@"';
  return ['unshare', '--mount', 'sh', '-c', script, 'podman', ...args];
}

async function ended(child: ChildProcess): Promise<number | null> {
  await once(child, 'close');
  return child.exitCode;
}

/** Why no image can be built and run here; undefined when it can. */
export function engineTrouble(): string | undefined {
  const missing = ['buildah', 'podman'].filter((program) => !findProgram(program));
  if (missing.length > 0) return `needs ${missing.join(' and ')}`;
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return 'needs root on Linux';
  const engine = new ContainerEngine();
  try {
    const container = engine.buildah('from', 'scratch');
    engine.buildah('mount', container);
    return undefined;
  } catch {
    return 'needs a kernel that lets buildah mount';
  } finally {
    engine.close();
  }
}
