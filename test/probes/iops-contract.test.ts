import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { iopsProbe } from '../../probes/iops.ts';
import { localProbeContract } from '../contracts/probe.ts';
import { temporaryFolder } from './disk-probing.ts';

const MIB = 1_048_576;

localProbeContract('iops', {
  make: iopsProbe,
  target: async () => {
    const { folder, remove } = temporaryFolder();
    const file = join(folder, 'vigie-contract.probe');
    return {
      settings: { file, size: MIB, subscribedIops: 50, seconds: 1 },
      received: () => (existsSync(file) ? 1 : 0),
      close: async () => remove(),
    };
  },
  garbage: 'protocol',
  secrets: false,
});
