import fc from 'fast-check';
import type { Observation } from '../../src/core/observation.ts';
import type { WindowStore } from '../../src/window/store.ts';
import { configWith } from '../config/config-with.ts';
import { judgedCheck } from '../judge/make-judge.ts';

/** When judging begins, at the earliest. */
export const START_MS = Date.UTC(2026, 2, 1);
/** How many seconds something is seen in. */
export const SECONDS = 90;
export const MONTH = { name: '2026-03', fromMs: START_MS, toMs: Date.UTC(2026, 3, 1) };
export const CHECKS = [
  judgedCheck({ id: 'quick', intervalMs: 2_000, timeoutMs: 1_000, vantages: ['a', 'b'] }),
  judgedCheck({ id: 'slow', intervalMs: 10_000, timeoutMs: 3_000, confirm: 2 }),
  judgedCheck({ id: 'late', intervalMs: 5_000, timeoutMs: 12_000, vantages: ['a', 'b', 'c'] }),
];
export const CONFIG = configWith({ checks: CHECKS });

/** What is put in a second, or just as it ends, when it is judged: of which check, how many slots ago, by which of its vantages, and what it saw. */
export const seen = fc.record({
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
export type Seen = typeof seen extends fc.Arbitrary<infer T> ? T : never;

/** Evaluations fall on the beginnings of slots, or anywhere within them. */
export const within = fc.oneof(fc.constant(0), fc.nat(9_999));

/** What is put when this is seen. */
export function observed({ check, asItEnds, slotsAgo, vantage, outcome }: Seen, nowMs: number): Observation {
  const slot = Math.floor((nowMs + (asItEnds ? 1_000 : 0)) / check.intervalMs) - slotsAgo;
  const name = check.vantages[vantage % check.vantages.length] ?? '';
  const place = { check: check.id, intervalMs: check.intervalMs, vantage: name, slot };
  if (outcome === 'good') return { ...place, outcome };
  return { ...place, outcome, cause: outcome === 'bad' ? 'timeout' : 'throttled' };
}

/** The same store, as one into which others write as well. */
export function untelling(store: WindowStore): WindowStore {
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
