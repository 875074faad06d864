import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { type AddressInfo, connect, createServer } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { findProgram } from './packages.ts';

/** A server that was started for a test. */
export interface StartedProgram {
  /** Freezes it: the kernel still takes connections, nobody answers. */
  freeze(): void;
  /** Kills it as a crash does, and resolves when it is gone. Calling it again does nothing. */
  kill(): Promise<void>;
  /** Ends it and resolves when it is gone. Calling it again does nothing. */
  stop(): Promise<void>;
}

const HOST = '127.0.0.1';
const STARTS_WITHIN_MS = 30_000;

/**
 * Starts a program and waits until it is ready: until its HTTP address answers, or until a look at what it printed on
 * standard error so far says so. Throws with what it printed when it does not come to be.
 */
export async function startProgram(
  program: string,
  args: readonly string[],
  ready: string | ((log: string) => boolean | Promise<boolean>),
): Promise<StartedProgram> {
  const child = spawn(findProgram(program) ?? program, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  let log = '';
  child.stderr.on('data', (text) => {
    log = (log + String(text)).slice(-20_000);
  });
  const isRunning = (): boolean => child.exitCode === null && child.signalCode === null;
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    if (!isRunning()) return;
    const gone = once(child, 'exit');
    child.kill(signal);
    await gone;
  };
  const isReady = () => (typeof ready === 'string' ? answers(ready) : ready(log));
  for (let waitedMs = 0; waitedMs < STARTS_WITHIN_MS && isRunning(); waitedMs += 20) {
    if (await isReady())
      return {
        freeze: () => void child.kill('SIGSTOP'),
        kill: () => end('SIGKILL'),
        stop: () => end('SIGTERM'),
      };
    await pause(20);
  }
  await end('SIGKILL');
  throw new Error(`${program} did not start: ${log.slice(-4_000)}`);
}

async function answers(url: string): Promise<boolean> {
  try {
    return (await fetch(url, { signal: AbortSignal.timeout(1000) })).ok;
  } catch {
    return false;
  }
}

/** A server with a folder of its own, that may be ended and started again. */
export interface KeptServer {
  readonly url: string;
  /** Ends the process; what it has stored stays on its disk. */
  halt(): Promise<void>;
  /** Starts it again at the same address, with what is on its disk. */
  resume(): Promise<void>;
  /** Stops it and removes its files. */
  stop(): Promise<void>;
}

/** Starts a program at an address of loopback with a folder that is removed with it; it is ready as `/-/ready` says. */
export async function startKept(
  program: string,
  folder: string,
  argsAt: (host: string) => readonly string[],
): Promise<KeptServer> {
  const host = `${HOST}:${await freePort()}`;
  const url = `http://${host}`;
  const start = () => startProgram(program, argsAt(host), `${url}/-/ready`);
  let running = await start();
  return {
    url,
    halt: () => running.stop(),
    async resume() {
      running = await start();
    },
    async stop() {
      await running.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** A port of loopback that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, HOST);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await once(server.close(), 'close');
  return port;
}

/** Whether something takes connections at a port of loopback. */
export function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, HOST);
    const end = (accepted: boolean): void => {
      socket.destroy();
      resolve(accepted);
    };
    socket.once('connect', () => end(true)).once('error', () => end(false));
  });
}
