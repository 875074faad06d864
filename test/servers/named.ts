import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Credentials } from './certificate.ts';
import { findProgram } from './packages.ts';

/** A bind9 of one's own on loopback, authoritative for one zone. */
export interface Named {
  readonly address: string;
  /** UDP and TCP. */
  readonly port: number;
  readonly tlsPort: number;
  /** Stops it and removes its files. */
  stop(): Promise<void>;
}

const ADDRESS = '127.0.0.1';
const STARTS_WITHIN_MS = 15_000;

/** Starts bind9 with a zone file's text. Without recursion: it answers for the zone and refuses the rest. */
export async function startNamed(zone: string, zoneFile: string, credentials: Credentials): Promise<Named> {
  const folder = mkdtempSync(join(tmpdir(), 'named-'));
  const [port, tlsPort] = await freePorts();
  writeFileSync(join(folder, 'zone'), zoneFile);
  writeFileSync(join(folder, 'key.pem'), credentials.key);
  writeFileSync(join(folder, 'cert.pem'), credentials.cert);
  writeFileSync(join(folder, 'named.conf'), configuration(folder, zone, port, tlsPort));
  mkdirSync(join(folder, 'work'));
  chmodSync(folder, 0o755);
  const child = spawn(findProgram('named') ?? 'named', ['-g', '-c', join(folder, 'named.conf'), '-n', '1'], {
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
  const listening = await becomesReady(() => log.includes('all zones loaded'), [port, tlsPort]);
  if (!listening) {
    await stop();
    throw new Error(`named did not start: ${log.slice(-2_000)}`);
  }
  return { address: ADDRESS, port, tlsPort, stop };
}

function configuration(folder: string, zone: string, port: number, tlsPort: number): string {
  return `
tls pair { cert-file "${folder}/cert.pem"; key-file "${folder}/key.pem"; };
options {
  directory "${folder}/work"; pid-file none; session-keyfile "${folder}/session.key"; lock-file none;
  listen-on port ${port} { ${ADDRESS}; }; listen-on port ${tlsPort} tls pair { ${ADDRESS}; }; listen-on-v6 { none; };
  recursion no; dnssec-validation no; allow-query { any; }; max-udp-size 4096;
};
controls { };
zone "${zone}" { type primary; file "${folder}/zone"; };
`;
}

/** Two ports that were free a moment ago. */
async function freePorts(): Promise<readonly [number, number]> {
  const servers = [createServer().listen(0, ADDRESS), createServer().listen(0, ADDRESS)];
  const ports = await Promise.all(
    servers.map(async (server) => {
      await once(server, 'listening');
      return (server.address() as AddressInfo).port;
    }),
  );
  await Promise.all(servers.map((server) => once(server.close(), 'close')));
  return [ports[0] ?? 0, ports[1] ?? 0];
}

async function becomesReady(loaded: () => boolean, ports: readonly number[]): Promise<boolean> {
  for (let waitedMs = 0; waitedMs < STARTS_WITHIN_MS; waitedMs += 20) {
    if (loaded() && (await Promise.all(ports.map(accepts))).every(Boolean)) return true;
    await pause(20);
  }
  return false;
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, ADDRESS);
    const end = (accepted: boolean): void => {
      socket.destroy();
      resolve(accepted);
    };
    socket.once('connect', () => end(true)).once('error', () => end(false));
  });
}
