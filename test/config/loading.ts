import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { probeKinds } from '../../probes/index.ts';
import type { LoadEnvironment } from '../../src/config/config.ts';
import { readTextFile, shippedContract } from '../../src/config/local-files.ts';

/** Loads files named relative to a folder of the tests, with the real probes and the shipped contracts. */
export function environmentOf(folder: string): LoadEnvironment {
  return {
    kinds: probeKinds(),
    readFile: (path) => readTextFile(join(folder, path)),
    env: { EMPTY: '', SET: 'hunter2' },
    shippedContract: (id) => (shippedContract(id) === undefined ? undefined : join('/shipped', `${id}.yaml`)),
  };
}

/** Loads from texts by path; what is not among them is not there. */
export function environmentWith(files: Readonly<Record<string, string>>): LoadEnvironment {
  return {
    kinds: probeKinds(),
    readFile: (path) => files[path] ?? readFileSync(join('/nowhere', path), 'utf8'),
    env: {},
    shippedContract: () => undefined,
  };
}
