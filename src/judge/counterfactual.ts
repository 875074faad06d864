import { type DeclaredExclusion, EXCLUSION_KINDS, type ExclusionKind } from '../core/exclusion.ts';
import type { Verdict } from '../core/verdict.ts';
import { concerns } from './row-timeline.ts';
import { RowVerdict } from './row-verdict.ts';

/** The verdict on a member with one kind of declared exclusion taken out, and with it counted. */
export interface Counterfactual {
  readonly kind: ExclusionKind;
  /** Whether the reading takes it out. */
  readonly honoured: boolean;
  readonly excluded: Verdict;
  readonly counted: Verdict;
}

/**
 * The verdict on a member with and without each kind of declared exclusion that was declared for it, by the rules of its
 * reading but for that kind; in the order of the kinds.
 */
export function counterfactuals(
  { setup }: RowVerdict,
  exclusions: readonly DeclaredExclusion[],
  eligible: boolean | null,
  nowMs: number,
): readonly Counterfactual[] {
  const declared = new Set(exclusions.filter((one) => concerns(one, setup)).map(({ kind }) => kind));
  const { honoured } = setup.rules;
  const reread = (kinds: ReadonlySet<ExclusionKind>): Verdict =>
    new RowVerdict({ ...setup, rules: { ...setup.rules, honoured: kinds } }).verdict(nowMs, eligible);
  return EXCLUSION_KINDS.filter((kind) => declared.has(kind)).map((kind) => ({
    kind,
    honoured: honoured.has(kind),
    excluded: reread(honoured.union(new Set([kind]))),
    counted: reread(honoured.difference(new Set([kind]))),
  }));
}
