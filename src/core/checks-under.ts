import type { Check, RowComposition } from './check.ts';
import { checksOf } from './composition.ts';

/** What rows are measured by. A configuration has it, and so have rules that no longer change. */
export interface Measured {
  readonly checks: readonly Check[];
  readonly compositions: readonly RowComposition[];
}

/**
 * The checks that a member of a row is made of, in their own order, or those of all of its members where no scope is named:
 * what its composition names, or else all that name the member. A check that a composition leaves out counts for nothing.
 */
export function checksUnder(
  { checks, compositions }: Measured,
  row: string,
  scope?: string,
): readonly Check[] {
  const isMeant = (one: Pick<Check, 'row' | 'scope'>): boolean =>
    one.row === row && (scope === undefined || one.scope === scope);
  const composed = new Map(compositions.filter(isMeant).map((one) => [one.scope, checksOf(one.bad)]));
  const named = new Set([...composed.values()].flat());
  return checks.filter((check) => named.has(check.id) || (isMeant(check) && !composed.has(check.scope)));
}
