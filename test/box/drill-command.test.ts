import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest';
import { probeKinds } from '../../probes/index.ts';
import { type Drill, startDrill } from '../../src/commands/drill.ts';
import { type Io, UsageError } from '../../src/commands/io.ts';
import { runVigie } from '../commands/spawn-vigie.ts';

/** Above those of the boxes of other tests. */
const FIRST_OFFSET = 23_200;
const STEP = 200;

const kinds = probeKinds();
let state: string;
let told: string;

beforeEach(() => {
  state = mkdtempSync(join(tmpdir(), 'vigie-state-'));
  told = '';
});

afterEach(() => rmSync(state, { recursive: true, force: true }));

afterAll(async () => {
  for (const kind of kinds.values()) await kind.close();
});

function io(env: Io['env']): Io {
  return {
    out: () => undefined,
    err: (text) => (told += text),
    env,
    isTerminal: false,
    size: () => ({ columns: 80, rows: 24 }),
    onKey: () => () => undefined,
    hasKeys: false,
    onHangup: () => () => undefined,
    onExit: () => () => undefined,
    called: 'vigie',
    stopped: new AbortController().signal,
  };
}

/** A drill on ports that were free. */
async function start(env: Io['env'], fault: readonly string[] = []): Promise<Drill> {
  for (let tried = 0; ; tried++) {
    const portOffset = FIRST_OFFSET + STEP * ((process.pid + tried) % 80);
    try {
      return await startDrill({ fault, portOffset }, kinds, io(env));
    } catch (error) {
      if (!(error instanceof UsageError) || tried > 80) throw error;
    }
  }
}

function dataDirOf(drill: Drill): string {
  const { config } = drill.load();
  if (!config) throw new Error('the configuration of the box does not load');
  return config.dataDir;
}

describe('startDrill', () => {
  test('breaks what it is told to, and mends it; after it nothing is left but its log, in the place of the last', async () => {
    for (const line of ['first', 'second']) {
      const drill = await start({ XDG_STATE_HOME: state }, ['vm=stopped', 'volume']);
      const dataDir = dataDirOf(drill);
      expect(readdirSync(dataDir)).toEqual(['vigie.yaml', 'volume']);
      const broken = (): readonly string[] =>
        drill.services().flatMap(({ name, fault }) => (fault === undefined ? [] : [`${name}=${fault}`]));
      expect(broken()).toEqual(['volume=down', 'vm=stopped']);
      expect(drill.faults.set({ fault: 'vm=none' })).toMatchObject({ ok: true });
      expect(broken()).toEqual(['volume=down']);
      expect(drill.faults.set({ fault: 'vm=slow' })).toMatchObject({ ok: false });
      writeFileSync(join(dataDir, 'vigie.log'), `${line}\n`);
      await drill.stop();
      expect(existsSync(dataDir)).toBe(false);
    }
    const kept = join(state, 'vigie', 'drill.log');
    expect(readFileSync(kept, 'utf8')).toBe('second\n');
    expect(readdirSync(join(state, 'vigie'))).toEqual(['drill.log']);
    expect(told).toContain(`the log of this drill is kept: ${kept}\n`);
  });

  test.each([
    ['nowhere to keep it', {}],
    ['a place that is a file', { XDG_STATE_HOME: '/dev/null' }],
  ])('%s: the log is not kept, and the drill ends as well', async (_what, env) => {
    const drill = await start(env);
    const dataDir = dataDirOf(drill);
    writeFileSync(join(dataDir, 'vigie.log'), 'log\n');
    await drill.stop();
    expect(existsSync(dataDir)).toBe(false);
    expect(told).not.toContain('is kept');
  });

  test('a fault that there is not: a UsageError, and nothing is left behind', async () => {
    const before = readdirSync(tmpdir()).filter((name) => name.startsWith('vigie-drill-'));
    await expect(startDrill({ fault: ['vm=slow'], portOffset: 0 }, kinds, io({}))).rejects.toThrow(
      '--fault "slow" is no fault of vm; expected one of down, stopped, none',
    );
    await expect(startDrill({ fault: ['dsn'], portOffset: 0 }, kinds, io({}))).rejects.toThrow(
      /--fault "dsn" names no service of the box; expected one of .*; did you mean "dns"\?$/,
    );
    const after = readdirSync(tmpdir()).filter((name) => name.startsWith('vigie-drill-'));
    expect(after.filter((name) => !before.includes(name))).toEqual([]);
  });
});

test('vigie run --fault help: what can be broken, and nothing is started', async () => {
  const { code, stdout } = await runVigie(['run', '--fault', 'help']);
  expect(code).toBe(0);
  expect(stdout).toMatch(/^hardware: hardware server-1, with 2 virtual machines on it$/m);
  expect(stdout).toMatch(/^ {2}api=throttled +everyone is throttled/m);
});
