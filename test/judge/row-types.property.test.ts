import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Contract } from '../../src/contract/schema.ts';
import type { DeclaredExclusion } from '../../src/core/exclusion.ts';
import type { Verdict, VerdictState } from '../../src/core/verdict.ts';
import { contractWith } from './make-judge.ts';
import { referenceFigures, referenceOver, referenceTests } from './reference.ts';
import {
  checkId,
  compositionOf,
  declared,
  END_S,
  judged,
  judgedIn,
  referenceChecks,
  type Scenario,
  scenario,
  span,
} from './scenario.ts';

/** Percentages that periods of a few minutes come close to. */
const share = fc.constantFrom('1', '7.5', '25', '50', '66.6667', '90', '99');

/** A contract of one row with these terms and no others. */
const contractOf = (terms: object): Contract =>
  contractWith({}, { rows: [{ id: 'row', clause: 'C1', title: 'Row', period: 'month', ...terms }] });

const seconds = (n: number): string => `${n}s`;
const incidentOf = (s: Scenario) => ({
  deduct: seconds(s.deductS),
  mergeGap: seconds(s.mergeGapS),
  minimum: seconds(s.minimumS),
});

/** The state by sla-math §6, in hundredths of a thousandth of a percent: whole numbers. */
function slowState(s: Scenario, allowedPercent: string, lengthS: number): VerdictState {
  const row = { ...s, composition: compositionOf(s) };
  const { best, worst } = referenceFigures(referenceChecks(s), row);
  const exceeds = (downS: number): boolean =>
    downS * 10_000_000 > lengthS * Math.round(Number(allowedPercent) * 100_000);
  if (exceeds(best)) return 'breached';
  if (exceeds(worst)) return 'undecided';
  return referenceOver(referenceChecks(s), s) ? 'met' : 'on-track';
}

const complementOf = (percent: string): string => (100 - Number(percent)).toFixed(5);

/** A scenario that is seen through to its end, or one that is not. */
const anyEnd = fc
  .tuple(scenario, fc.boolean())
  .map(([s, isOver]): Scenario => (isOver ? { ...s, nowS: END_S, periodS: [s.periodS[0], END_S - 25] } : s))
  .filter(({ periodS: [from, to] }) => from < to);

describe('availability and latency-bound rows (fast-check)', () => {
  const states = new Set<VerdictState>();

  it('come to the state and the figures that whole seconds, counted one by one, come to', () => {
    fc.assert(
      fc.property(anyEnd, share, fc.boolean(), (s, percent, isLatency) => {
        const terms = isLatency
          ? { type: 'latency-bound', bound: '10ms', allowedShare: percent }
          : { type: 'availability', target: complementOf(percent) };
        const verdict = judged(s, { contracts: [contractOf({ ...terms, incident: incidentOf(s) })] });
        const { best, estimate, worst, raw } = referenceFigures(referenceChecks(s), {
          ...s,
          composition: compositionOf(s),
        });
        const inMs = [best, estimate, worst, raw].map((n) => n * 1_000);
        const { downtimeMs, state } = verdict;
        expect([downtimeMs.best, downtimeMs.estimate, downtimeMs.worst, downtimeMs.raw]).toEqual(inMs);
        expect(state).toBe(slowState(s, percent, s.periodS[1] - s.periodS[0]));
        states.add(state);
      }),
      { numRuns: 500 },
    );
  });

  it('are not over while a slot before the first observation is still awaited', () => {
    const s: Scenario = {
      ...{ intervals: [10], vantageCount: 1, confirm: 1, timeoutS: 1, composition: 'any' },
      ...{ deductS: 0, mergeGapS: 0, minimumS: 0, exclusions: [], stepsS: [], periodS: [30, 40] },
      puts: [{ check: 0, vantage: 'a', slot: 4, outcome: 'bad', arrivesS: 40 }],
      nowS: 49,
    };
    expect(judged(s)).toMatchObject({ state: 'undecided', unknownMs: 0, availability: { final: null } });
    expect(judged({ ...s, puts: [], nowS: 49 })).toMatchObject({ state: 'on-track', unknownMs: 0 });
    expect(judged({ ...s, nowS: 50 })).toMatchObject({ state: 'undecided', unknownMs: 10_000 });
  });

  it('were tried here in every state that they can be in', () => {
    expect([...states].sort()).toEqual(['breached', 'met', 'on-track', 'undecided']);
  });

  it('have a shorter period where the contract removes excluded time from it', () => {
    fc.assert(
      fc.property(anyEnd, share, (s, percent) => {
        const target = complementOf(percent);
        const contract = contractWith(
          { target, incident: incidentOf(s) },
          { exclusions: { effect: 'removed' } },
        );
        const [from, to] = s.periodS;
        const end = Math.min(s.nowS, to);
        let removed = 0;
        for (let at = from; at < end; at++) if (s.exclusions.some(([a, b]) => at >= a && at < b)) removed++;
        expect(judged(s, { contracts: [contract] }).state).toBe(slowState(s, percent, to - from - removed));
      }),
      { numRuns: 400 },
    );
  });
});

