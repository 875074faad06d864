import { penaltiesDue } from '../contract/penalties.ts';
import { contractAt, type ContractVersion } from '../contract/rule-history.ts';
import type { ClosedPenalty } from '../core/closed-period.ts';
import type { Explanation } from '../core/explanation.ts';
import { instantJson } from '../core/verdict-json.ts';
import type { Period } from '../core/verdict.ts';

/**
 * What is owed for the verdicts, by the user's own terms: those of the contract that held at the end of the period, or of
 * the part of one, that a verdict is on. Undefined where none of these contracts has any.
 */
export function penaltiesOf(
  versions: readonly ContractVersion[],
  explanations: readonly Explanation[],
  period: Period,
): readonly ClosedPenalty[] | undefined {
  const ends = [period.toMs, ...explanations.map(({ verdict }) => Date.parse(verdict.period.to))];
  if (!ends.some((endMs) => contractAt(versions, endMs - 1).penalties)) return undefined;
  return explanations.flatMap(({ verdict, arithmetic }): readonly ClosedPenalty[] => {
    const { penalties = [] } = contractAt(versions, Date.parse(verdict.period.to) - 1);
    const { row, scope, reading, target, period, downtimeMs, state } = verdict;
    // Credits are of time: where a share of tests or durability is promised, the table says nothing.
    if (target === null || arithmetic.borne === null || state === 'not-applicable') return [];
    const { lengthMs } = arithmetic;
    const basis = { row, target, periodEndMs: Date.parse(period.to), lengthMs, downtimeMs };
    return penaltiesDue(penalties, basis)
      .filter(({ atMost }) => atMost.credit !== '0')
      .map(({ claimByMs, ...due }) => ({
        ...{ row, scope, reading, period: period.name },
        ...due,
        claimBy: claimByMs === null ? null : instantJson(claimByMs),
      }));
  });
}
