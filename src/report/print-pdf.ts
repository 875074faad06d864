import { spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Clock } from '../core/clock.ts';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome'];
const DEADLINE_MS = 60_000;

/** What came of printing: a file, or why there is none, for people. */
export type Printed = { readonly ok: true } | { readonly ok: false; readonly detail: string };

/** The path of a Chromium on the PATH; undefined when there is none. */
export function findChromium(path = ''): string | undefined {
  return path
    .split(delimiter)
    .filter((folder) => folder !== '')
    .flatMap((folder) => NAMES.map((name) => join(folder, name)))
    .find(isProgram);
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/**
 * Prints a page as PDF by this Chromium, without network, within a minute. Rejects with a system error when the page
 * cannot be laid down for it.
 */
export async function printPdf(page: string, to: string, chromium: string, clock: Clock): Promise<Printed> {
  const folder = await mkdtemp(join(tmpdir(), 'vigie-print-'));
  try {
    const file = join(folder, 'report.html');
    await writeFile(file, page, { mode: 0o600 });
    return await runChromium(chromium, { file, to: resolve(to), profile: join(folder, 'profile') }, clock);
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** What a program of others is told of our surroundings: no secret, which may stand in any other variable. */
function spared(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const { PATH, HOME, TMPDIR, LANG, TZ } = env;
  return { PATH, HOME, TMPDIR, LANG, TZ };
}

function runChromium(
  chromium: string,
  { file, to, profile }: Readonly<Record<'file' | 'to' | 'profile', string>>,
  clock: Clock,
): Promise<Printed> {
  const args = [
    ...['--headless', '--disable-gpu', '--no-first-run', '--disable-extensions', '--no-pdf-header-footer'],
    // The page is ours, runs nothing and asks for nothing; a sandbox cannot be had as root.
    ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
    '--host-resolver-rules=MAP * ~NOTFOUND',
    `--user-data-dir=${profile}`,
    `--print-to-pdf=${to}`,
    pathToFileURL(file).href,
  ];
  return new Promise((done) => {
    const child = spawn(chromium, args, { stdio: 'ignore', env: spared(process.env) });
    const cancel = clock.after(DEADLINE_MS, () => child.kill('SIGKILL'));
    child.once('error', (error) => {
      cancel();
      done({ ok: false, detail: `${chromium} cannot be run: ${error.message}` });
    });
    child.once('close', (code) => {
      cancel();
      if (code === 0) done({ ok: true });
      else done({ ok: false, detail: `${chromium} printed nothing (${code ?? 'stopped after a minute'})` });
    });
  });
}
