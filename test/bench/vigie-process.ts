import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url));

/** The command line of vigie in a process of its own. */
export interface VigieProcess {
  readonly pid: number;
  /** Ends it as a service manager does, and waits for that. */
  end(): Promise<void>;
}

/** Runs `vigie run` on a configuration, without a table. */
export function runVigie(configuration: string): VigieProcess {
  const args = [MAIN, 'run', '--config', configuration, '--no-table', '--log-level', 'error'];
  const child = spawn(process.execPath, args, { stdio: 'ignore' });
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
