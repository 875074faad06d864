import { penaltiesOwed } from '../contract/penalties.ts';
import { contractAt, type ContractVersion } from '../contract/rule-history.ts';
import type { ClosedPenalty } from '../core/closed-period.ts';
import type { Explanation } from '../core/explanation.ts';
import { instantJson } from '../core/verdict-json.ts';
import type { Period } from '../core/verdict.ts';

/**
 * What is owed for the verdicts ({@link penaltiesOwed}), where that may be more than nothing. Undefined where none of the
 * contracts that they are judged by has penalties.
 */
export function penaltiesOf(
  versions: readonly ContractVersion[],
  explanations: readonly Explanation[],
  period: Period,
): readonly ClosedPenalty[] | undefined {
  const ends = [period.toMs, ...explanations.map(({ verdict }) => Date.parse(verdict.period.to))];
  if (!ends.some((endMs) => contractAt(versions, endMs - 1).penalties)) return undefined;
  return explanations.flatMap(({ verdict, arithmetic }): readonly ClosedPenalty[] => {
    const { row, scope, reading, target, period, downtimeMs, state } = verdict;
    return penaltiesOwed(versions, {
      ...{ row, target, state, downtimeMs },
      periodEndMs: Date.parse(period.to),
      lengthMs: () => (arithmetic.borne === null ? null : arithmetic.lengthMs),
    })
      .filter(({ atMost }) => atMost.credit !== '0')
      .map(({ claimByMs, ...due }) => ({
        ...{ row, scope, reading, period: period.name },
        ...due,
        claimBy: claimByMs === null ? null : instantJson(claimByMs),
      }));
  });
}
