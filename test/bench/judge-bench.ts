import { type Bench, figure } from './figure.ts';
import { HelperProcess } from './helper-process.ts';
import type { JudgingTalk } from './judging-load.ts';

const CHECKS = 1_000;
const VANTAGES = 3;
const SECONDS = 30;
const ROUNDS = 3;
const MOST_CORES = 0.25;

const RESTORED_CHECKS = 5_000;
/** In the year of each check. */
const OUTAGES = 100;
const MOST_RESTORE_SECONDS = 5;

async function alone<T>(use: (judging: HelperProcess<JudgingTalk>) => Promise<T>): Promise<T> {
  const judging = new HelperProcess<JudgingTalk>('./judging-load.ts');
  try {
    return await use(judging);
  } finally {
    await judging.end();
  }
}

/** What judging 1,000 checks of three vantages every second takes of a core. */
export function judgeBench(members: 'rows' | 'scopes'): Bench {
  const what = members === 'rows' ? 'checks spread over 13 rows' : 'each check a promise of its own';
  return {
    name: `judge-${members}`,
    summary: `judging ${CHECKS} checks × ${VANTAGES} vantages each second, ${what}`,
    async run() {
      const [cores, slotUs, putUs]: [number[], number[], number[]] = [[], [], []];
      for (let i = 0; i < ROUNDS; i++) {
        const asked = { checks: CHECKS, seconds: SECONDS, ownScopes: members === 'scopes' };
        const { cpuMsPerSecond, putMsPerSecond } = await alone((judging) => judging.ask('judge', asked));
        cores.push(cpuMsPerSecond / 1000);
        slotUs.push((cpuMsPerSecond * 1000) / CHECKS);
        putUs.push((putMsPerSecond * 1000) / (CHECKS * VANTAGES));
      }
      return [
        figure(`judge, ${what}: CPU`, 'cores', cores, MOST_CORES),
        figure(`judge, ${what}: a judged slot`, 'µs CPU', slotUs),
        figure('window store: an observation put', 'µs CPU', putUs),
      ];
    },
  };
}

/** How long it takes to be back after a restart. */
export const restoreBench: Bench = {
  name: 'restore',
  summary: `a year of ${RESTORED_CHECKS} checks back, ${OUTAGES} outages each: to the first verdicts`,
  async run() {
    const asked = { checks: RESTORED_CHECKS, outages: OUTAGES };
    const { seconds, cpuSeconds } = await alone((judging) => judging.ask('restore', asked));
    return [
      figure('restore: to the first verdicts', 's', [seconds], MOST_RESTORE_SECONDS),
      figure('restore: CPU', 's', [cpuSeconds]),
    ];
  },
};
