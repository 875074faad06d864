import fc from 'fast-check';
import type { Contract } from '../../src/contract/schema.ts';
import type { Cause } from '../../src/core/cause.ts';
import type { Check } from '../../src/core/check.ts';
import type { Composition } from '../../src/core/composition.ts';
import type { DeclaredExclusion } from '../../src/core/exclusion.ts';
import type { Outcome } from '../../src/core/observation.ts';
import type { Verdict } from '../../src/core/verdict.ts';
import { Judge } from '../../src/judge/judge.ts';
import { contractWith, judgedCheck } from './make-judge.ts';
import type { ReferenceCheck } from './reference.ts';
import { SlotTable } from './slot-table.ts';

/** The end of all scenarios. */
export const END_S = 240;
/** Nothing is seen before, so that there is room for the slot before the first. */
const FIRST_S = 20;
const VANTAGES = ['a', 'b', 'c'];

/** An observation, and when it arrives. */
export interface Put {
  readonly check: number;
  readonly vantage: string;
  readonly slot: number;
  readonly outcome: Outcome;
  /** `timeout` where it is not said. */
  readonly cause?: Cause;
  /** When it arrives, in seconds; at its slot's start or any time later. */
  readonly arrivesS: number;
}

/** What is observed, by what rules, and when it is judged; in seconds, or in whatever unit it is judged in. */
export interface Scenario {
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

/** A span that is not empty, from 0 to a bound or one after it. */
export const span = (max: number): fc.Arbitrary<readonly [number, number]> =>
  fc.tuple(fc.nat(max), fc.nat(max)).map(([a, b]) => [Math.min(a, b), Math.max(a, b) + 1] as const);

const mostlyGood = fc.constantFrom<readonly (Outcome | undefined)[]>(
  ['good', 'good', 'good', 'bad'],
  ['good', 'bad', undefined],
  ['bad', 'bad', 'excluded', 'good', undefined],
);

/** Any scenario. */
export const scenario: fc.Arbitrary<Scenario> = fc
  .record({
    intervals: fc.array(fc.constantFrom(4, 5, 10), { minLength: 1, maxLength: 3 }),
    vantageCount: fc.integer({ min: 1, max: 3 }),
    confirm: fc.integer({ min: 1, max: 3 }),
    timeoutS: fc.integer({ min: 1, max: 9 }),
    weights: mostlyGood,
    seed: fc.nat(),
    /** When nobody sees anything. */
    blind: fc.array(span(END_S), { maxLength: 1 }),
    composition: fc.constantFrom('any', 'all', 'quorum', 'nested' as const),
    deductS: fc.nat(30),
    mergeGapS: fc.nat(30),
    minimumS: fc.nat(30),
    exclusions: fc.array(span(END_S), { maxLength: 3 }),
    periodS: span(END_S),
    stepsS: fc.array(fc.nat(END_S), { maxLength: 12 }),
    nowS: fc.integer({ min: 1, max: END_S }),
  })
  .map(({ seed, weights, blind, ...rest }) => {
    const next = randomFrom(seed);
    const puts = rest.intervals.flatMap((interval, check) =>
      VANTAGES.slice(0, rest.vantageCount).flatMap((vantage) =>
        Array.from({ length: Math.ceil(END_S / interval) }, (_, slot) => slot).flatMap((slot): Put[] => {
          const outcome = weights[next() % weights.length];
          const late = next() % 4 === 0 ? next() % 60 : 0;
          const isBlind = blind.some(([from, to]) => slot * interval >= from && slot * interval < to);
          return outcome && !isBlind && slot * interval >= FIRST_S
            ? [{ check, vantage, slot, outcome, arrivesS: slot * interval + late }]
            : [];
        }),
      ),
    );
    return { ...rest, puts };
  });

/** Whole numbers below 2³¹ that follow from a seed, so that a failing case shrinks. */
export function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fff_ffff;
    return state >> 8;
  };
}

/** The id of the check with an index. */
export const checkId = (i: number): string => `check-${i}`;

/** How the row is made of the checks. */
export function compositionOf({ composition, intervals }: Scenario): Composition {
  const ids = intervals.map((_, i) => checkId(i));
  if (composition === 'any') return { any: ids };
  if (composition === 'all') return { all: ids };
  if (composition === 'quorum') return { quorum: Math.min(2, ids.length), of: ids };
  return { any: [{ all: ids }, ids[0] ?? ''] };
}

/** The terms of the row. */
export function contractOf(s: Scenario, unitMs = 1_000): Contract {
  const ms = (units: number): string => `${units * unitMs}ms`;
  return contractWith({
    incident: { deduct: ms(s.deductS), mergeGap: ms(s.mergeGapS), minimum: ms(s.minimumS) },
  });
}

