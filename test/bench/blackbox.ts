import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { findProgram } from '../servers/packages.ts';
import { freePort } from '../servers/started-program.ts';

/** The program of the peer, from Debian's package of the same name. */
export const BLACKBOX = 'prometheus-blackbox-exporter';

/** A running prometheus-blackbox-exporter. */
export interface Blackbox {
  readonly pid: number;
  /** The address that has it probe a target by one of its modules: http, https, tcp or dns. */
  probeUrl(module: string, target: string): string;
  end(): Promise<void>;
}

function modules(caFile: string): unknown {
  const http = { preferred_ip_protocol: 'ip4', valid_http_versions: ['HTTP/1.1'] };
  return {
    modules: {
      http: { prober: 'http', timeout: '2s', http },
      https: {
        prober: 'http',
        timeout: '2s',
        http: { ...http, fail_if_not_ssl: true, tls_config: { ca_file: caFile } },
      },
      tcp: { prober: 'tcp', timeout: '2s', tcp: { preferred_ip_protocol: 'ip4' } },
      dns: {
        prober: 'dns',
        timeout: '2s',
        dns: { query_name: 'c0.bench.example', query_type: 'A', preferred_ip_protocol: 'ip4' },
      },
    },
  };
}

/** Starts the exporter on loopback; undefined when it is not installed. `ca`: PEM, trusted by the module https. */
export async function startBlackbox(ca: string): Promise<Blackbox | undefined> {
  const program = findProgram(BLACKBOX);
  if (program === undefined) return undefined;
  const folder = mkdtempSync(join(tmpdir(), 'vigie-blackbox-'));
  const config = join(folder, 'blackbox.yml');
  writeFileSync(join(folder, 'ca.pem'), ca);
  writeFileSync(config, JSON.stringify(modules(join(folder, 'ca.pem'))));
  const listen = `127.0.0.1:${await freePort()}`;
  const args = [`--config.file=${config}`, `--web.listen-address=${listen}`, '--log.level=error'];
  const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'inherit'] });
  const end = async (): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) {
      const exited = once(child, 'exit');
      child.kill('SIGKILL');
      await exited;
    }
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await answers(`http://${listen}/-/healthy`);
  } catch (error) {
    await end();
    throw error;
  }
  const probeUrl = (module: string, target: string): string =>
    `http://${listen}/probe?module=${module}&target=${encodeURIComponent(target)}`;
  return { pid: child.pid ?? 0, probeUrl, end };
}

const TRIES = 50;

async function answers(url: string): Promise<void> {
  for (let i = 0; i < TRIES; i++) {
    const response = await fetch(url).catch(() => undefined);
    if (response?.ok) return;
    await pause(100);
  }
  throw new Error(`${BLACKBOX} does not answer at ${url}`);
}
