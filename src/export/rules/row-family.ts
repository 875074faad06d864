import { formatDuration } from '../../core/duration.ts';
import { leadingReading } from '../../contract/rules.ts';
import type { RowType } from '../../contract/schema.ts';
import { BURN_PAIRS, type BurnPair, type RowPlan, rowPlans } from './row-plan.ts';
import type { AlertingSetup } from './setup.ts';

/** Rows that are alerted by the same rules: nothing but the row and its thresholds tells them apart. */
export interface RowFamily {
  readonly type: RowType;
  readonly isScarce: boolean;
  /** T of their checks, the longest of each row. */
  readonly intervalMs: number;
  /** The contract's reading that drives the alerts. */
  readonly reading: string;
  /** At least one, in the order of the contract. */
  readonly plans: readonly RowPlan[];
}

/** The families of all rows that have a plan; in the order of their first rows. */
export function rowFamilies(setup: AlertingSetup): readonly RowFamily[] {
  const reading = leadingReading(setup.contract);
  const alike = Map.groupBy(rowPlans(setup), ({ row, isScarce, intervalMs }) =>
    JSON.stringify([row.type, isScarce, intervalMs]),
  );
  return [...alike.values()].flatMap((plans) => {
    const [first] = plans;
    if (!first) return [];
    const { row, isScarce, intervalMs } = first;
    return [{ type: row.type, isScarce, intervalMs, reading, plans }];
  });
}

/** The ids of a family's rows. */
export function rowsOf({ plans }: RowFamily): readonly string[] {
  return plans.map(({ row }) => row.id);
}

/** The pairs of windows that at least one row of a family is alerted by. */
export function pairsOf({ plans }: RowFamily): readonly BurnPair[] {
  const kept = new Set(plans.flatMap(({ pairs }) => pairs.map(({ long }) => long)));
  return BURN_PAIRS.filter(({ long }) => kept.has(long));
}

/** What a family is called: `availability-10s`, `availability-scarce-10s`. */
export function familyName({ type, isScarce, intervalMs }: RowFamily): string {
  return [type, ...(isScarce ? ['scarce'] : []), formatDuration(intervalMs)].join('-');
}
