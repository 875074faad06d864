import { spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { systemClock } from '../clock.ts';
import { UsageError } from './io.ts';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome'];
const DEADLINE_MS = 60_000;

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

/** Prints a page as PDF by Chromium, without network. Throws a UsageError when there is none, or when it fails. */
export async function printPdf(page: string, to: string, chromium: string | undefined): Promise<void> {
  if (chromium === undefined)
    throw new UsageError(
      'PDF is printed by Chromium, and there is none on the PATH: install chromium, or use --format html and print that',
    );
  const folder = await mkdtemp(join(tmpdir(), 'vigie-print-'));
  try {
    const file = join(folder, 'report.html');
    await writeFile(file, page, { mode: 0o600 });
    await runChromium(chromium, file, resolve(to), join(folder, 'profile'));
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

function runChromium(chromium: string, file: string, to: string, profile: string): Promise<void> {
  const args = [
    ...['--headless', '--disable-gpu', '--no-first-run', '--disable-extensions', '--no-pdf-header-footer'],
    // The page is ours, runs nothing and asks for nothing; a sandbox cannot be had as root.
    ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
    '--host-resolver-rules=MAP * ~NOTFOUND',
    `--user-data-dir=${profile}`,
    `--print-to-pdf=${to}`,
    pathToFileURL(file).href,
  ];
  return new Promise((done, failed) => {
    const child = spawn(chromium, args, { stdio: 'ignore' });
    const cancel = systemClock.after(DEADLINE_MS, () => child.kill('SIGKILL'));
    child.once('error', (error) => {
      cancel();
      failed(new UsageError(`${chromium} cannot be run: ${error.message}`));
    });
    child.once('close', (code) => {
      cancel();
      if (code === 0) done();
      else failed(new UsageError(`${chromium} printed nothing (${code ?? 'stopped after a minute'})`));
    });
  });
}
