import type { VerdictJson } from '../core/verdict-json.ts';

/** The verdicts on one member of a row in one period: under the first reading, and under the others. */
export interface ReadingGroup {
  readonly first: VerdictJson;
  readonly others: readonly VerdictJson[];
}

/** Groups verdicts by row, scope and period, in the order of their first; the first of a group is its first reading. */
export function groupByReading(verdicts: readonly VerdictJson[]): readonly ReadingGroup[] {
  const groups = Map.groupBy(verdicts, ({ row, scope, period }) => JSON.stringify([row, scope, period.name]));
  return [...groups.values()].flatMap(([first, ...others]) => (first ? [{ first, others }] : []));
}

/** A member of a row by its name; what is promised for the region as a whole is named by the row alone. */
export function memberName({ row, scope }: Pick<VerdictJson, 'row' | 'scope'>): string {
  return scope === 'region' ? row : `${row} ${scope}`;
}
