import { spawnSync } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';
import type { BareRigTalk } from './bare-rig.ts';
import { checksOf, httpSettings, writeConfiguration } from './configuration.ts';
import { type Bench, figure, quantile, ratio } from './figure.ts';
import { HelperProcess } from './helper-process.ts';
import { residentMb } from './process-figures.ts';
import type { TargetTalk } from './targets.ts';
import { RUNTIME_FLAGS, runVigie } from './vigie-process.ts';

const MOST_MB = 120;
const MOST_KB_PER_CHECK = 60;
const PER_SECOND = 500;
const SETTLE_MS = 18_000;
const SAMPLES = 10;
const SAMPLE_MS = 500;

const STARTS = 5;
const MOST_START_SECONDS = 1;
const FIRST_WITHIN_MS = 10_000;

async function withTargets<T>(
  use: (targets: HelperProcess<TargetTalk>, origin: string) => Promise<T>,
): Promise<T> {
  const targets = new HelperProcess<TargetTalk>('./targets.ts');
  try {
    const { port } = await targets.ask('http', null);
    return await use(targets, `http://127.0.0.1:${port}`);
  } finally {
    await targets.end();
  }
}

/** The median of the resident memory of a process once it has settled. */
async function settledMb(pid: number): Promise<number> {
  await pause(SETTLE_MS);
  const samples: number[] = [];
  for (let i = 0; i < SAMPLES; i++) {
    samples.push(residentMb(pid));
    await pause(SAMPLE_MS);
  }
  return quantile(samples, 0.5);
}

function vigieMb(checks: number): Promise<number> {
  return withTargets(async (_targets, origin) => {
    const interval = `${checks / PER_SECOND}s`;
    const configuration = writeConfiguration(checksOf('http', httpSettings(origin, checks), interval));
    const vigie = runVigie(configuration.path);
    try {
      return await settledMb(vigie.pid);
    } finally {
      await vigie.end();
      configuration.remove();
    }
  });
}

/** What the same exchanges take by the same client on the same runtime, with nothing of vigie's about them. */
function bareRigMb(checks: number): Promise<number> {
  return withTargets(async (_targets, origin) => {
    const rig = new HelperProcess<BareRigTalk>('./bare-rig.ts', RUNTIME_FLAGS);
    try {
      await rig.ask('watch', { origin, checks, perSecond: PER_SECOND });
      const settled = await settledMb(rig.pid);
      const ended = await rig.ask('ended', null);
      if (ended < (PER_SECOND * SETTLE_MS) / 1000) throw new Error(`${ended} exchanges ended`);
      return settled;
    } finally {
      await rig.end();
    }
  });
}

/** Resident memory of the command line, at the same rate of probes whatever the number of checks. */
export const memoryBench: Bench = {
  name: 'memory',
  summary: 'resident memory at 1,000 checks by bare exchanges, and what each further check takes up to 3,000',
  async run() {
    const thousand = await vigieMb(1_000);
    const three = await vigieMb(3_000);
    const bare = await bareRigMb(1_000);
    return [
      figure('memory: 1,000 checks, 500 probes/s', 'MB', [thousand], MOST_MB),
      figure('memory: 3,000 checks, 500 probes/s', 'MB', [three]),
      figure('memory: bare exchanges, 500/s', 'MB', [bare]),
      ratio('memory: 1,000 checks by bare exchanges', [thousand], [bare]),
      figure('memory: a further check', 'kB', [((three - thousand) * 1000) / 2_000], MOST_KB_PER_CHECK),
    ];
  },
};

/** From the start of the process to the first request that a target sees; a bare runtime beside it. */
export const startBench: Bench = {
  name: 'start',
  summary: 'cold start of the command line to its first probe, 100 checks',
  async run() {
    const [ours, bare]: [number[], number[]] = [[], []];
    for (let i = 0; i < STARTS; i++) {
      ours.push(await firstRequestSeconds());
      const startedMs = performance.now();
      spawnSync(process.execPath, ['--eval', '']);
      bare.push((performance.now() - startedMs) / 1000);
    }
    return [
      figure('start: to the first probe', 's', ours, MOST_START_SECONDS),
      figure('start: a bare runtime, to its end', 's', bare),
    ];
  },
};

function firstRequestSeconds(): Promise<number> {
  return withTargets(async (targets, origin) => {
    const configuration = writeConfiguration(checksOf('http', httpSettings(origin, 100)));
    const startedMs = performance.timeOrigin + performance.now();
    const vigie = runVigie(configuration.path);
    try {
      for (let waitedMs = 0; waitedMs < FIRST_WITHIN_MS; waitedMs += SAMPLE_MS) {
        await pause(SAMPLE_MS);
        const firstMs = await targets.ask('first', null);
        if (firstMs !== null) return (firstMs - startedMs) / 1000;
      }
      throw new Error('no probe was seen');
    } finally {
      await vigie.end();
      configuration.remove();
    }
  });
}
