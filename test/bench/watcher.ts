import { probeKinds } from '../../probes/index.ts';
import { App } from '../../src/app.ts';
import { systemClock, systemRandom } from '../../src/clock.ts';
import type { Config } from '../../src/config/config.ts';
import { loadConfig } from '../../src/config/load.ts';
import { readTextFile, shippedContract } from '../../src/config/local-files.ts';
import type { ProbeKind } from '../../src/core/probe.ts';
import { createLog } from '../../src/export/log.ts';
import { IDENTICAL_GAP_MS } from '../../src/schedule/identical-guard.ts';
import { phaseMs } from '../../src/schedule/phase.ts';
import { answer } from './helper-process.ts';

/** What is asked of a process that is vigie: the whole application on a configuration. */
export type WatcherTalk = {
  /** Starts; answers with the address of its HTTP side. With `record` every run is noted. */
  readonly start: {
    readonly ask: { readonly path: string; readonly record: boolean };
    readonly answer: string;
  };
  /** What was noted since the last time it was asked for. */
  readonly recorded: { readonly ask: null; readonly answer: Recorded };
  readonly stop: { readonly ask: null; readonly answer: null };
};

/** The runs of some time, in the order they ended. Milliseconds with fractions. */
export interface Recorded {
  /** From the instant a run was due to its start. */
  readonly sinceDueMs: readonly number[];
  /** From the instant it was due, and an identical request a second ago, to its start. */
  readonly lateMs: readonly number[];
  /** As the probe told it; of answers only. */
  readonly latencyMs: readonly number[];
  /** The same, by the kind of probe. */
  readonly latencyMsByKind: Readonly<Record<string, readonly number[]>>;
  readonly faults: number;
}

let app: App | undefined;
let sinceDueMs: number[] = [];
let lateMs: number[] = [];
let latencyMs: number[] = [];
let byKind: Record<string, number[]> = {};
let faults = 0;

/** The kinds of probes, each run noted. The check is known by its settings, which are its own. */
function recording(
  kinds: ReadonlyMap<string, ProbeKind>,
  { checks, vantages: [vantage = ''] }: Config,
): ReadonlyMap<string, ProbeKind> {
  const bySettings = new Map(checks.map((check) => [check.settings, check]));
  const recorded = (kind: ProbeKind): ProbeKind => ({
    ...kind,
    configure(settings) {
      const probe = kind.configure(settings);
      const check = bySettings.get(settings);
      if (!check) throw new Error('a check is not known by its settings');
      const phase = phaseMs(check, vantage, probe);
      let lastStartMs = -Infinity;
      return {
        ...probe,
        async run(context) {
          const nowMs = performance.now();
          const sinceSlotMs = (performance.timeOrigin + nowMs - phase) % check.intervalMs;
          const allowedInMs = lastStartMs + IDENTICAL_GAP_MS - nowMs;
          lastStartMs = nowMs;
          const reading = await probe.run(context);
          // A timer of ours may be early by the fraction of a millisecond that the wall clock does not tell.
          const dueMs = sinceSlotMs > check.intervalMs - 1 ? 0 : sinceSlotMs;
          sinceDueMs.push(dueMs);
          lateMs.push(Math.min(dueMs, Math.max(0, -allowedInMs)));
          if (reading.kind === 'answer') {
            latencyMs.push(reading.latencyMs);
            (byKind[kind.kind] ??= []).push(reading.latencyMs);
          } else faults++;
          return reading;
        },
      };
    },
  });
  return new Map([...kinds].map(([name, kind]) => [name, recorded(kind)]));
}

async function start({ path, record }: WatcherTalk['start']['ask']): Promise<string> {
  const kinds = probeKinds();
  const environment = { kinds, readFile: readTextFile, env: process.env, shippedContract };
  const { config, problems } = loadConfig(path, environment);
  if (!config) throw new Error(JSON.stringify(problems.slice(0, 3)));
  app = new App({
    config,
    kinds: record ? recording(kinds, config) : kinds,
    vantages: config.vantages.slice(0, 1),
    clock: systemClock,
    random: systemRandom,
    log: createLog({ clock: systemClock, level: 'error', format: 'text' }),
    version: 'bench',
  });
  return app.start();
}

function takeRecorded(): Recorded {
  const taken = { sinceDueMs, lateMs, latencyMs, latencyMsByKind: byKind, faults };
  [sinceDueMs, lateMs, latencyMs, byKind, faults] = [[], [], [], {}, 0];
  return taken;
}

answer<WatcherTalk>({
  start,
  recorded: takeRecorded,
  stop: async () => {
    await app?.stop();
    return null;
  },
});
