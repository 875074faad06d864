import { setTimeout as pause } from 'node:timers/promises';
import { type Bench, type Figure, figure, quantile } from './figure.ts';
import { HelperProcess } from './helper-process.ts';
import { readMetrics, shareAbove } from './metrics-page.ts';
import type { ReferenceTalk } from './reference.ts';
import type { ScraperTalk } from './scraper.ts';
import { type WatchedRegion, withWatchedRegion } from './watched-region.ts';

/** 500 probes a second and, with six series a check and those of the rows, 25,000 series. */
const CHECKS = 4_000;
const INTERVAL = '8s';
const WARM_UP_MS = 14_000;
const ROUNDS = 3;
const ROUND_MS = 4_000;
const SCRAPES_PER_SECOND = 0.5;
const MOST_ERROR_MS = 2;
/** So that the p99 of the lag is 2 ms. */
const MOST_LAGGING = 0.01;
const LAG = 'vigie_event_loop_lag_seconds';
const LAG_BOUND_SECONDS = 0.002;

interface Round {
  readonly latencyP50Ms: number;
  readonly latencyP99Ms: number;
  /** Beyond what a bare exchange took at the same time. */
  readonly errorP50Ms: number;
  readonly errorP99Ms: number;
  /** Samples beside which the event loop was late by more than 2 ms, of 1. */
  readonly lagShare: number;
}

/** What vigie's own work adds to the latencies it measures, alone and while it is scraped. */
export const latencyBench: Bench = {
  name: 'latency',
  summary: 'error of measured latencies at 500 probes/s, with and without scrapes of 25,000 series',
  run: () =>
    withWatchedRegion(CHECKS, INTERVAL, async (region) => {
      const reference = new HelperProcess<ReferenceTalk>('./reference.ts');
      const scraper = new HelperProcess<ScraperTalk>('./scraper.ts');
      try {
        await pause(WARM_UP_MS);
        const [quiet, scraped]: [Round[], Round[]] = [[], []];
        for (let i = 0; i < ROUNDS; i++) {
          quiet.push(await oneRound(region, reference));
          const [round] = await Promise.all([oneRound(region, reference), scrape(scraper, region)]);
          scraped.push(round);
        }
        const series = (await readMetrics(region.origin)).size;
        return [
          figure('series', '', [series]),
          ...figuresOf('500 probes/s', quiet),
          ...figuresOf('scraped', scraped),
          figure(
            'scraped: moves p99 by',
            'ms',
            scraped.map((round, i) => round.errorP99Ms - (quiet[i]?.errorP99Ms ?? Number.NaN)),
            MOST_ERROR_MS,
          ),
        ];
      } finally {
        await scraper.end();
        await reference.end();
      }
    }),
};

async function scrape(scraper: HelperProcess<ScraperTalk>, { origin }: WatchedRegion): Promise<void> {
  const url = `${origin}/metrics`;
  const asked = { url, perSecond: SCRAPES_PER_SECOND, forMs: ROUND_MS, expect: 'vigie_build_info' };
  const { failed } = await scraper.ask('scrape', asked);
  if (failed > 0) throw new Error(`${failed} scrapes failed`);
}

async function oneRound(
  { watcher, origin, port }: WatchedRegion,
  reference: HelperProcess<ReferenceTalk>,
): Promise<Round> {
  const before = await readMetrics(origin);
  await watcher.ask('recorded', null);
  const bare = await reference.ask('look', { port, forMs: ROUND_MS });
  const { latencyMs } = await watcher.ask('recorded', null);
  const after = await readMetrics(origin);
  const [latencyP50Ms, latencyP99Ms] = [quantile(latencyMs, 0.5), quantile(latencyMs, 0.99)];
  return {
    latencyP50Ms,
    latencyP99Ms,
    errorP50Ms: latencyP50Ms - bare.latencyP50Ms,
    errorP99Ms: latencyP99Ms - bare.latencyP99Ms,
    lagShare: shareAbove(before, after, LAG, LAG_BOUND_SECONDS),
  };
}

function figuresOf(what: string, rounds: readonly Round[]): readonly Figure[] {
  const of = (name: keyof Round): number[] => rounds.map((round) => round[name]);
  return [
    figure(`${what}: latency, p50`, 'ms', of('latencyP50Ms')),
    figure(`${what}: latency, p99`, 'ms', of('latencyP99Ms')),
    figure(`${what}: beyond a bare exchange, p50`, 'ms', of('errorP50Ms')),
    figure(`${what}: beyond a bare exchange, p99`, 'ms', of('errorP99Ms'), MOST_ERROR_MS),
    figure(`${what}: samples beside a loop late by > 2 ms`, 'of 1', of('lagShare'), MOST_LAGGING),
  ];
}
