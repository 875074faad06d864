import { systemClock } from '../../src/clock.ts';
import type { Observation } from '../../src/core/observation.ts';
import { openShared } from '../window/redis-subject.ts';
import { answer } from './helper-process.ts';

/** What the writing process is asked and answers. */
export type RedisTalk = {
  /** Observations of so many checks at 10 s from one vantage: `slotsAWrite` slots of each, then all are awaited. */
  readonly write: {
    readonly ask: {
      readonly url: string;
      readonly checks: number;
      readonly writes: number;
      readonly slotsAWrite: number;
    };
    readonly answer: { readonly samples: number; readonly seconds: number; readonly cpuSeconds: number };
  };
};

const INTERVAL_MS = 10_000;

async function write({
  url,
  checks,
  writes,
  slotsAWrite,
}: RedisTalk['write']['ask']): Promise<RedisTalk['write']['answer']> {
  const store = await openShared(url, { clock: systemClock });
  let slot = Math.floor(systemClock.wallMs() / INTERVAL_MS);
  const put = async (): Promise<void> => {
    const observations: Observation[] = [];
    for (let n = 0; n < slotsAWrite; n++, slot++) {
      for (let i = 0; i < checks; i++) {
        observations.push({
          check: `check-${i}`,
          intervalMs: INTERVAL_MS,
          vantage: 'a',
          slot,
          outcome: 'good',
        });
      }
    }
    await store.put(observations);
    await store.flush();
  };
  await put();
  const started = process.cpuUsage();
  const startedMs = performance.now();
  for (let i = 0; i < writes; i++) await put();
  const seconds = (performance.now() - startedMs) / 1_000;
  const used = process.cpuUsage(started);
  await store.close();
  return { samples: checks * writes * slotsAWrite, seconds, cpuSeconds: (used.user + used.system) / 1e6 };
}

answer<RedisTalk>({ write });
