import { spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { decodePacket, encodeRequest } from '../../probes/wire/ntp.ts';
import type { NtpPacket } from '../../probes/wire/ntp.ts';
import { findProgram } from './packages.ts';

/** A chronyd that serves loopback and leaves the machine's clock alone (-x). */
export interface Chronyd {
  readonly host: string;
  readonly port: number;
  readonly close: () => Promise<void>;
}

const HOST = '127.0.0.1';

/** Readiness is asked for from another address, so that a server's limit per client is left whole. */
const ASKING_HOST = '127.0.0.2';

/** Starts chronyd with these lines of configuration besides those that make it private; it may not answer yet. */
export async function startChronyd(...lines: readonly string[]): Promise<Chronyd> {
  const folder = await mkdtemp(join(tmpdir(), 'chronyd-'));
  const port = await freePort();
  const config = join(folder, 'chrony.conf');
  const own = ['cmdport 0', 'bindcmdaddress /', `bindaddress ${HOST}`, `port ${port}`];
  const files = [`pidfile ${join(folder, 'pid')}`, `driftfile ${join(folder, 'drift')}`];
  await writeFile(config, [...own, ...files, ...lines, ''].join('\n'));
  const options = ['-d', '-x', '-U', '-u', userInfo().username, '-f', config];
  const child = spawn(findProgram('chronyd') ?? 'chronyd', options, { stdio: 'ignore' });
  const exited = once(child, 'exit');
  return {
    host: HOST,
    port,
    close: async () => {
      child.kill('SIGKILL');
      await exited;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Asks until the reply is as wanted, for at most ten seconds; rejects with the last reply otherwise. */
export async function untilChronyd({ port }: Chronyd, wanted: (packet: NtpPacket) => boolean): Promise<void> {
  let last: NtpPacket | undefined;
  const until = performance.now() + 10_000;
  while (performance.now() < until) {
    last = (await askedOnce(port)) ?? last;
    if (last && wanted(last)) return;
    await pause(50);
  }
  throw new Error(`chronyd is not as wanted; last reply: stratum ${last?.stratum}, leap ${last?.leap}`);
}

async function askedOnce(port: number): Promise<NtpPacket | undefined> {
  const socket = createSocket('udp4');
  try {
    const replied = once(socket, 'message', { signal: AbortSignal.timeout(200) });
    socket.bind(0, ASKING_HOST);
    socket.send(encodeRequest(1n), port, HOST);
    const [bytes] = (await replied) as [Buffer];
    return decodePacket(bytes);
  } catch {
    return undefined;
  } finally {
    socket.close();
  }
}

async function freePort(): Promise<number> {
  const socket = createSocket('udp4');
  socket.bind(0, HOST);
  await once(socket, 'listening');
  const { port } = socket.address();
  socket.close();
  await once(socket, 'close');
  return port;
}
