import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { findProgram } from '../servers/packages.ts';

const MAIN = join(import.meta.dirname, '../../src/main.ts');
const WITHIN = { timeout: 30_000, interval: 100 };

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

describe.skipIf(!findProgram('script'))('vigie run at a terminal (needs script from bsdutils)', () => {
  let folder = '';
  let terminal: ChildProcess;
  let pid = 0;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'vigie-terminal-'));
    mkdirSync(join(folder, 'data'));
    writeFileSync(
      join(folder, 'vigie.yaml'),
      'contract: outscale-secnumcloud\nregion: r\nlisten: { port: 0 }\n',
    );
    const command = `echo $$ > pid; exec ${process.execPath} ${MAIN} run --config vigie.yaml; `;
    terminal = spawn('script', ['-qfc', command, '/dev/null'], {
      cwd: folder,
      stdio: ['pipe', 'ignore', 'ignore'],
    });
    await vi.waitUntil(() => log().includes('vigie is watching'), WITHIN);
    pid = Number(readFileSync(join(folder, 'pid'), 'utf8'));
  });
  afterEach(() => {
    terminal.kill('SIGKILL');
    if (isAlive(pid)) process.kill(pid, 'SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  });

  /** What was logged; at a terminal it is to a file. */
  function log(): string {
    try {
      return readFileSync(join(folder, 'data/vigie.log'), 'utf8');
    } catch {
      return '';
    }
  }

  test('SIGHUP while the terminal is there: it reloads and goes on', async () => {
    process.kill(pid, 'SIGHUP');
    await expect.poll(log, WITHIN).toContain('configuration reloaded');
    expect(isAlive(pid)).toBe(true);
    expect(log()).not.toContain('stopping');
  });

  test('the terminal is closed: it ends in good order, and holds no port', async () => {
    terminal.kill('SIGKILL');
    await expect.poll(() => isAlive(pid), WITHIN).toBe(false);
    expect(log()).toContain('stopping');
    const [, port = ''] = /url=http:\/\/127\.0\.0\.1:(\d+)/.exec(log()) ?? [];
    await expect(fetch(`http://127.0.0.1:${port}/healthz`)).rejects.toThrow('fetch failed');
  });
});
