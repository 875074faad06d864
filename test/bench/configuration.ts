import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A check as it stands in a configuration file. */
export type CheckEntry = Readonly<Record<string, unknown>> & { readonly id: string };

/** A configuration in a folder of its own. */
export interface Configuration {
  readonly path: string;
  readonly remove: () => void;
}

/** Rows of the shipped contract that checks are spread over. */
export const ROWS: readonly string[] = [
  'sla2.network',
  'sla3.dns',
  'sla3.ntp',
  'sla3.dhcp',
  'sla3.metadata',
  'sla4.internet',
  'sla4.firewall',
  'sla4.api',
  'sla5.lb',
  'sla5.api',
  'sla6.publish',
  'sla6.access',
  'sla9.api',
];

/** So many checks of one kind, each with a request of its own; every one a second unless told. */
export function checksOf(
  probe: string,
  settings: readonly Readonly<Record<string, unknown>>[],
  interval = '1s',
): readonly CheckEntry[] {
  return settings.map((each, i) => ({
    id: `c${String(i).padStart(5, '0')}`,
    probe,
    row: ROWS[i % ROWS.length],
    interval,
    timeout: '500ms',
    attempts: 1,
    with: each,
  }));
}

/** Settings of http checks that differ in their path. */
export function httpSettings(origin: string, checks: number): readonly Readonly<Record<string, unknown>>[] {
  return Array.from({ length: checks }, (_, i) => ({ url: `${origin}/c${i}` }));
}

/** Writes a configuration that keeps its data beside it and listens at any free port; `files` lie there, too. */
export function writeConfiguration(
  checks: readonly CheckEntry[],
  vantages: readonly string[] = ['here'],
  files: Readonly<Record<string, string>> = {},
): Configuration {
  const folder = mkdtempSync(join(tmpdir(), 'vigie-bench-'));
  const path = join(folder, 'vigie.yaml');
  const file = {
    contract: 'outscale-secnumcloud',
    region: 'cloudgouv-eu-west-1',
    vantages,
    dataDir: 'data',
    listen: { host: '127.0.0.1', port: 0 },
    checks,
  };
  // JSON is YAML.
  writeFileSync(path, JSON.stringify(file));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return { path, remove: () => rmSync(folder, { recursive: true, force: true }) };
}
