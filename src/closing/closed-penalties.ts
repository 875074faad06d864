import { penaltiesDue } from '../contract/penalties.ts';
import type { Contract } from '../contract/schema.ts';
import type { ClosedPenalty } from '../core/closed-period.ts';
import type { Explanation } from '../core/explanation.ts';
import { instantJson } from '../core/verdict-json.ts';

/** What is owed for the verdicts, by the user's own terms; undefined where the contract file has none. */
export function penaltiesOf(
  { penalties }: Contract,
  explanations: readonly Explanation[],
): readonly ClosedPenalty[] | undefined {
  if (!penalties) return undefined;
  return explanations.flatMap(({ verdict, arithmetic }): readonly ClosedPenalty[] => {
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
