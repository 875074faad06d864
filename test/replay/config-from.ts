import { readFileSync } from 'node:fs';
import { probeKinds } from '../../probes/index.ts';
import type { Config } from '../../src/config/config.ts';
import { loadConfig } from '../../src/config/load.ts';

/** A configuration of one check on one row, loaded as from files. */
export function configFrom(wanted: {
  readonly contract: string;
  readonly row: string;
  readonly interval: string;
  readonly vantages: readonly string[];
}): Config {
  return configOf({
    'contract.yaml': wanted.contract,
    'vigie.yaml': `
contract: contract.yaml
region: cloudgouv-eu-west-1
deployment: { subregions: [cloudgouv-eu-west-1a, cloudgouv-eu-west-1b, cloudgouv-eu-west-1c] }
vantages: [${wanted.vantages.join(', ')}]
checks:
  - { id: check, probe: tcp, row: ${wanted.row}, interval: ${wanted.interval}, timeout: 900ms, with: { host: 127.0.0.1, port: 1 } }
`,
  });
}

/** The configuration `vigie.yaml` of these files in one folder. */
export function configOf(files: Readonly<Record<string, string>>): Config {
  const folder = '/virtual/';
  const { config, problems } = loadConfig(`${folder}vigie.yaml`, {
    kinds: probeKinds(),
    readFile: (path) => files[path.replace(folder, '')] ?? readFileSync(path, 'utf8'),
    env: {},
    shippedContract: () => undefined,
  });
  if (!config) throw new Error(JSON.stringify(problems, null, 2));
  return config;
}
