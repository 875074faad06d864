import type { ExplainedExclusion, ExplainedKind } from '../core/explanation.ts';
import type { DeclaredExclusion } from '../core/exclusion.ts';
import type { Span } from '../core/span.ts';
import { instantJson } from '../core/verdict-json.ts';
import type { Counterfactual } from './counterfactual.ts';
import { concerns, RowTimeline } from './row-timeline.ts';
import type { RowVerdict } from './row-verdict.ts';

/** The period so far. */
export function elapsedSpan({ setup: { period } }: RowVerdict, nowMs: number): Span {
  return { from: period.fromMs, to: Math.max(period.fromMs, Math.min(nowMs, period.toMs)) };
}

/** The declared exclusions that concern a member and touch its period so far, with the bad time that each covers. */
export function exclusionsOf(
  examined: RowVerdict,
  by: { readonly nowMs: number; readonly exclusions: readonly DeclaredExclusion[] },
): readonly ExplainedExclusion[] {
  const { setup } = examined;
  const { from, to } = elapsedSpan(examined, by.nowMs);
  const touched = by.exclusions.filter((one) => concerns(one, setup) && one.toMs > from && one.fromMs < to);
  if (touched.length === 0) return [];
  const badWithout = (exclusions: readonly DeclaredExclusion[]): number => {
    const honoured = new Set(exclusions.map(({ kind }) => kind));
    const timeline = new RowTimeline({ ...setup, rules: { ...setup.rules, honoured }, exclusions });
    timeline.refresh(-Infinity, by.nowMs);
    return timeline.bad.estimate.within(from, to);
  };
  const allMs = badWithout([]);
  return touched.map((one) => ({
    id: one.id,
    kind: one.kind,
    from: instantJson(one.fromMs),
    to: instantJson(one.toMs),
    checks: one.checks ?? null,
    reason: one.reason,
    author: one.author,
    enteredAt: one.enteredAtMs === undefined ? null : instantJson(one.enteredAtMs),
    evidence: one.evidence ?? null,
    honoured: setup.rules.honoured.has(one.kind),
    coversMs: allMs - badWithout([one]),
  }));
}

/** What one kind of exclusion makes of the figures. */
export function kindOf({ kind, honoured, excluded, counted }: Counterfactual): ExplainedKind {
  const figures = ({ state, downtimeMs, budgetMs }: Counterfactual['counted']) => ({
    state,
    downtimeMs,
    budgetMs,
  });
  return { kind, honoured, excluded: figures(excluded), counted: figures(counted) };
}
