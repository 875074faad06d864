import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Observation } from '../../src/core/observation.ts';
import type { Verdict } from '../../src/core/verdict.ts';
import { memoryStore } from '../../src/window/memory.ts';
import type { WindowStore } from '../../src/window/store.ts';
import { configWith } from '../config/config-with.ts';
import { FakeClock, settle } from '../fake-clock.ts';
import { judgedCheck } from '../judge/make-judge.ts';
import { loneJudge } from './lone-judge.ts';

const START_MS = Date.UTC(2026, 2, 1);
const SECONDS = 90;
const CHECKS = [
  judgedCheck({ id: 'quick', intervalMs: 2_000, timeoutMs: 1_000, vantages: ['a', 'b'] }),
  judgedCheck({ id: 'slow', intervalMs: 10_000, timeoutMs: 3_000, confirm: 2 }),
  judgedCheck({ id: 'late', intervalMs: 5_000, timeoutMs: 12_000, vantages: ['a', 'b', 'c'] }),
];

/** What is put in a second, or just as it ends, when it is judged: of which check, how many slots ago, by which of its vantages, and what it saw. */
const seen = fc.record({
  second: fc.nat(SECONDS - 1),
  asItEnds: fc.boolean(),
  check: fc.constantFrom(...CHECKS),
  slotsAgo: fc.oneof({ weight: 5, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.nat(12) }),
  vantage: fc.nat(),
  outcome: fc.oneof(
    { weight: 6, arbitrary: fc.constant('good' as const) },
    { weight: 2, arbitrary: fc.constant('bad' as const) },
    { weight: 1, arbitrary: fc.constant('excluded' as const) },
  ),
});
type Seen = typeof seen extends fc.Arbitrary<infer T> ? T : never;

/** Evaluations fall on the beginnings of slots, or anywhere within them. */
const within = fc.oneof(fc.constant(0), fc.nat(9_999));

function observed({ check, asItEnds, slotsAgo, vantage, outcome }: Seen, nowMs: number): Observation {
  const slot = Math.floor((nowMs + (asItEnds ? 1_000 : 0)) / check.intervalMs) - slotsAgo;
  const name = check.vantages[vantage % check.vantages.length] ?? '';
  const place = { check: check.id, intervalMs: check.intervalMs, vantage: name, slot };
  if (outcome === 'good') return { ...place, outcome };
  return { ...place, outcome, cause: outcome === 'bad' ? 'timeout' : 'throttled' };
}

/** The same store, as one into which others write as well. */
function untelling(store: WindowStore): WindowStore {
  return {
    put: (observations) => store.put(observations),
    read: (ranges) => store.read(ranges),
    marks: (range) => store.marks(range),
    seen: (key) => store.seen(key),
    takeLate: () => store.takeLate(),
    commit: (commits) => store.commit(commits),
    judged: (checks) => store.judged(checks),
    getFact: (name) => store.getFact(name),
    setFact: (name, value) => store.setFact(name, value),
    prune: (nowMs, retention) => store.prune(nowMs, retention),
    flush: () => store.flush(),
    close: () => store.close(),
  };
}

/** The verdicts of every evaluation, and what is stored in the end. */
async function judgedSecondBySecond(store: WindowStore, startMs: number, all: readonly Seen[]) {
  const clock = new FakeClock(startMs);
  const told: (readonly [number, readonly Verdict[]])[] = [];
  const loop = loneJudge(configWith({ checks: CHECKS }), {
    ...{ clock, store },
    onVerdicts: (atMs, verdicts) => told.push([atMs, verdicts]),
  });
  await loop.start();
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
