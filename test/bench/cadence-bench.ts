import { setTimeout as pause } from 'node:timers/promises';
import { type Bench, type Figure, figure, quantile } from './figure.ts';
import { HelperProcess } from './helper-process.ts';
import { growth, readMetrics } from './metrics-page.ts';
import { cpuMs } from './process-figures.ts';
import type { ReferenceTalk } from './reference.ts';
import { type WatchedRegion, withWatchedRegion } from './watched-region.ts';

const WARM_UP_MS = 10_000;
const ROUNDS = 3;
const ROUND_MS = 6_000;
const MOST_LATE_MS = 20;
const MOST_HOLES_SHARE = 0.001;

/** One round's figures. */
interface Round {
  readonly sinceDueP50Ms: number;
  readonly sinceDueP99Ms: number;
  readonly lateP50Ms: number;
  readonly lateP99Ms: number;
  readonly lateMaxMs: number;
  readonly timerLateP99Ms: number;
  readonly cores: number;
  /** Slots that were not seen, of all. */
  readonly holesShare: number;
}

/**
 * How far from its instant a run begins, and what it costs. At an interval of a second the guard that keeps identical
 * requests a second apart has its part in it: a run that began late pushes the next one back. Late is what comes on top
 * of that.
 */
export function cadenceBench(checks: number, intervalSeconds: number): Bench {
  const what = `${checks} checks at ${intervalSeconds} s`;
  const perSecond = checks / intervalSeconds;
  return {
    name: `cadence-${checks}-${intervalSeconds}s`,
    summary: `${what}: lateness of starts, CPU, holes`,
    run: () =>
      withWatchedRegion(checks, `${intervalSeconds}s`, async (region) => {
        const reference = new HelperProcess<ReferenceTalk>('./reference.ts');
        try {
          await pause(WARM_UP_MS);
          const rounds: Round[] = [];
          for (let i = 0; i < ROUNDS; i++) rounds.push(await oneRound(perSecond, region, reference));
          return figuresOf(what, rounds);
        } finally {
          await reference.end();
        }
      }),
  };
}

async function oneRound(
  perSecond: number,
  { watcher, origin, port }: WatchedRegion,
  reference: HelperProcess<ReferenceTalk>,
): Promise<Round> {
  await watcher.ask('recorded', null);
  const before = await readMetrics(origin);
  const [cpuBefore, startedMs] = [cpuMs(watcher.pid), performance.now()];
  const { timerLateP99Ms } = await reference.ask('look', { port, forMs: ROUND_MS });
  const [cpuAfter, endedMs] = [cpuMs(watcher.pid), performance.now()];
  const after = await readMetrics(origin);
  const { sinceDueMs, lateMs } = await watcher.ask('recorded', null);
  return {
    sinceDueP50Ms: quantile(sinceDueMs, 0.5),
    sinceDueP99Ms: quantile(sinceDueMs, 0.99),
    lateP50Ms: quantile(lateMs, 0.5),
    lateP99Ms: quantile(lateMs, 0.99),
    lateMaxMs: Math.max(...lateMs),
    timerLateP99Ms,
    cores: (cpuAfter - cpuBefore) / (endedMs - startedMs),
    holesShare: growth(before, after, 'vigie_schedule_holes_total') / (perSecond * (ROUND_MS / 1000)),
  };
}

function figuresOf(what: string, rounds: readonly Round[]): readonly Figure[] {
  const of = (name: keyof Round): number[] => rounds.map((round) => round[name]);
  return [
    figure(`${what}: start after due, p50`, 'ms', of('sinceDueP50Ms')),
    figure(`${what}: start after due, p99`, 'ms', of('sinceDueP99Ms')),
    figure(`${what}: start late, p50`, 'ms', of('lateP50Ms')),
    figure(`${what}: start late, p99`, 'ms', of('lateP99Ms'), MOST_LATE_MS),
    figure(`${what}: start late, max`, 'ms', of('lateMaxMs')),
    figure(`${what}: bare timers beside it, p99`, 'ms', of('timerLateP99Ms')),
    figure(`${what}: CPU`, 'cores', of('cores'), 1),
    figure(`${what}: slots not seen`, 'of 1', of('holesShare'), MOST_HOLES_SHARE),
  ];
}
