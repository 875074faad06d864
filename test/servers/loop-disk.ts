import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findProgram } from './packages.ts';

/** A block device of the kernel's own, backed by a file: what a volume of the provider is to a machine. */
export interface LoopDisk {
  /** Its path, like /dev/loop0. */
  readonly device: string;
  /** The file that backs it. */
  readonly backing: string;
  /** Makes an ext4 file system on it and mounts it; its folder. */
  format(): string;
  mount(): void;
  unmount(): void;
  /** From now on every write to the mounted file system waits, as on a disk that hangs, until it is thawed. */
  freeze(): void;
  thaw(): void;
  /** Takes everything away. A file system that is frozen is thawed first. */
  remove(): void;
}

const PROGRAMS = ['losetup', 'mkfs.ext4', 'mount', 'umount', 'fsfreeze'];
const TRIAL_BYTES = 1_048_576;

function run(program: string, ...args: string[]): string {
  const path = findProgram(program) ?? program;
  return execFileSync(path, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim();
}

/** Whether loop devices can be made here: root, the programs, and a kernel that has them. */
export function canMakeDisks(): boolean {
  if (process.getuid?.() !== 0 || !PROGRAMS.every(findProgram)) return false;
  try {
    const disk = createDisk(TRIAL_BYTES);
    disk.remove();
    return true;
  } catch {
    return false;
  }
}

/** A disk of so many zero bytes. */
export function createDisk(bytes: number): LoopDisk {
  const folder = mkdtempSync(join(tmpdir(), 'vigie-disk-'));
  const backing = join(folder, 'backing');
  const mounted = join(folder, 'mounted');
  mkdirSync(mounted);
  writeFileSync(backing, '');
  truncateSync(backing, bytes);
  const device = run('losetup', '--find', '--show', backing);
  const mount = (): void => void run('mount', device, mounted);
  return {
    device,
    backing,
    mount,
    format() {
      run('mkfs.ext4', '-q', device);
      mount();
      return mounted;
    },
    unmount: () => void run('umount', mounted),
    freeze: () => void run('fsfreeze', '--freeze', mounted),
    thaw: () => void run('fsfreeze', '--unfreeze', mounted),
    remove() {
      for (const [program, ...args] of [
        ['fsfreeze', '--unfreeze', mounted],
        ['umount', '--lazy', mounted],
        ['losetup', '--detach', device],
      ] as const)
        spawnSync(findProgram(program) ?? program, args, { stdio: 'ignore' });
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Mounts a file system of the kernel that has no device (tmpfs, ramfs) on a new folder. */
export function mountMemory(
  type: string,
  options: string,
): { readonly folder: string; readonly remove: () => void } {
  const folder = mkdtempSync(join(tmpdir(), `vigie-${type}-`));
  run('mount', '-t', type, '-o', options, type, folder);
  return {
    folder,
    remove() {
      run('umount', '--lazy', folder);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
