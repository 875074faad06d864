import { setTimeout as pause } from 'node:timers/promises';
import { checksOf, writeConfiguration } from './configuration.ts';
import { type Bench, figure } from './figure.ts';
import { HelperProcess } from './helper-process.ts';
import { cpuMs } from './process-figures.ts';
import {
  publishing,
  SECRET_KEY_FILE,
  SERVICE_SETTINGS,
  type ServiceSettings,
  TIMEOUT,
} from './service-checks.ts';
import type { ServiceTargetTalk } from './service-targets.ts';
import type { WatcherTalk } from './watcher.ts';

const INTERVAL = '2s';
const INTERVAL_SECONDS = 2;
const WARM_UP_MS = 8_000;
const ROUND_MS = 4_000;
const ROUNDS = 3;
/** Of 1; a machine that others keep busy lets some run out of time. */
const MOST_FAILED = 0.2;

/** Probes a second of kinds whose server is a Node process itself, and checks signatures. */
const SUBJECTS: Readonly<
  Record<
    'outscale-api' | 'object-storage',
    { readonly settings: ServiceSettings; readonly perSecond: number; readonly what: string }
  >
> = {
  'outscale-api': {
    settings: SERVICE_SETTINGS['outscale-api'],
    perSecond: 250,
    what: 'one call of the API',
  },
  'object-storage': {
    settings: publishing,
    perSecond: 60,
    what: 'a chain of put, get, head, list, delete, each signed',
  },
};

/** CPU time of a probe of a provider's service, vigie with all that belongs to it, and how many a core carries. */
export function serviceBench(kind: keyof typeof SUBJECTS): Bench {
  const { settings, perSecond, what } = SUBJECTS[kind];
  return {
    name: kind,
    summary: `CPU per ${kind} probe (${what}), all in, and probes per CPU second`,
    async run() {
      const targets = new HelperProcess<ServiceTargetTalk>('./service-targets.ts');
      const watcher = new HelperProcess<WatcherTalk>('./watcher.ts');
      let remove = (): void => undefined;
      try {
        const region = await targets.ask('start', 0);
        const each = Array.from({ length: perSecond * INTERVAL_SECONDS }, (_, i) => settings(region, i));
        const checks = checksOf(kind, each, INTERVAL).map((check) => ({ ...check, timeout: TIMEOUT }));
        const configuration = writeConfiguration(checks, ['here'], { [SECRET_KEY_FILE]: region.secretKey });
        remove = configuration.remove;
        await watcher.ask('start', { path: configuration.path, record: true });
        await pause(WARM_UP_MS);
        const costs: number[] = [];
        for (let round = 0; round < ROUNDS; round++) costs.push(await roundCost(watcher, perSecond));
        return [
          figure(`${kind}: vigie, all in`, 'ms CPU/probe', costs),
          figure(
            `${kind}: probes per CPU second`,
            '1/s',
            costs.map((ms) => 1_000 / ms),
          ),
        ];
      } finally {
        await watcher.end();
        await targets.end();
        remove();
      }
    },
  };
}

async function roundCost(watcher: HelperProcess<WatcherTalk>, perSecond: number): Promise<number> {
  await watcher.ask('recorded', null);
  const before = cpuMs(watcher.pid);
  await pause(ROUND_MS);
  const cost = cpuMs(watcher.pid) - before;
  const { latencyMs, faults } = await watcher.ask('recorded', null);
  if (faults > MOST_FAILED * latencyMs.length) throw new Error(`${faults} of ${latencyMs.length} failed`);
  if (latencyMs.length < 0.2 * perSecond * (ROUND_MS / 1_000))
    throw new Error(`only ${latencyMs.length} probes were made`);
  return cost / latencyMs.length;
}
