import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { delimiter, dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

const { scripts } = JSON.parse(readFileSync(`${ROOT}/package.json`, 'utf8')) as {
  scripts: { vigie: string };
};

/** The flags that package.json runs vigie with. */
export const RUNTIME_FLAGS: readonly string[] =
  scripts.vigie.match(/ --\S+/g)?.map((flag) => flag.trim()) ?? [];

/** The command line of vigie in a process of its own. */
export interface VigieProcess {
  readonly pid: number;
  /** Ends it as a service manager does, and waits for that. */
  end(): Promise<void>;
}

/** Runs `vigie run` on a configuration, without a table, as `npm run vigie` does. */
export function runVigie(configuration: string): VigieProcess {
  const args = ['run', '--config', configuration, '--no-table', '--log-level', 'error'];
  const path = [dirname(process.execPath), process.env['PATH']].join(delimiter);
  const child = spawn('sh', ['-c', `${scripts.vigie} "$@"`, 'vigie', ...args], {
    cwd: ROOT,
    env: { ...process.env, PATH: path },
    stdio: 'ignore',
  });
  const { pid } = child;
  if (pid === undefined) throw new Error('vigie did not start');
  return {
    pid,
    async end() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const exited = once(child, 'exit');
      child.kill('SIGTERM');
      await exited;
    },
  };
}