/** How the scenario is judged, where that is not as it says itself. */
export interface Staging {
  readonly stepsS?: readonly number[];
  readonly puts?: readonly Put[];
  /** What a unit of the scenario is; a second unless said. */
  readonly unitMs?: number;
  /** The contract, and those that it replaced. */
  readonly contracts?: readonly [Contract, ...Contract[]];
  /** What is declared from the beginning; attacks on the whole row at the scenario's exclusions unless said. */
  readonly exclusions?: readonly DeclaredExclusion[];
  /** What is declared before each step instead, by its index; the exclusions are declared before the last. */
  readonly declaredAt?: (step: number) => readonly DeclaredExclusion[];
}

/** Judges in steps, observations arriving as they will, and gives the verdicts at the end. */
export function judgedIn(s: Scenario, staging: Staging = {}): readonly Verdict[] {
  const { stepsS = s.stepsS, puts = s.puts, unitMs = 1_000 } = staging;
  const [contract, ...formerContracts] = staging.contracts ?? [contractOf(s, unitMs)];
  const checks = checksOf(s, unitMs);
  const { exclusions = s.exclusions.map((span, i) => declared(span, unitMs, { id: `x${i}` })) } = staging;
  const judge = new Judge({
    contract,
    formerContracts,
    checks,
    compositions: [{ row: 'row', scope: 'region', bad: compositionOf(s) }],
    exclusions: staging.declaredAt?.(0) ?? exclusions,
    coversRegion: true,
  });
  const period = { name: 'p', fromMs: s.periodS[0] * unitMs, toMs: s.periodS[1] * unitMs };
  const tables = checks.map((check) => new SlotTable(check.id, check.intervalMs));
  const waiting = [...puts].sort((a, b) => a.arrivesS - b.arrivesS);
  let last: readonly Verdict[] = [];
  const steps = [...stepsS.filter((step) => step < s.nowS).sort((a, b) => a - b), s.nowS];
  for (const [index, nowS] of steps.entries()) {
    const isLast = nowS === s.nowS;
    if (staging.declaredAt) judge.declare(isLast ? exclusions : staging.declaredAt(index));
    while (waiting[0] && (waiting[0].arrivesS <= nowS || isLast)) {
      const put = waiting.shift();
      const check = put && checks[put.check];
      if (!put || !check || put.slot * check.intervalMs >= s.nowS * unitMs) continue;
      const cause = put.outcome === 'good' ? undefined : (put.cause ?? 'timeout');
      tables[put.check]?.put(put.vantage, put.slot, put.outcome, cause);
      judge.rewind(check.id, Math.min(put.slot * check.intervalMs, judge.cursorMs(check.id) ?? Infinity));
    }
    const nowMs = nowS * unitMs;
    checks.forEach((check, i) => advance(judge, check, tables[i], nowMs));
    last = [...judge.verdicts(nowMs, () => period)];
  }
  return last;
}

/** An attack on the whole row, in units of the scenario, unless said otherwise. */
export function declared(
  [from, to]: readonly [number, number],
  unitMs: number,
  more: Partial<DeclaredExclusion>,
): DeclaredExclusion {
  const span = { fromMs: from * unitMs, toMs: to * unitMs };
  return { id: 'x', kind: 'attack', ...span, reason: 'r', author: 'a', ...more };
}

function checksOf(s: Scenario, unitMs: number): readonly Check[] {
  return s.intervals.map((interval, i) =>
    judgedCheck({
      id: checkId(i),
      intervalMs: interval * unitMs,
      timeoutMs: s.timeoutS * unitMs,
      confirm: s.confirm,
      vantages: VANTAGES.slice(0, s.vantageCount),
      objects: i + 1,
    }),
  );
}

function advance(judge: Judge, check: Check, table: SlotTable | undefined, nowMs: number): void {
  const cursorMs = judge.cursorMs(check.id);
  if (cursorMs === undefined || !table) return;
  const from = cursorMs / check.intervalMs;
  const toSlot = Math.ceil(nowMs / check.intervalMs);
  judge.advance(table.bits(from, Math.max(toSlot, from)), nowMs);
}

/** The only verdict, as {@link judgedIn} gives it. */
export function judged(s: Scenario, staging: Staging = {}): Verdict {
  const [verdict, ...others] = judgedIn(s, staging);
  if (!verdict || others.length > 0) throw new Error('expected one verdict');
  return verdict;
}

/** The checks as the reference takes them. */
export function referenceChecks(s: Scenario): readonly ReferenceCheck[] {
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
