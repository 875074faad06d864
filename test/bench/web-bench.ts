import { setTimeout as pause } from 'node:timers/promises';
import { type Bench, type Figure, figure, quantile } from './figure.ts';
import type { FollowersTalk } from './followers.ts';
import { HelperProcess } from './helper-process.ts';
import { cpuMs } from './process-figures.ts';
import type { ScraperTalk } from './scraper.ts';
import { type WatchedRegion, withWatchedRegion } from './watched-region.ts';

const CHECKS = 500;
const INTERVAL_SECONDS = 2;
const WARM_UP_MS = 15_000;
const ROUNDS = 3;
const ROUND_MS = 5_000;
const FOLLOWERS = 100;
const READS_A_SECOND = 1_000;
const MOST_MOVED_MS = 5;

/** What is read in turn. */
const READ = ['/api/verdicts', '/api/checks', '/api/incidents', '/api/rows'] as const;

/** One stretch: with nobody looking, with the readers busy elsewhere, and with all of them here. */
interface Stretch {
  readonly lateP99Ms: number;
  readonly cores: number;
  readonly reads: number;
  readonly failed: number;
  readonly heard: number;
}

interface Load {
  readonly readers: HelperProcess<ScraperTalk>;
  readonly followers: HelperProcess<FollowersTalk>;
}

/**
 * What pages that are open and programs that read do to the probes. The readers are on this machine, too, and take their
 * part of its cores: so they read as much of another server for comparison.
 */
export const webBench: Bench = {
  name: 'web-load',
  summary: `${CHECKS} checks, ${FOLLOWERS} pages that follow live and ${READS_A_SECOND} reads/s of the API: lateness of starts`,
  run: () =>
    withWatchedRegion(CHECKS, `${INTERVAL_SECONDS}s`, async (region) => {
      const load: Load = {
        readers: new HelperProcess('./scraper.ts'),
        followers: new HelperProcess('./followers.ts'),
      };
      try {
        await pause(WARM_UP_MS);
        const [quiet, elsewhere, here]: [Stretch[], Stretch[], Stretch[]] = [[], [], []];
        for (let i = 0; i < ROUNDS; i++) {
          quiet.push(await stretch(region, () => pause(ROUND_MS, { ok: 0, failed: 0, bytes: 0 })));
          elsewhere.push(await stretch(region, () => readAll(load, `http://127.0.0.1:${region.port}`, '')));
          here.push(await followed(region, load));
        }
        return figuresOf(quiet, elsewhere, here);
      } finally {
        await load.readers.end();
        await load.followers.end();
      }
    }),
};

async function followed(region: WatchedRegion, load: Load): Promise<Stretch> {
  const url = `${region.origin}/api/events`;
  await load.followers.ask('follow', { url, clients: FOLLOWERS });
  await load.followers.ask('heard', null);
  const here = await stretch(region, () => readAll(load, region.origin, '{'));
  const heard = await load.followers.ask('heard', null);
  await load.followers.ask('leave', null);
  return { ...here, heard };
}

async function readAll({ readers }: Load, origin: string, expect: string) {
  const sums = { ok: 0, failed: 0, bytes: 0 };
  for (const path of READ) {
    const share = { perSecond: READS_A_SECOND, forMs: ROUND_MS / READ.length };
    const { ok, failed, bytes } = await readers.ask('scrape', { url: `${origin}${path}`, ...share, expect });
    sums.ok += ok;
    sums.failed += failed;
    sums.bytes += bytes;
  }
  return sums;
}

async function stretch(
  { watcher }: WatchedRegion,
  load: () => Promise<ScraperTalk['scrape']['answer']>,
): Promise<Stretch> {
  await watcher.ask('recorded', null);
  const [cpuBefore, startedMs] = [cpuMs(watcher.pid), performance.now()];
  const { ok: reads, failed } = await load();
  const cores = (cpuMs(watcher.pid) - cpuBefore) / (performance.now() - startedMs);
  const { lateMs } = await watcher.ask('recorded', null);
  return { lateP99Ms: quantile(lateMs, 0.99), cores, reads, failed, heard: 0 };
}

function figuresOf(
  quiet: readonly Stretch[],
  elsewhere: readonly Stretch[],
  here: readonly Stretch[],
): readonly Figure[] {
  const late = (stretches: readonly Stretch[]): number[] => stretches.map(({ lateP99Ms }) => lateP99Ms);
  const cores = (stretches: readonly Stretch[]): number[] => stretches.map((each) => each.cores);
  const moved = late(here).map((ms, i) => ms - (late(quiet)[i] ?? Number.NaN));
  const movedByUs = late(here).map((ms, i) => ms - (late(elsewhere)[i] ?? Number.NaN));
  const seconds = ROUND_MS / 1_000;
  return [
    figure('start late, nobody looking, p99', 'ms', late(quiet)),
    figure('start late, as much read of another server, p99', 'ms', late(elsewhere)),
    figure('start late, all looking, p99', 'ms', late(here)),
    figure('all looking by nobody looking, p99', 'ms', moved, MOST_MOVED_MS),
    figure('all looking by as much read elsewhere, p99', 'ms', movedByUs, MOST_MOVED_MS),
    figure('CPU, nobody looking', 'cores', cores(quiet)),
    figure('CPU, all looking', 'cores', cores(here)),
    figure(
      'reads answered',
      '1/s',
      here.map(({ reads }) => reads / seconds),
    ),
    figure(
      'reads that failed',
      '1/s',
      here.map(({ failed }) => failed / seconds),
      0,
    ),
    figure(
      'messages heard',
      '1/s',
      here.map(({ heard }) => heard / seconds),
    ),
  ];
}
