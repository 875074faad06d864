import type { Config } from '../../src/config/config.ts';
import { contractWith } from '../judge/make-judge.ts';

/** A configuration of one vantage and one promise that looks at nothing, but for what is given. */
export function configWith(given: Partial<Config>): Config {
  return {
    path: '/vigie.yaml',
    contract: contractWith({}),
    region: 'r',
    subregions: undefined,
    regionSubregions: undefined,
    vantages: ['a'],
    windowUrl: undefined,
    dataDir: '/data',
    listen: { host: '127.0.0.1', port: 0 },
    checks: [],
    compositions: [],
    exclusions: [],
    references: [],
    alerting: { alertmanagers: [], push: false },
    ...given,
  };
}
