import { setTimeout as pause } from 'node:timers/promises';
import { type CheckEntry, checksOf, writeConfiguration } from './configuration.ts';
import { type Bench, type Figure, figure, quantile } from './figure.ts';
import { HelperProcess } from './helper-process.ts';
import { readMetrics, shareAbove } from './metrics-page.ts';
import { cpuMs } from './process-figures.ts';
import { SECRET_KEY_FILE, SERVICE_SETTINGS, type ServiceKind, TIMEOUT } from './service-checks.ts';
import type { ServiceTargets, ServiceTargetTalk } from './service-targets.ts';
import { RUNTIME_FLAGS } from './vigie-process.ts';
import type { WatcherTalk } from './watcher.ts';

const KINDS = Object.keys(SERVICE_SETTINGS) as readonly ServiceKind[];
const [FEW, MANY] = [20, 200];
/** So that 200 checks of each of ten kinds come to 500 probes a second. */
const INTERVAL = '4s';
/** What is hot has been compiled by then. */
const WARM_UP_MS = 40_000;
const ROUND_MS = 12_000;
const MOST_ERROR_MS = 2;
/** Of 1; a machine that others keep busy lets some run out of time. */
const MOST_FAILED = 0.2;
/** So that the p99 of the lag is 2 ms. */
const MOST_LAGGING = 0.01;
const LAG = 'vigie_event_loop_lag_seconds';
const LAG_BOUND_SECONDS = 0.002;

type Latencies = Readonly<Record<string, readonly number[]>>;

interface Round {
  readonly latencyMs: Latencies;
  /** Samples beside which the event loop was late by more than 2 ms, of 1. */
  readonly lagShare: number;
  readonly perSecond: number;
  readonly cores: number;
}

/**
 * What probes of all kinds at once add to the latency that any of them tells: 200 checks of each, beside 20 of each by
 * another process at the same time, so that what the machine does to both is left out.
 */
export const kindsBench: Bench = {
  name: 'kinds',
  summary: `latencies told by ${KINDS.length} kinds at once, ${MANY} checks of each every ${INTERVAL}`,
  async run() {
    const targets = new HelperProcess<ServiceTargetTalk>('./service-targets.ts');
    try {
      const region = await targets.ask('start', MANY);
      const [quiet, loud] = await Promise.all([oneRound(region, FEW), oneRound(region, MANY)]);
      return [
        ...KINDS.map((kind) => moved(kind, quiet.latencyMs[kind] ?? [], loud.latencyMs[kind] ?? [])),
        figure(
          'all kinds: moves p99 by',
          'ms',
          [quantile(beyondOwnMedian(loud, quiet), 0.99) - quantile(beyondOwnMedian(quiet, quiet), 0.99)],
          MOST_ERROR_MS,
        ),
        figure('all kinds: probes', '1/s', [loud.perSecond]),
        figure('all kinds: CPU', 'cores', [loud.cores]),
        figure('samples beside a loop late by > 2 ms', 'of 1', [loud.lagShare], MOST_LAGGING),
        figure('the same where there is little to do', 'of 1', [quiet.lagShare]),
      ];
    } finally {
      await targets.end();
    }
  },
};

function moved(kind: string, quiet: readonly number[], loud: readonly number[]): Figure {
  return figure(
    `${kind}: moves the median by`,
    'ms',
    [quantile(loud, 0.5) - quantile(quiet, 0.5)],
    MOST_ERROR_MS,
  );
}

/** By how much each sample is above what its kind takes where there is little to do. */
function beyondOwnMedian({ latencyMs }: Round, quiet: Round): readonly number[] {
  return Object.entries(latencyMs).flatMap(([kind, samples]) => {
    const median = quantile(quiet.latencyMs[kind] ?? [], 0.5);
    return samples.map((ms) => ms - median);
  });
}

async function oneRound(region: ServiceTargets, ofEach: number): Promise<Round> {
  const watcher = new HelperProcess<WatcherTalk>('./watcher.ts', RUNTIME_FLAGS);
  const configuration = writeConfiguration(checksOfAll(region, ofEach), ['here'], {
    [SECRET_KEY_FILE]: region.secretKey,
  });
  try {
    const origin = await watcher.ask('start', { path: configuration.path, record: true });
    await pause(WARM_UP_MS);
    const before = await readMetrics(origin);
    await watcher.ask('recorded', null);
    const cpuBefore = cpuMs(watcher.pid);
    await pause(ROUND_MS);
    const cores = (cpuMs(watcher.pid) - cpuBefore) / ROUND_MS;
    const { latencyMsByKind, faults, latencyMs } = await watcher.ask('recorded', null);
    if (faults > MOST_FAILED * latencyMs.length) throw new Error(`${faults} of ${latencyMs.length} failed`);
    const after = await readMetrics(origin);
    const perSecond = latencyMs.length / (ROUND_MS / 1_000);
    const lagShare = shareAbove(before, after, LAG, LAG_BOUND_SECONDS);
    return { latencyMs: latencyMsByKind, lagShare, perSecond, cores };
  } finally {
    await watcher.end();
    configuration.remove();
  }
}

function checksOfAll(region: ServiceTargets, ofEach: number): readonly CheckEntry[] {
  return KINDS.flatMap((kind) => {
    const settings = Array.from({ length: ofEach }, (_, i) => SERVICE_SETTINGS[kind](region, i));
    return checksOf(kind, settings, INTERVAL).map((check) => ({
      ...check,
      id: `${kind}-${check.id}`,
      timeout: TIMEOUT,
    }));
  });
}
