import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Composition } from '../../src/core/composition.ts';
import type { Outcome } from '../../src/core/observation.ts';
import type { Verdict } from '../../src/core/verdict.ts';
import { Judge } from '../../src/judge/judge.ts';
import { contractWith, judgedCheck } from './make-judge.ts';
import { type ReferenceCheck, referenceFigures } from './reference.ts';
import { SlotTable } from './slot-table.ts';

const END_S = 240;
/** Nothing is seen before, so that there is room for the slot before the first. */
const FIRST_S = 20;
const VANTAGES = ['a', 'b', 'c'];

interface Put {
  readonly check: number;
  readonly vantage: string;
  readonly slot: number;
  readonly outcome: Outcome;
  /** When it arrives, in seconds; at its slot's start or any time later. */
  readonly arrivesS: number;
}

interface Scenario {
  readonly intervals: readonly number[];
  readonly vantageCount: number;
  readonly confirm: number;
  readonly timeoutS: number;
  readonly puts: readonly Put[];
  readonly composition: 'any' | 'all' | 'quorum' | 'nested';
  readonly deductS: number;
  readonly mergeGapS: number;
  readonly minimumS: number;
  readonly exclusions: readonly (readonly [number, number])[];
  readonly periodS: readonly [number, number];
  readonly stepsS: readonly number[];
  readonly nowS: number;
}

const span = (max: number): fc.Arbitrary<readonly [number, number]> =>
  fc.tuple(fc.nat(max), fc.nat(max)).map(([a, b]) => [Math.min(a, b), Math.max(a, b) + 1] as const);

const mostlyGood = fc.constantFrom<readonly (Outcome | undefined)[]>(
  ['good', 'good', 'good', 'bad'],
  ['good', 'bad', undefined],
  ['bad', 'bad', 'excluded', 'good', undefined],
);

const scenario: fc.Arbitrary<Scenario> = fc
  .record({
    intervals: fc.array(fc.constantFrom(4, 5, 10), { minLength: 1, maxLength: 3 }),
    vantageCount: fc.integer({ min: 1, max: 3 }),
    confirm: fc.integer({ min: 1, max: 3 }),
    timeoutS: fc.integer({ min: 1, max: 9 }),
    weights: mostlyGood,
    seed: fc.nat(),
    composition: fc.constantFrom('any', 'all', 'quorum', 'nested' as const),
    deductS: fc.nat(30),
    mergeGapS: fc.nat(30),
    minimumS: fc.nat(30),
    exclusions: fc.array(span(END_S), { maxLength: 3 }),
    periodS: span(END_S),
    stepsS: fc.array(fc.nat(END_S), { maxLength: 12 }),
    nowS: fc.integer({ min: 1, max: END_S }),
  })
  .map(({ seed, weights, ...rest }) => {
    const next = randomFrom(seed);
    const puts = rest.intervals.flatMap((interval, check) =>
      VANTAGES.slice(0, rest.vantageCount).flatMap((vantage) =>
        Array.from({ length: Math.ceil(END_S / interval) }, (_, slot) => slot).flatMap((slot): Put[] => {
          const outcome = weights[next() % weights.length];
          const late = next() % 4 === 0 ? next() % 60 : 0;
          return outcome && slot * interval >= FIRST_S
            ? [{ check, vantage, slot, outcome, arrivesS: slot * interval + late }]
            : [];
        }),
      ),
    );
    return { ...rest, puts };
  });

