import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, startProgram } from './started-program.ts';

/** An Alertmanager of one's own on loopback. */
export interface Alertmanager {
  readonly url: string;
  /** Ends the process; what it notified of stays on its disk. */
  halt(): Promise<void>;
  /** Starts it again at the same address, with what is on its disk. */
  resume(): Promise<void>;
  /** Stops it and removes its files. */
  stop(): Promise<void>;
}

/** An alert as Alertmanager's API has it. */
export interface HeldAlert {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly status: { readonly state: string; readonly inhibitedBy: readonly string[] };
}

/** Starts Alertmanager with a configuration's text. */
export async function startAlertmanager(configuration: string): Promise<Alertmanager> {
  const folder = mkdtempSync(join(tmpdir(), 'alertmanager-'));
  const file = join(folder, 'alertmanager.yaml');
  writeFileSync(file, configuration);
  const url = `http://127.0.0.1:${await freePort()}`;
  const start = () =>
    startProgram(
      'prometheus-alertmanager',
      [
        `--config.file=${file}`,
        `--storage.path=${join(folder, 'data')}`,
        `--web.listen-address=${new URL(url).host}`,
        '--cluster.listen-address=',
        '--log.level=warn',
      ],
      `${url}/-/ready`,
    );
  let program = await start();
  return {
    url,
    halt: () => program.stop(),
    async resume() {
      program = await start();
    },
    async stop() {
      await program.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** The alerts that an Alertmanager holds, inhibited ones included. */
export async function heldAlerts(url: string): Promise<readonly HeldAlert[]> {
  return (await (await fetch(`${url}/api/v2/alerts`)).json()) as readonly HeldAlert[];
}
