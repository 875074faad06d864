import { spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Clock } from '../core/clock.ts';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome'];
const DEADLINE_MS = 60_000;
const STOPPED: Printed = { ok: false, detail: 'vigie was stopped before it was printed' };

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

/** What printing goes by. */
export interface Printing {
  readonly clock: Clock;
  /** Ends it before its time. */
  readonly signal: AbortSignal;
}

/**
 * Prints a page as PDF by this Chromium, without network, within a minute. Rejects with a system error when the page
 * cannot be laid down for it.
 */
export async function printPdf(
  page: string,
  to: string,
  chromium: string,
  printing: Printing,
): Promise<Printed> {
  const folder = await mkdtemp(join(tmpdir(), 'vigie-print-'));
  try {
    const file = join(folder, 'report.html');
    await writeFile(file, page, { mode: 0o600 });
    return await runChromium(chromium, { file, to: resolve(to), profile: join(folder, 'profile') }, printing);
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
  { clock, signal }: Printing,
): Promise<Printed> {
  if (signal.aborted) return Promise.resolve(STOPPED);
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
    const stop = (): void => void child.kill('SIGKILL');
    const cancel = clock.after(DEADLINE_MS, stop);
    signal.addEventListener('abort', stop);
    const settle = (printed: Printed): void => {
      cancel();
      signal.removeEventListener('abort', stop);
      done(printed);
    };
    child.once('error', (error) =>
      settle({ ok: false, detail: `${chromium} cannot be run: ${error.message}` }),
    );
    child.once('close', (code) => {
      if (code === 0) settle({ ok: true });
      else if (signal.aborted) settle(STOPPED);
      else settle({ ok: false, detail: `${chromium} printed nothing (${code ?? 'stopped after a minute'})` });
    });
  });
}
