import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Credentials } from './certificate.ts';
import { findProgram } from './packages.ts';

/** An nginx of one's own on loopback, with one server for HTTP and HTTPS. */
export interface Nginx {
  readonly httpPort: number;
  readonly httpsPort: number;
  /** Stops it and removes its files. */
  stop(): Promise<void>;
}

const ADDRESS = '127.0.0.1';
const STARTS_WITHIN_MS = 10_000;

/** Starts nginx with the locations given, as nginx writes them; `files` are what its root holds, by name. */
export async function startNginx(
  locations: string,
  files: Readonly<Record<string, string>>,
  credentials: Credentials,
): Promise<Nginx> {
  const folder = mkdtempSync(join(tmpdir(), 'nginx-'));
  const [httpPort, httpsPort] = [await freePort(), await freePort()];
  writeFileSync(join(folder, 'key.pem'), credentials.key);
  writeFileSync(join(folder, 'cert.pem'), credentials.cert);
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  writeFileSync(join(folder, 'nginx.conf'), configuration(folder, locations, httpPort, httpsPort));
  const child = spawn(findProgram('nginx') ?? 'nginx', ['-p', folder, '-e', 'stderr', '-c', 'nginx.conf'], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let log = '';
  child.stderr.on('data', (text) => {
    log += String(text);
  });
  const stop = async (): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill('SIGTERM');
      await once(child, 'exit');
    }
    rmSync(folder, { recursive: true, force: true });
  };
  if (!(await accepts(httpsPort))) {
    await stop();
    throw new Error(`nginx did not start: ${log.slice(-2_000)}`);
  }
  return { httpPort, httpsPort, stop };
}

function configuration(folder: string, locations: string, httpPort: number, httpsPort: number): string {
  const user = process.getuid?.() === 0 ? 'user root;' : '';
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((name) => `${name}_temp_path ${folder}/${name};`)
    .join(' ');
  return `
daemon off; master_process off; pid ${folder}/pid; ${user}
events { }
http {
  access_log off; ${temporary}
  server {
    listen ${ADDRESS}:${httpPort}; listen ${ADDRESS}:${httpsPort} ssl http2;
    ssl_protocols TLSv1.2; ssl_certificate ${folder}/cert.pem; ssl_certificate_key ${folder}/key.pem;
    root ${folder};
    ${locations}
  }
}
`;
}

/** A port that was free a moment ago. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, ADDRESS);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await once(server.close(), 'close');
  return port;
}

async function accepts(port: number): Promise<boolean> {
  for (let waitedMs = 0; waitedMs < STARTS_WITHIN_MS; waitedMs += 20) {
    const socket = connect(port, ADDRESS);
    const [event] = await Promise.race([
      once(socket, 'connect').then(() => ['connect']),
      once(socket, 'close').then(() => ['close']),
    ]).catch(() => ['error']);
    socket.destroy();
    if (event === 'connect') return true;
    await pause(20);
  }
  return false;
}
