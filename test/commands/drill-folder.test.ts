import { spawnSync } from 'node:child_process';
import {
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  drillInstead,
  makeDrillFolder,
  runningDrills,
  sweepDrillFolders,
} from '../../src/commands/drill-folder.ts';
import { invocation } from '../../src/commands/invocation.ts';
import { UsageError } from '../../src/commands/io.ts';

const before = process.env['TMPDIR'];
let temporary = '';
let mine = '';
beforeEach(() => {
  temporary = mkdtempSync(join(tmpdir(), 'vigie-temporary-'));
  process.env['TMPDIR'] = temporary;
  mine = makeDrillFolder();
  writeFileSync(join(mine, 'vigie.yaml'), '');
});
afterEach(() => {
  if (before === undefined) delete process.env['TMPDIR'];
  else process.env['TMPDIR'] = before;
  rmSync(temporary, { recursive: true, force: true });
});

/** What the folder of a drill would be called whose process has another id; with something in it. */
function folderOf(pid: number): string {
  const folder = mine.replace(`-${process.pid}-`, `-${pid}-`);
  mkdirSync(join(folder, 'volume'), { recursive: true });
  writeFileSync(join(folder, 'vigie.yaml'), '');
  return folder;
}

/** The id of a process that has ended. */
const deadPid = (): number => spawnSync('true').pid;

describe('sweepDrillFolders', () => {
  test('removes what a drill of a dead process left, and leaves that of a living one', () => {
    const dead = folderOf(deadPid());
    const living = folderOf(process.ppid);
    sweepDrillFolders();
    expect([existsSync(dead), existsSync(living), existsSync(mine)]).toEqual([false, true, true]);
  });

  test.each<readonly [string, (dead: string) => string]>([
    ['a name that is only like it', (dead) => moved(dead, `${dead}-kept`)],
    ['of another space of processes', (dead) => moved(dead, dead.replace(/drill-\d+/, 'drill-1'))],
    ['a link', (dead) => linked(dead)],
    ['a file', (dead) => filed(dead)],
  ])('%s: left alone', (_what, arrange) => {
    const kept = arrange(folderOf(deadPid()));
    sweepDrillFolders();
    expect(existsSync(kept)).toBe(true);
    expect(readdirSync(temporary)).toHaveLength(2);
  });

  test.skipIf(process.getuid?.() !== 0)('of another account (needs root to have two): left alone', () => {
    const dead = folderOf(deadPid());
    chownSync(dead, 54_321, 54_321);
    sweepDrillFolders();
    expect(existsSync(join(dead, 'volume'))).toBe(true);
  });
});

function moved(from: string, to: string): string {
  renameSync(from, to);
  return to;
}

function linked(dead: string): string {
  const target = moved(dead, join(temporary, 'elsewhere'));
  rmSync(mine, { recursive: true });
  symlinkSync(target, dead);
  return join(target, 'volume');
}

function filed(dead: string): string {
  rmSync(dead, { recursive: true });
  writeFileSync(dead, '');
  return dead;
}

describe('drillInstead', () => {
  test('the drill that runs, where no configuration is named and none lies here', () => {
    folderOf(deadPid());
    expect(runningDrills()).toEqual([join(mine, 'vigie.yaml')]);
    expect(drillInstead('vigie.yaml')).toBe(join(mine, 'vigie.yaml'));
    expect(drillInstead('other.yaml')).toBeUndefined();
  });

  test('none: undefined; several: a UsageError that says how to name one', () => {
    const other = folderOf(process.ppid);
    expect(() => drillInstead('vigie.yaml')).toThrow(UsageError);
    expect(() => drillInstead('vigie.yaml')).toThrow(`--config ${join(other, 'vigie.yaml')}`);
    for (const folder of [mine, other]) rmSync(folder, { recursive: true });
    expect(drillInstead('vigie.yaml')).toBeUndefined();
  });
});

test.each([
  [{ npm_lifecycle_event: 'start', npm_command: 'start' }, '/x/src/main.ts', 'npm run --silent vigie --'],
  [{ npm_lifecycle_event: 'vigie', npm_command: 'run' }, '/x/src/main.ts', 'npm run --silent vigie --'],
  [{ npm_lifecycle_event: 'npx', npm_command: 'exec' }, '/x/node_modules/.bin/vigie', 'npx vigie'],
  [{ npm_lifecycle_event: 'test' }, join(process.cwd(), 'src/main.ts'), 'node src/main.ts'],
  [{}, '/x/src/main.ts', 'node /x/src/main.ts'],
  [{}, '/usr/local/bin/vigie', 'vigie'],
  [{}, undefined, 'vigie'],
])('invocation: %o %s is reached again as %s', (env, script, expected) => {
  expect(invocation(env, script)).toBe(expected);
});
