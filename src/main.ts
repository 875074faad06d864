#!/usr/bin/env -S MALLOC_ARENA_MAX=1 node --max-semi-space-size=4 --no-parallel-scavenge --heap-growing-percent=100 --no-maglev --v8-pool-size=1
import { enableCompileCache } from 'node:module';
import { join } from 'node:path';
import { isatty } from 'node:tty';

// What was compiled, types stripped, is kept for the next start, here and in our threads: it takes 40 MB less, and 25 MB
// more where the variable is there from the start, as in package.json. Only where nobody else can write, for what lies
// there is run. A folder that cannot be written to does no harm.
const { HOME, XDG_CACHE_HOME = HOME && join(HOME, '.cache') } = process.env;
if (XDG_CACHE_HOME) process.env['NODE_COMPILE_CACHE'] ??= join(XDG_CACHE_HOME, 'vigie');
if (process.env['NODE_COMPILE_CACHE']) enableCompileCache(process.env['NODE_COMPILE_CACHE']);

const stopping = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    // The second time the user means it.
    if (stopping.signal.aborted) process.exit(130);
    stopping.abort();
  });
}
// A reader that went away (`vigie status | head`, a terminal that was closed) is no failure, and ends no watch.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE' && error.code !== 'EIO') throw error;
  });
}
/** Those of standard input, output and error that are a terminal. */
const terminals = [0, 1, 2].filter((handle) => isatty(handle));

/** EX_SOFTWARE: a bug of ours must not look like a finding. */
const EXIT_BUG = 70;
process.on('uncaughtExceptionMonitor', () => {
  process.exitCode = EXIT_BUG;
});

const { runCli } = await import('./cli.ts');
const { invocation } = await import('./commands/invocation.ts');
process.exitCode = await runCli(process.argv.slice(2), {
  out: (text) => process.stdout.write(text),
  err: (text) => process.stderr.write(text),
  env: process.env,
  isTerminal: process.stdout.isTTY,
  size: () => ({ columns: process.stdout.columns || 120, rows: process.stdout.rows || 40 }),
  onKey(listener) {
    const { stdin } = process;
    if (!stdin.isTTY) return () => undefined;
    stdin
      .setRawMode(true)
      .setEncoding('utf8')
      .on('data', listener)
      // A terminal that went away.
      .on('error', () => undefined);
    return () => {
      stdin.off('data', listener).setRawMode(false).pause();
    };
  },
  hasKeys: process.stdin.isTTY,
  onHangup(listener) {
    const heard = (): void => {
      if (terminals.every((handle) => isatty(handle))) listener();
      else stopping.abort();
    };
    process.on('SIGHUP', heard);
    return () => process.off('SIGHUP', heard);
  },
  onExit(listener) {
    process.once('exit', listener);
    return () => process.off('exit', listener);
  },
  called: invocation(process.env, process.argv[1]),
  stopped: stopping.signal,
});
