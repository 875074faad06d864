import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { contractWith } from './make-judge.ts';
import { referenceFigures, referenceTests } from './reference.ts';
import {
  compositionOf,
  contractOf,
  END_S,
  judged,
  judgedIn,
  randomFrom,
  referenceChecks,
  scenario,
} from './scenario.ts';

describe('Judge on random observations', () => {
  it('agrees with the slow reference in every figure and incident, however it was stepped and fed', () => {
    fc.assert(
      fc.property(scenario, (s) => {
        const verdict = judged(s);
        const reference = referenceFigures(referenceChecks(s), { ...s, composition: compositionOf(s) });
        const { best, estimate, worst, raw } = verdict.downtimeMs;
        expect({ best, estimate, worst, raw, unknown: verdict.unknownMs }).toEqual({
          best: reference.best * 1_000,
          estimate: reference.estimate * 1_000,
          worst: reference.worst * 1_000,
          raw: reference.raw * 1_000,
          unknown: reference.unknown * 1_000,
        });
        expect(
          verdict.incidents.map(({ fromMs, toMs, badMs, countedMs }) => [fromMs, toMs, badMs, countedMs]),
        ).toEqual(
          reference.incidents.map(({ from, to, bad, counted }) =>
            [from, to, bad, counted].map((n) => n * 1_000),
          ),
        );
      }),
      { numRuns: 1_500 },
    );
  });

  it('keeps best ≤ estimate ≤ worst', () => {
    fc.assert(
      fc.property(scenario, (s) => {
        const { best, estimate, worst } = judged(s).downtimeMs;
        expect(best).toBeLessThanOrEqual(estimate);
        expect(estimate).toBeLessThanOrEqual(worst);
      }),
      { numRuns: 400 },
    );
  });

  it('gives the same verdict whether judged at once or in steps, whatever the order and the duplicates', () => {
    fc.assert(
      fc.property(scenario, fc.nat(), (s, seed) => {
        const random = randomFrom(seed);
        const shuffled = [...s.puts, ...s.puts.filter((_, i) => i % 3 === 0)]
          .map((put) => ({ put, key: random() }))
          .sort((a, b) => a.key - b.key)
          .map(({ put }) => put);
        expect(judged(s, { puts: shuffled })).toEqual(judged(s, { stepsS: [] }));
      }),
      { numRuns: 300 },
    );
  });

  it('counts a split period as the sum of its parts, for downtime that was all observed', () => {
    fc.assert(
      fc.property(scenario, fc.nat(END_S), (s, cut) => {
        const [from, to] = s.periodS;
        const middle = Math.min(Math.max(cut, from), to);
        const over = (periodS: readonly [number, number]) =>
          judged({ ...s, periodS }, { stepsS: [] }).downtimeMs;
        const whole = over([from, to]);
        const left = over([from, middle]);
        const right = over([middle, to]);
        expect(left.estimate + right.estimate).toBe(whole.estimate);
        expect(left.best + right.best).toBe(whole.best);
        expect(left.raw + right.raw).toBe(whole.raw);
      }),
      { numRuns: 300 },
    );
  });

  it('counts the parts of a period whose contract changes each by its own terms, and its incidents whole', () => {
    const terms = fc.record({ deductS: fc.nat(30), mergeGapS: fc.nat(30), minimumS: fc.nat(30) });
    // A unit is six hours, so that the contract can change on any fourth.
    const unitMs = 6 * 3_600_000;
    fc.assert(
      fc.property(scenario, terms, fc.integer({ min: 1, max: END_S / 4 - 1 }), (s, former, day) => {
        const from = Temporal.PlainDate.from('1970-01-01').add({ days: day }).toString();
        const before = { ...s, ...former };
        const verdicts = judgedIn(s, {
          unitMs,
          contracts: [
            { ...contractOf(s, unitMs), effective: { from, replaces: 'former.yaml' } },
            contractOf(before, unitMs),
          ],
        });
        const [a, b] = s.periodS;
        const cutS = Math.min(Math.max(day * 4, a), b);
        const same = (['deductS', 'mergeGapS', 'minimumS'] as const).every(
          (term) => s[term] === former[term],
        );
        const parts = [
          { terms: before, periodS: [a, cutS] as const },
          { terms: s, periodS: [cutS, b] as const },
        ].filter(({ periodS }) => periodS[0] < periodS[1]);
        const expected = (same ? [{ terms: s, periodS: s.periodS }] : parts).map((part) => {
          const row = { ...part.terms, periodS: part.periodS, composition: compositionOf(s) };
          const { best, estimate, worst, raw, unknown } = referenceFigures(referenceChecks(s), row);
          const [fromS, toS] = part.periodS;
          return [fromS, toS, best, estimate, worst, raw, unknown].map((units) => units * unitMs);
        });
        expect(
          verdicts.map(({ period, downtimeMs: { best, estimate, worst, raw }, unknownMs }) => {
            expect(best).toBeLessThanOrEqual(estimate);
            expect(estimate).toBeLessThanOrEqual(worst);
            return [period.fromMs, period.toMs, best, estimate, worst, raw, unknownMs];
          }),
        ).toEqual(expected);
        const isCut = !same && parts.length > 1;
        expect(verdicts.map(({ period }) => period.part)).toEqual(
          isCut ? [1, 2].map((index) => ({ of: 'p', index, count: 2 })) : [undefined],
        );
      }),
      { numRuns: 400 },
    );
  });

  it('counts tests as a count of the slots does, one by one', () => {
    fc.assert(
      fc.property(scenario, (s) => {
        const share = contractWith({ type: 'sampled-share', target: '90' });
        const { sample } = judged(s, { contracts: [share] });
        const { up, down } = referenceTests(referenceChecks(s), s);
        expect([sample?.tests, sample?.met]).toEqual([up + down, up]);
      }),
      { numRuns: 400 },
    );
  });

  it('takes for durability what was lost, and counts the object-years of the slots that were good', () => {
    fc.assert(
      fc.property(scenario, fc.nat(4), (s, every) => {
        const puts = s.puts.map((put, i) => (i % 5 <= every ? put : { ...put, cause: 'lost' as const }));
        const keeping = contractWith({ type: 'durability', target: '99.9' });
        const verdict = judged({ ...s, puts, exclusions: [] }, { contracts: [keeping] });
        const checks = referenceChecks({ ...s, puts });
        const rows = checks.map((check, i) => {
          const { up } = referenceTests([check], { ...s, exclusions: [] });
          return up * check.intervalS * (i + 1);
        });
        const objectYears = (rows.reduce((sum, one) => sum + one, 0) * 1_000) / (365 * 86_400_000);
        expect(verdict.durability?.objectYears).toBeCloseTo(objectYears, 12);
        const { best, estimate, worst } = verdict.downtimeMs;
        expect(best <= estimate && estimate <= worst).toBe(true);
        expect(verdict.state === 'breached').toBe(estimate > 0);
        const causes = new Set(verdict.incidents.flatMap((incident) => incident.causes));
        expect([...causes]).toEqual(causes.size > 0 ? ['lost'] : []);
      }),
      { numRuns: 400 },
    );
  });
});
