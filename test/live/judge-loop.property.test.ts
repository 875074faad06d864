import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Verdict } from '../../src/core/verdict.ts';
import { memoryStore } from '../../src/window/memory.ts';
import type { WindowStore } from '../../src/window/store.ts';
import { FakeClock, settle } from '../fake-clock.ts';
import { loneJudge } from './lone-judge.ts';
import {
  CHECKS,
  CONFIG,
  observed,
  SECONDS,
  type Seen,
  seen,
  START_MS,
  untelling,
  within,
} from './seen-seconds.ts';

/** The verdicts of every evaluation, and what is stored in the end. */
async function judgedSecondBySecond(store: WindowStore, startMs: number, all: readonly Seen[]) {
  const clock = new FakeClock(startMs);
  const told: (readonly [number, readonly Verdict[]])[] = [];
  const loop = loneJudge(CONFIG, {
    ...{ clock, store },
    onVerdicts: (atMs, verdicts) => told.push([atMs, verdicts]),
  });
  await loop.start();
  // The first evaluation comes at once: what is seen as a second ends has begun by the second.
  await clock.advance(0);
  for (let second = 0; second < SECONDS; second++) {
    const now = all.filter((each) => each.second === second);
    await store.put(now.map((each) => observed(each, clock.wallMs())));
    await clock.advance(1_000);
    await settle();
  }
  await loop.stop();
  return { told, stored: await store.judged(CHECKS.map(({ id }) => id)) };
}

it('JudgeLoop comes to the same in every second whether or not the store tells what has changed', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(seen, { minLength: 20, maxLength: 150 }), within, async (all, aheadMs) => {
      const telling = await judgedSecondBySecond(memoryStore(), START_MS + aheadMs, all);
      const silent = await judgedSecondBySecond(untelling(memoryStore()), START_MS + aheadMs, all);
      expect(telling.told.length).toBeGreaterThanOrEqual(SECONDS);
      expect(telling).toEqual(silent);
    }),
    { numRuns: 60 },
  );
});
