import * as fc from 'fast-check';
import type { Cause } from '../../src/core/cause.ts';
import type { CheckKey, Observation } from '../../src/core/observation.ts';
import type { Transition } from '../../src/core/timeline.ts';
import type { JudgeCommit } from '../../src/window/store.ts';

export const DAY_MS = 86_400_000;
export const MARCH_FIRST_MS = Date.parse('2026-03-01T00:00:00.000Z');
/** The retention of the design: 35 days and about 14 months. */
export const KEEP = { slotsMs: 35 * DAY_MS, transitionsMs: 400 * DAY_MS };
export const TEN_SECONDS: CheckKey = { check: 'dns', intervalMs: 10_000 };
/** The slot of TEN_SECONDS that begins with March. */
export const FIRST = MARCH_FIRST_MS / 10_000;

/** Transitions, observations and commits with as little said as possible. */
export const up = (atMs: number): Transition => ({ atMs, state: 'U', causes: [], contested: false });
export const down = (atMs: number, ...causes: readonly Cause[]): Transition => ({
  atMs,
  state: 'D',
  causes,
  contested: true,
});

export const good = (slot: number, vantage = 'a', key = TEN_SECONDS): Observation => ({
  ...key,
  vantage,
  slot,
  outcome: 'good',
});
export const bad = (slot: number, cause: Cause, vantage = 'a', key = TEN_SECONDS): Observation => ({
  ...key,
  vantage,
  slot,
  outcome: 'bad',
  cause,
});

export function commitOf(given: Partial<JudgeCommit>): JudgeCommit {
  const cursorMs = given.cursorMs ?? MARCH_FIRST_MS;
  return {
    check: 'dns',
    epoch: 1,
    expectedCursorMs: null,
    cursorMs,
    replaceFromMs: given.expectedCursorMs ?? 0,
    transitions: [],
    ...given,
  };
}

/** Observations of one check around the ends of days, with few vantages and causes so that they often meet. */
export function observationsOf(key: CheckKey): fc.Arbitrary<Observation[]> {
  const perDay = DAY_MS / key.intervalMs;
  const midnight = MARCH_FIRST_MS / key.intervalMs;
  const slot = fc
    .tuple(fc.integer({ min: -2, max: 2 }), fc.integer({ min: -9, max: 9 }))
    .map(([day, offset]) => midnight + day * perDay + offset);
  const place = { slot, vantage: fc.constantFrom('a', 'b', 'c') };
  const facts = { status: fc.integer({ min: 500, max: 503 }), id: fc.constantFrom('r1', '\'\n"') };
  const evidence = fc.option(fc.record(facts, { noNullPrototype: true }), { nil: undefined });
  const marked = (outcome: 'bad' | 'excluded', ...causes: readonly Cause[]) =>
    fc
      .record({ ...place, cause: fc.constantFrom(...causes), evidence })
      .map(({ evidence: given, ...rest }): Observation => ({
        ...key,
        ...rest,
        outcome,
        ...(given ? { evidence: given } : {}),
      }));
  const plain = fc.record(place).map((rest): Observation => ({ ...key, ...rest, outcome: 'good' }));
  return fc.array(
    fc.oneof(plain, marked('bad', 'timeout', 'reset', 'slow'), marked('excluded', 'throttled', 'locked')),
    { maxLength: 60 },
  );
}
