import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type KeptServer, startKept } from './started-program.ts';

/** An Alertmanager of one's own on loopback. */
export type Alertmanager = KeptServer;

/** An alert as Alertmanager's API has it. */
export interface HeldAlert {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly status: { readonly state: string; readonly inhibitedBy: readonly string[] };
}

/** Starts an Alertmanager of one's own with a configuration's text. */
export async function startAlertmanager(configuration: string): Promise<Alertmanager> {
  const folder = mkdtempSync(join(tmpdir(), 'alertmanager-'));
  const file = join(folder, 'alertmanager.yaml');
  writeFileSync(file, configuration);
  return startKept('prometheus-alertmanager', folder, (host) => [
    `--config.file=${file}`,
    `--storage.path=${join(folder, 'data')}`,
    `--web.listen-address=${host}`,
    '--cluster.listen-address=',
    '--log.level=warn',
  ]);
}

/** The alerts that an Alertmanager holds, inhibited ones included. */
export async function heldAlerts(url: string): Promise<readonly HeldAlert[]> {
  return (await (await fetch(`${url}/api/v2/alerts`)).json()) as readonly HeldAlert[];
}
