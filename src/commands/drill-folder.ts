import { existsSync, lstatSync, mkdtempSync, readdirSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { UsageError } from './io.ts';
import { DEFAULT_CONFIG } from './config-files.ts';

/** The configuration of a drill, in its folder: what other commands take to find its books and its address. */
const DRILL_CONFIG = DEFAULT_CONFIG;
const NAME = /^vigie-drill-(?<space>\d+)-(?<pid>\d+)-\w{6}$/;

/** A folder for the drill of this process, gone with it; its name says whose it is. */
export function makeDrillFolder(): string {
  return mkdtempSync(join(tmpdir(), `vigie-drill-${processSpace()}-${process.pid}-`));
}

/** The path of the configuration in the folder of a drill. */
export function drillConfigIn(folder: string): string {
  return join(folder, DRILL_CONFIG);
}

/** Removes the folder of a drill and all that is in it, though something may still be writing there. */
export function removeDrillFolder(folder: string): void {
  rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
}

/**
 * Removes what drills of this account left behind that were killed. One whose process lives is left alone, and so is that of
 * another account, or of another container, whose processes cannot be seen from here.
 */
export function sweepDrillFolders(): void {
  for (const { folder, isAlive } of ownFolders()) {
    if (isAlive) continue;
    try {
      removeDrillFolder(folder);
    } catch {
      // It is in nobody's way, and the next drill tries again.
    }
  }
}

/** The configurations of the drills of this account that are running. */
export function runningDrills(): readonly string[] {
  return ownFolders()
    .filter(({ folder, isAlive }) => isAlive && existsSync(drillConfigIn(folder)))
    .map(({ folder }) => drillConfigIn(folder));
}

/**
 * The configuration of the drill that runs, in the place of one that was not named and does not lie here; undefined where
 * there is one, or no drill. Throws a UsageError that names them when several run.
 */
export function drillInstead(named: string): string | undefined {
  if (named !== DEFAULT_CONFIG || existsSync(named)) return undefined;
  const drills = runningDrills();
  if (drills.length > 1)
    throw new UsageError(
      `several drills run; say which: ${drills.map((path) => `--config ${path}`).join(', or ')}`,
    );
  return drills[0];
}

interface OwnFolder {
  readonly folder: string;
  readonly isAlive: boolean;
}

function ownFolders(): readonly OwnFolder[] {
  const space = processSpace();
  return readdirSync(tmpdir()).flatMap((name): readonly OwnFolder[] => {
    const named = NAME.exec(name)?.groups;
    const folder = join(tmpdir(), name);
    if (named?.['space'] !== space || !isOwn(folder)) return [];
    return [{ folder, isAlive: isAlive(Number(named['pid'])) }];
  });
}

function isOwn(folder: string): boolean {
  const stat = lstatSync(folder, { throwIfNoEntry: false });
  return stat !== undefined && stat.isDirectory() && stat.uid === process.getuid?.();
}

/** By a signal that is not sent: who may not be sent one lives as well. */
function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return !(error instanceof Error && 'code' in error && error.code === 'ESRCH');
  }
}

/** In which space process ids mean what they mean here: containers may share a folder and count processes each on their own. */
function processSpace(): string {
  try {
    return /\d+/.exec(readlinkSync('/proc/self/ns/pid'))?.[0] ?? '0';
  } catch {
    return '0';
  }
}
