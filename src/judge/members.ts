import type { RowPromise } from '../contract/rule-history.ts';
import type { Check, RowComposition } from '../core/check.ts';
import { checksOf, type Composition } from '../core/composition.ts';
import type { RowVerdict } from './row-verdict.ts';

/** The verdict on a member in one period, kept up to date. */
export interface JudgedPeriod {
  readonly verdict: RowVerdict;
  /** From where on the verdict is still to take in what changed; Infinity when nothing did. */
  staleFromMs: number;
}

/** One row's promise, under one reading, to one of its members. */
export interface Member {
  readonly promise: RowPromise;
  readonly scope: string;
  readonly composition: Composition;
  /** The checks that the composition names. */
  readonly checks: readonly string[];
  /** The periods that were asked for last; the oldest question first. */
  readonly judged: JudgedPeriod[];
}

/** The check that a row without any check is composed of: never seen, so unknown all along. */
const NOBODY = '';

/**
 * The members of a row: one for each scope that a check or a composition names. A row that nothing looks at has one,
 * which is unknown all along.
 */
export function membersUnder(
  promise: RowPromise,
  checks: readonly Check[],
  compositions: readonly RowComposition[],
): readonly Member[] {
  const own = checks.filter((check) => check.row === promise.row);
  const composed = compositions.filter((composition) => composition.row === promise.row);
  const scopes = [...new Set([...own, ...composed].map(({ scope }) => scope))].sort();
  const memberOf = (scope: string, composition: Composition): Member => ({
    promise,
    scope,
    composition,
    checks: checksOf(composition),
    judged: [],
  });
  if (scopes.length === 0) return [memberOf('region', NOBODY)];
  return scopes.map((scope) => {
    const declared = composed.find((composition) => composition.scope === scope)?.bad;
    const any = own.filter((check) => check.scope === scope).map((check) => check.id);
    return memberOf(scope, declared ?? { any });
  });
}
