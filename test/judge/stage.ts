import type { Cause } from '../../src/core/cause.ts';
import type { Check, RowComposition } from '../../src/core/check.ts';
import type { DeclaredExclusion } from '../../src/core/exclusion.ts';
import type { Outcome } from '../../src/core/observation.ts';
import type { Verdict } from '../../src/core/verdict.ts';
import { Judge } from '../../src/judge/judge.ts';
import { contractWith, judgedCheck } from './make-judge.ts';
import { SlotTable } from './slot-table.ts';

/** The interval of the checks on the stage. */
export const T = 10_000;
/** Where their slots are counted from. */
export const MARCH = Date.UTC(2026, 2, 1);

/** A judge, what its checks see, and when it is asked. */
export interface Stage {
  readonly contract?: ReturnType<typeof contractWith>;
  readonly checks?: readonly Partial<Check>[];
  readonly compositions?: readonly RowComposition[];
  readonly exclusions?: readonly Partial<DeclaredExclusion>[];
  readonly coversRegion?: boolean | null;
  /** Check id, slots from the start of March, outcome. */
  readonly seen: readonly (readonly [string, number, number, Outcome, Cause?])[];
  readonly atSlot: number;
}

/** A judge that has seen nothing yet, and what there is for it to see. */
export function stage(given: Stage): { judge: Judge; tables: ReadonlyMap<string, SlotTable> } {
  const checks = (given.checks ?? [{}]).map((fields, i) => judgedCheck({ id: `c${i}`, ...fields }));
  const judge = new Judge({
    contract: given.contract ?? contractWith({}),
    checks,
    compositions: given.compositions ?? [],
    exclusions: (given.exclusions ?? []).map((fields, i) => ({
      id: `x${i}`,
      kind: 'maintenance',
      fromMs: MARCH,
      toMs: MARCH,
      reason: 'why',
      author: 'who',
      ...fields,
    })),
    coversRegion: given.coversRegion ?? null,
  });
  const tables = new Map(checks.map((check) => [check.id, new SlotTable(check.id, T)]));
  for (const [id, from, to, outcome, cause] of given.seen) {
    const check = checks.find((one) => one.id === id);
    for (let slot = from; slot < to; slot++) {
      for (const vantage of check?.vantages ?? [])
        tables.get(id)?.put(vantage, MARCH / T + slot, outcome, cause);
    }
    judge.rewind(id, MARCH + from * T);
  }
  return { judge, tables };
}

/** The verdicts at the slot that is asked for. */
export function verdictsAt(given: Stage): readonly Verdict[] {
  const { judge, tables } = stage(given);
  const nowMs = MARCH + given.atSlot * T;
  for (const [id, table] of tables) {
    const cursor = judge.cursorMs(id);
    if (cursor !== undefined) judge.advance(table.bits(cursor / T, nowMs / T), nowMs);
  }
  return [...judge.verdicts(nowMs)];
}

/** The only verdict there is. */
export const only = (given: Stage): Verdict => {
  const [verdict, ...others] = verdictsAt(given);
  if (!verdict || others.length > 0) throw new Error('expected one verdict');
  return verdict;
};
