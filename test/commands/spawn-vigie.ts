import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { RUNTIME_FLAGS } from '../bench/vigie-process.ts';

/** What a finished run of the command line left. */
export interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A run of the command line under way. */
export interface Running {
  readonly pid: number;
  readonly kill: (signal: NodeJS.Signals) => void;
  readonly finished: Promise<Finished>;
  /** Resolves with the match when what was printed on either stream so far matches; rejects when it ends first. */
  readonly printed: (pattern: RegExp) => Promise<RegExpExecArray>;
}

const ROOT = join(import.meta.dirname, '../..');

/** Starts `vigie ARGS` as `npm run vigie` does, in a folder of choice. */
export function startVigie(
  args: readonly string[],
  options: {
    readonly cwd?: string;
    readonly env?: Readonly<Record<string, string>>;
    readonly input?: string;
  } = {},
): Running {
  const child = spawn(process.execPath, [...RUNTIME_FLAGS, join(ROOT, 'src/main.ts'), ...args], {
    cwd: options.cwd ?? ROOT,
    env: { ...process.env, NO_COLOR: '1', ...options.env },
    stdio: 'pipe',
  });
  child.stdin.end(options.input ?? '');
  let stdout = '';
  let stderr = '';
  const waiting = new Set<() => void>();
  const take = (text: string): void => {
    stderr += text;
  };
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
    for (const look of waiting) look();
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    take(text);
    for (const look of waiting) look();
  });
  const finished = new Promise<Finished>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, stdout, stderr }));
  });
  return {
    pid: child.pid ?? 0,
    kill: (signal) => void child.kill(signal),
    finished,
    printed: (pattern) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          const match = pattern.exec(stdout) ?? pattern.exec(stderr);
          if (!match) return;
          waiting.delete(look);
          resolve(match);
        };
        waiting.add(look);
        void finished.then(() =>
          reject(new Error(`ended without printing ${pattern}:\n${stdout}\n${stderr}`)),
        );
        look();
      }),
  };
}

/** Runs `vigie ARGS` to its end. */
export function runVigie(
  args: readonly string[],
  options: Parameters<typeof startVigie>[1] = {},
): Promise<Finished> {
  return startVigie(args, options).finished;
}