/** Whole numbers below 2³¹ that follow from a seed, so that a failing case shrinks. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fff_ffff;
    return state >> 8;
  };
}

const checkId = (i: number): string => `check-${i}`;

function compositionOf({ composition, intervals }: Scenario): Composition {
  const ids = intervals.map((_, i) => checkId(i));
  if (composition === 'any') return { any: ids };
  if (composition === 'all') return { all: ids };
  if (composition === 'quorum') return { quorum: Math.min(2, ids.length), of: ids };
  return { any: [{ all: ids }, ids[0] ?? ''] };
}

/** Judges in steps, observations arriving as they will, and gives the verdict at the end. */
function judged(s: Scenario, stepsS: readonly number[], puts: readonly Put[] = s.puts): Verdict {
  const checks = s.intervals.map((interval, i) =>
    judgedCheck({
      id: checkId(i),
      intervalMs: interval * 1_000,
      timeoutMs: s.timeoutS * 1_000,
      confirm: s.confirm,
      vantages: VANTAGES.slice(0, s.vantageCount),
    }),
  );
  const ms = (seconds: number): string => `${seconds}s`;
  const judge = new Judge({
    contract: contractWith({
      incident: { deduct: ms(s.deductS), mergeGap: ms(s.mergeGapS), minimum: ms(s.minimumS) },
    }),
    checks,
    compositions: [{ row: 'row', scope: 'region', bad: compositionOf(s) }],
    exclusions: s.exclusions.map(([from, to], i) => ({
      id: `x${i}`,
      kind: 'attack',
      fromMs: from * 1_000,
      toMs: to * 1_000,
      reason: 'r',
      author: 'a',
    })),
    coversRegion: true,
  });
  const period = { name: 'p', fromMs: s.periodS[0] * 1_000, toMs: s.periodS[1] * 1_000 };
  const tables = checks.map((check) => new SlotTable(check.id, check.intervalMs));
  const waiting = [...puts].sort((a, b) => a.arrivesS - b.arrivesS);
  let last: Verdict | undefined;
  for (const nowS of [...stepsS.filter((step) => step < s.nowS).sort((a, b) => a - b), s.nowS]) {
    const isLast = nowS === s.nowS;
    while (waiting[0] && (waiting[0].arrivesS <= nowS || isLast)) {
      const put = waiting.shift();
      const check = put && checks[put.check];
      if (!put || !check || put.slot * check.intervalMs >= s.nowS * 1_000) continue;
      tables[put.check]?.put(
        put.vantage,
        put.slot,
        put.outcome,
        put.outcome === 'good' ? undefined : 'timeout',
      );
      judge.rewind(check.id, Math.min(put.slot * check.intervalMs, judge.cursorMs(check.id) ?? Infinity));
    }
    checks.forEach((check, i) => {
      const cursor = judge.cursorMs(check.id);
      const table = tables[i];
      if (cursor === undefined || !table) return;
      const toSlot = Math.ceil((nowS * 1_000) / check.intervalMs);
      judge.advance(
        table.bits(cursor / check.intervalMs, Math.max(toSlot, cursor / check.intervalMs)),
        nowS * 1_000,
      );
    });
    last = [...judge.verdicts(nowS * 1_000, () => period)][0];
  }
  if (!last) throw new Error('no verdict');
  return last;
}

function referenceChecks(s: Scenario): readonly ReferenceCheck[] {
  return s.intervals.map((intervalS, i) => {
    const table = new SlotTable(checkId(i), intervalS * 1_000);
    for (const put of s.puts) {
      if (put.check === i && put.slot * intervalS < s.nowS) table.put(put.vantage, put.slot, put.outcome);
    }
    return {
      id: checkId(i),
      intervalS,
      timeoutS: s.timeoutS,
      confirm: s.confirm,
      vantages: VANTAGES.slice(0, s.vantageCount),
      table,
    };
  });
}

describe('Judge on random observations', () => {
  it('agrees with the slow reference in every figure and incident, however it was stepped and fed', () => {
    fc.assert(
      fc.property(scenario, (s) => {
        const verdict = judged(s, s.stepsS);
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
        const { best, estimate, worst } = judged(s, s.stepsS).downtimeMs;
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
        expect(judged(s, s.stepsS, shuffled)).toEqual(judged(s, []));
      }),
      { numRuns: 300 },
    );
  });

  it('counts a split period as the sum of its parts, for downtime that was all observed', () => {
    fc.assert(
      fc.property(scenario, fc.nat(END_S), (s, cut) => {
        const [from, to] = s.periodS;
        const middle = Math.min(Math.max(cut, from), to);
        const over = (periodS: readonly [number, number]) => judged({ ...s, periodS }, []).downtimeMs;
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
});
