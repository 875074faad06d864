import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { probeKinds } from '../../probes/index.ts';
import { loadContract } from '../../src/config/former-contracts.ts';
import { loadConfig } from '../../src/config/load.ts';
import { readTextFile, shippedContract } from '../../src/config/local-files.ts';
import { formatProblem } from '../../src/config/problem.ts';

const CONFIG = join(import.meta.dirname, '../../config');
const KEYS = { OSC_ACCESS_KEY: 'EXAMPLE', OSC_SECRET_KEY: 'example', VIGIE_SENTINEL_SEED: 'example' };
const ENVIRONMENT = { kinds: probeKinds(), readFile: readTextFile, env: KEYS, shippedContract };

function filesIn(folder: string): readonly string[] {
  return readdirSync(join(CONFIG, folder), { withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ name }) => join(CONFIG, folder, name));
}

describe('config: every contract loads without a word', () => {
  it.each(filesIn('contracts'))('%s', (path) => {
    expect(loadContract(path, ENVIRONMENT).problems.map(formatProblem)).toEqual([]);
  });
});

describe('config: every configuration loads; all it is warned of is the rows that it leaves out', () => {
  it.each([...filesIn('.'), ...filesIn('examples')])('%s', (path) => {
    const { config, problems } = loadConfig(path, ENVIRONMENT);
    const others = problems.filter(({ message }) => !message.startsWith('measure nothing of'));
    expect(others.map(formatProblem)).toEqual([]);
    expect(config?.checks.length).toBeGreaterThan(0);
  });
});

describe('config/examples/outside.yaml', () => {
  it('asks gently, needs no secret, and reaches every kind of front door', () => {
    const { config, files } = loadConfig(join(CONFIG, 'examples/outside.yaml'), ENVIRONMENT);
    expect(files).toHaveLength(2);
    for (const { intervalMs } of config?.checks ?? []) expect(intervalMs).toBeGreaterThanOrEqual(10_000);
    const asked = JSON.stringify(config?.checks.map(({ settings }) => settings));
    for (const door of ['api', 'oos', 'fcu', 'lbu', 'eim'])
      expect(asked).toContain(`${door}.cloudgouv-eu-west-1.outscale.com`);
    expect(config?.references.length).toBeGreaterThanOrEqual(2);
  });
});