describe('a row that promises a share of tests (fast-check)', () => {
  it('comes to the state that the Wilson interval of the tests, counted one by one, comes to', () => {
    const states = new Set<VerdictState>();
    fc.assert(
      fc.property(anyEnd, share, (s, percent) => {
        const contract = contractWith({ type: 'sampled-share', target: complementOf(percent) });
        const { sample, state } = judged(s, { contracts: [contract] });
        const checks = referenceChecks(s);
        const { up, down } = referenceTests(checks, s);
        const n = up + down;
        expect([sample?.tests, sample?.met]).toEqual([n, up]);
        const [p, z, target] = [up / n, 1.96, Number(complementOf(percent)) / 100];
        const centre = (p + z ** 2 / (2 * n)) / (1 + z ** 2 / n);
        const half = (z * Math.sqrt((p * (1 - p)) / n + z ** 2 / (4 * n ** 2))) / (1 + z ** 2 / n);
        fc.pre(n === 0 || [centre - half, centre + half].every((edge) => Math.abs(edge - target) > 1e-9));
        const decided = centre + half < target ? 'breached' : 'met';
        const isOver = referenceOver(checks, s) && centre - half >= target;
        const expected = n > 0 && (decided === 'breached' || isOver) ? decided : 'undecided';
        expect(state).toBe(expected);
        states.add(state);
      }),
      { numRuns: 500 },
    );
    expect([...states].sort()).toEqual(['breached', 'met', 'undecided']);
  });
});

describe('a row that promises nothing (fast-check)', () => {
  it('is measured like any other and is never more than "no commitment"', () => {
    fc.assert(
      fc.property(anyEnd, (s) => {
        const none = contractOf({ type: 'none' });
        const plain = { ...s, deductS: 0, mergeGapS: 0, minimumS: 0 };
        const { best, estimate, worst } = referenceFigures(referenceChecks(s), {
          ...plain,
          composition: compositionOf(s),
        });
        const verdict = judged(s, { contracts: [none] });
        expect(verdict).toMatchObject({ state: 'no-commitment', budgetMs: null, remainingMs: null });
        expect(verdict.downtimeMs).toMatchObject({
          best: best * 1_000,
          estimate: estimate * 1_000,
          worst: worst * 1_000,
        });
      }),
      { numRuns: 200 },
    );
  });
});

/** An exclusion of either kind, of the row or another, of one check or of all, of this member or another. */
const anyExclusion = fc.record({
  at: span(END_S),
  kind: fc.constantFrom('attack', 'maintenance' as const),
  rows: fc.constantFrom<readonly string[] | undefined>(undefined, ['row'], ['other', 'row'], ['other']),
  scopes: fc.constantFrom<readonly string[] | undefined>(undefined, ['region'], ['elsewhere']),
  check: fc.option(fc.nat(2), { nil: undefined }),
});
type AnyExclusion = typeof anyExclusion extends fc.Arbitrary<infer T> ? T : never;

const READINGS = { client: {}, provider: { maintenance: 'excluded' } };

function declaredBy({ at, kind, rows, scopes, check }: AnyExclusion, index: number): DeclaredExclusion {
  return declared(at, 1_000, {
    id: `x${index}`,
    kind,
    ...(rows && { rows }),
    ...(scopes && { scopes }),
    ...(check !== undefined && { checks: [checkId(check)] }),
  });
}

/** What is left of exclusions under a reading, the slow way: of the row as a whole, and of each check. */
function honoured(given: readonly AnyExclusion[], reading: string) {
  const meant = given.filter(
    ({ kind, rows, scopes }) =>
      (kind === 'attack' || reading === 'provider') &&
      (rows?.includes('row') ?? true) &&
      (scopes?.includes('region') ?? true),
  );
  const ofCheck = (i: number) => meant.filter(({ check }) => check === i).map(({ at }) => at);
  return {
    exclusions: meant.filter(({ check }) => check === undefined).map(({ at }) => at),
    checkExclusions: new Map([0, 1, 2].map((i) => [checkId(i), ofCheck(i)])),
  };
}

describe('overlapping exclusions of rows, members and checks, under two readings (fast-check)', () => {
  const withReadings = (s: Scenario): Contract =>
    contractWith({ incident: incidentOf(s) }, { readings: READINGS });

  it('take out what a look at every second takes out', () => {
    fc.assert(
      fc.property(scenario, fc.array(anyExclusion, { maxLength: 6 }), (s, given) => {
        const exclusions = given.map(declaredBy);
        for (const verdict of judgedIn(s, { contracts: [withReadings(s)], exclusions })) {
          const row = { ...s, ...honoured(given, verdict.reading), composition: compositionOf(s) };
          const { best, estimate, worst, raw } = referenceFigures(referenceChecks(s), row);
          expect(figuresOf(verdict)).toEqual([best, estimate, worst, raw].map((n) => n * 1_000));
        }
      }),
      { numRuns: 400 },
    );
  });

  it('take tests out alike', () => {
    fc.assert(
      fc.property(scenario, fc.array(anyExclusion, { maxLength: 6 }), (s, given) => {
        const contract = contractWith({ type: 'sampled-share', target: '90' }, { readings: READINGS });
        for (const { reading, sample } of judgedIn(s, {
          contracts: [contract],
          exclusions: given.map(declaredBy),
        })) {
          const { up, down } = referenceTests(referenceChecks(s), { ...s, ...honoured(given, reading) });
          expect([sample?.tests, sample?.met]).toEqual([up + down, up]);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('count from when they are declared until they are withdrawn, whatever was judged meanwhile', () => {
    const some = fc.array(anyExclusion, { maxLength: 4 });
    fc.assert(
      fc.property(scenario, some, fc.array(some, { maxLength: 4 }), (s, last, before) => {
        const contracts = [withReadings(s)] as const;
        const exclusions = last.map(declaredBy);
        const declaredAt = (step: number) =>
          (before[step % Math.max(1, before.length)] ?? []).map(declaredBy);
        expect(judgedIn(s, { contracts, exclusions, declaredAt })).toEqual(
          judgedIn(s, { contracts, exclusions, stepsS: [] }),
        );
      }),
      { numRuns: 300 },
    );
  });
});

function figuresOf({ downtimeMs: { best, estimate, worst, raw } }: Verdict): readonly number[] {
  return [best, estimate, worst, raw];
}
