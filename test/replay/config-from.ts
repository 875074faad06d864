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
  const files: Readonly<Record<string, string>> = {
    '/virtual/contract.yaml': wanted.contract,
    '/virtual/vigie.yaml': `
contract: contract.yaml
region: cloudgouv-eu-west-1
deployment: { subregions: [cloudgouv-eu-west-1a, cloudgouv-eu-west-1b, cloudgouv-eu-west-1c] }
vantages: [${wanted.vantages.join(', ')}]
checks:
  - { id: check, probe: tcp, row: ${wanted.row}, interval: ${wanted.interval}, timeout: 900ms, with: { host: 127.0.0.1, port: 1 } }
`,
  };
  const { config, problems } = loadConfig('/virtual/vigie.yaml', {
    kinds: probeKinds(),
    readFile: (path) => files[path] ?? readFileSync(path, 'utf8'),
    env: {},
    shippedContract: () => undefined,
  });
  if (!config) throw new Error(JSON.stringify(problems, null, 2));
  return config;
}
