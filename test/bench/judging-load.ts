import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { probeKinds } from '../../probes/index.ts';
import { systemClock } from '../../src/clock.ts';
import type { Config } from '../../src/config/config.ts';
import { loadConfig } from '../../src/config/load.ts';
import { readTextFile, shippedContract } from '../../src/config/local-files.ts';
import type { Observation } from '../../src/core/observation.ts';
import type { Transition } from '../../src/core/timeline.ts';
import type { Verdict } from '../../src/core/verdict.ts';
import { JudgeLoop } from '../../src/live/judge-loop.ts';
import { openSqliteStore } from '../../src/window/sqlite.ts';
import type { WindowStore } from '../../src/window/store.ts';
import { checksOf, httpSettings, writeConfiguration } from './configuration.ts';
import { answer } from './helper-process.ts';
import { SteppedClock } from './stepped-clock.ts';

/** What is asked of a process that judges. */
export type JudgingTalk = {
  /**
   * Judges every second for so many seconds what three vantages see every second. With `ownScopes` every check is a
   * promise of its own, else they are spread over the rows.
   */
  readonly judge: {
    readonly ask: { readonly checks: number; readonly seconds: number; readonly ownScopes: boolean };
    readonly answer: { readonly cpuMsPerSecond: number; readonly putMsPerSecond: number };
  };
  /** Judges for the first time after a restart, with so many outages a check in the stored year. */
  readonly restore: {
    readonly ask: { readonly checks: number; readonly outages: number };
    readonly answer: { readonly seconds: number; readonly cpuSeconds: number };
  };
};

const VANTAGES = ['az-a', 'az-b', 'az-c'];
const HOUR_MS = 3_600_000;
const YEAR_MS = 365 * 24 * HOUR_MS;
const START_MS = Date.UTC(2026, 5, 15, 12);
/** One check in a hundred is down at a time, for ten seconds. */
const DOWN_EVERY = 100;
const DOWN_SECONDS = 10;

function configOf(checks: number, ownScopes: boolean): Config {
  const entries = checksOf('http', httpSettings('http://127.0.0.1:9', checks)).map((entry) =>
    ownScopes ? { ...entry, row: 'sla9.vm', scope: entry.id } : entry,
  );
  const { path, remove } = writeConfiguration(entries, VANTAGES);
  try {
    const environment = { kinds: probeKinds(), readFile: readTextFile, env: {}, shippedContract };
    const { config, problems } = loadConfig(path, environment);
    if (!config) throw new Error(JSON.stringify(problems.slice(0, 3)));
    return config;
  } finally {
    remove();
  }
}

function seenAt(atMs: number, { checks }: Config): readonly Observation[] {
  const slot = Math.floor(atMs / 1000);
  return checks.flatMap(({ id, intervalMs }, i) => {
    const isDown = (i + Math.floor(slot / DOWN_SECONDS)) % DOWN_EVERY === 0;
    return VANTAGES.map((vantage): Observation => {
      const key = { check: id, intervalMs, vantage, slot };
      return isDown ? { ...key, outcome: 'bad', cause: 'timeout' } : { ...key, outcome: 'good' };
    });
  });
}

function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

async function withFolder<T>(use: (path: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'vigie-bench-'));
  try {
    return await use(join(folder, 'windows.sqlite'));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function loopOf(
  store: WindowStore,
  clock: SteppedClock,
  config: Config,
  judged: (verdicts: readonly Verdict[]) => void,
): JudgeLoop {
  return new JudgeLoop(
    {
      clock,
      store,
      epoch: 1,
      breathe: () => setImmediate(),
      onVerdicts: (_atMs, verdicts) => judged(verdicts),
      onFailure: (error) => {
        throw error;
      },
      onCommit: () => undefined,
    },
    config,
  );
}

const WARM_UP_SECONDS = 20;

async function judge({ checks, seconds, ownScopes }: JudgingTalk['judge']['ask']) {
  const config = configOf(checks, ownScopes);
  return withFolder(async (path) => {
    const store = await openSqliteStore({ path, clock: systemClock });
    const clock = new SteppedClock(START_MS);
    let isDownSeen = false;
    const loop = loopOf(store, clock, config, (verdicts) => {
      isDownSeen = verdicts.some(({ downtimeMs }) => downtimeMs.raw > 0);
    });
    await loop.start();
    const spent = { put: 0, judged: 0 };
    for (let second = 0; second < WARM_UP_SECONDS + seconds; second++) {
      const observations = seenAt(START_MS + second * 1000, config);
      const before = cpuMs();
      for (const observation of observations) await store.put([observation]);
      const put = cpuMs();
      await clock.step();
      if (second < WARM_UP_SECONDS) continue;
      spent.put += put - before;
      spent.judged += cpuMs() - put;
    }
    await loop.stop();
    await store.close();
    if (!isDownSeen) throw new Error('the judge saw none of the outages');
    return { cpuMsPerSecond: spent.judged / seconds, putMsPerSecond: spent.put / seconds };
  });
}

/** A year of outages of two minutes, evenly spread. */
function transitionsOf(outages: number): readonly Transition[] {
  const stepMs = Math.floor(YEAR_MS / outages / 1000) * 1000;
  return Array.from({ length: outages }, (_, i) => START_MS - YEAR_MS + i * stepMs).flatMap(
    (atMs): Transition[] => [
      { atMs, state: 'U', causes: [], contested: false },
      { atMs: atMs + stepMs - 120_000, state: 'D', causes: ['timeout'], contested: false },
    ],
  );
}

async function storeYear(path: string, config: Config, outages: number): Promise<void> {
  const store = await openSqliteStore({ path, clock: systemClock });
  const transitions = transitionsOf(outages);
  const replaceFromMs = START_MS - YEAR_MS;
  for (const { id: check } of config.checks) {
    const commit = {
      check,
      epoch: 1,
      expectedCursorMs: null,
      cursorMs: START_MS,
      replaceFromMs,
      transitions,
    };
    await store.commit([commit]);
  }
  await store.put(seenAt(START_MS - 1000, config));
  await store.close();
}

async function restore({ checks, outages }: JudgingTalk['restore']['ask']) {
  const config = configOf(checks, false);
  return withFolder(async (path) => {
    await storeYear(path, config, outages);
    const [startedMs, cpuBefore] = [performance.now(), cpuMs()];
    const store = await openSqliteStore({ path, clock: systemClock });
    const clock = new SteppedClock(START_MS + 1000);
    const judged = Promise.withResolvers<readonly Verdict[]>();
    const loop = loopOf(store, clock, config, judged.resolve);
    await loop.start();
    await Promise.all([clock.step(), judged.promise]);
    const seconds = (performance.now() - startedMs) / 1000;
    const cpuSeconds = (cpuMs() - cpuBefore) / 1000;
    await loop.stop();
    await store.close();
    return { seconds, cpuSeconds };
  });
}

answer<JudgingTalk>({ judge, restore });
