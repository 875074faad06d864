import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { findProgram } from './packages.ts';

/** A server that was started for a test. */
export interface StartedProgram {
  /** Ends it and resolves when it is gone. Calling it again does nothing. */
  stop(): Promise<void>;
}

const STARTS_WITHIN_MS = 30_000;

/** Starts a program and waits until its HTTP address answers; throws with what it printed when it does not. */
export async function startProgram(
  program: string,
  args: readonly string[],
  readyUrl: string,
): Promise<StartedProgram> {
  const child = spawn(findProgram(program) ?? program, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  let log = '';
  child.stderr.on('data', (text) => {
    log = (log + String(text)).slice(-4000);
  });
  const isRunning = (): boolean => child.exitCode === null && child.signalCode === null;
  const stop = async (): Promise<void> => {
    if (!isRunning()) return;
    const gone = once(child, 'exit');
    child.kill('SIGTERM');
    await gone;
  };
  for (let waitedMs = 0; waitedMs < STARTS_WITHIN_MS && isRunning(); waitedMs += 50) {
    if (await answers(readyUrl)) return { stop };
    await pause(50);
  }
  await stop();
  throw new Error(`${program} did not start: ${log}`);
}

async function answers(url: string): Promise<boolean> {
  try {
    return (await fetch(url, { signal: AbortSignal.timeout(1000) })).ok;
  } catch {
    return false;
  }
}

/** A port of loopback that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await once(server.close(), 'close');
  return port;
}
