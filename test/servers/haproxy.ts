import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { accepts, freePort, startProgram } from './started-program.ts';

/** A haproxy of one's own on loopback, with one front and its backends. */
export interface Haproxy {
  readonly port: number;
  /** Waits until the balancer itself counts so many backends as up. */
  untilUp(count: number): Promise<void>;
  /** Freezes it: the kernel still takes connections, nobody answers. */
  freeze(): void;
  /** Kills it as a crash does: nothing listens any more. */
  kill(): Promise<void>;
  /** Stops it and removes its files. */
  stop(): Promise<void>;
}

const ADDRESS = '127.0.0.1';
const CHANGES_WITHIN_MS = 10_000;

/** Starts haproxy before these ports of loopback. By HTTP their `/health` is asked; by TCP they are connected to. */
export async function startHaproxy(mode: 'http' | 'tcp', backends: readonly number[]): Promise<Haproxy> {
  const folder = mkdtempSync(join(tmpdir(), 'haproxy-'));
  const [port, statsPort] = [await freePort(), await freePort()];
  const file = join(folder, 'haproxy.cfg');
  writeFileSync(file, configuration(mode, port, statsPort, backends));
  const program = await startProgram('haproxy', ['-db', '-f', file], () => accepts(port));
  const untilUp = (count: number): Promise<void> =>
    becomes(async () => (await upCount(statsPort)) === count, `${count} backends up`);
  return {
    port,
    untilUp,
    freeze: () => program.freeze(),
    kill: () => program.kill(),
    async stop() {
      await program.kill();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function configuration(
  mode: 'http' | 'tcp',
  port: number,
  statsPort: number,
  backends: readonly number[],
): string {
  const servers = backends.map((backend, i) => `  server s${i} ${ADDRESS}:${backend} check`).join('\n');
  return `
defaults
  timeout connect 500ms
  timeout check 5s
  timeout client 10s
  timeout server 10s
frontend front
  mode ${mode}
  bind ${ADDRESS}:${port}
  default_backend pool
backend pool
  mode ${mode}
  balance roundrobin
  ${mode === 'http' ? 'option httpchk GET /health' : ''}
  default-server inter 50ms fall 2 rise 1
${servers}
listen stats
  mode http
  bind ${ADDRESS}:${statsPort}
  stats enable
  stats uri /stats
`;
}

/** Columns of the statistics: proxy, server and, further on, status. */
const STATUS_COLUMN = 17;

async function upCount(statsPort: number): Promise<number> {
  const response = await fetch(`http://${ADDRESS}:${statsPort}/stats;csv`);
  const lines = (await response.text()).split('\n').map((line) => line.split(','));
  return lines.filter(
    ([proxy, server, ...rest]) =>
      proxy === 'pool' && server !== 'BACKEND' && rest[STATUS_COLUMN - 2]?.startsWith('UP'),
  ).length;
}

async function becomes(is: () => Promise<boolean>, what: string): Promise<void> {
  for (let waitedMs = 0; waitedMs < CHANGES_WITHIN_MS; waitedMs += 20) {
    if (await is()) return;
    await pause(20);
  }
  throw new Error(`haproxy: not ${what} within ${CHANGES_WITHIN_MS} ms`);
}
