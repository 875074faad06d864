#!/usr/bin/env node
import { runCli } from './cli.ts';

const stopping = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    // The second time the user means it.
    if (stopping.signal.aborted) process.exit(130);
    stopping.abort();
  });
}
// A reader that went away (`vigie status | head`) is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});

process.exitCode = await runCli(process.argv.slice(2), {
  out: (text) => process.stdout.write(text),
  err: (text) => process.stderr.write(text),
  env: process.env,
  isTerminal: process.stdout.isTTY,
  size: () => ({ columns: process.stdout.columns || 120, rows: process.stdout.rows || 40 }),
  onKey(listener) {
    const { stdin } = process;
    if (!stdin.isTTY) return () => undefined;
    stdin.setRawMode(true).setEncoding('utf8').on('data', listener);
    return () => {
      stdin.off('data', listener).setRawMode(false).pause();
    };
  },
  onHangup(listener) {
    process.on('SIGHUP', listener);
    return () => process.off('SIGHUP', listener);
  },
  stopped: stopping.signal,
});
