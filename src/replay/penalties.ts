import { type PenaltyDue, penaltiesOwed } from '../contract/penalties.ts';
import { versionsOf, type WholePeriods } from '../contract/rule-history.ts';
import type { Verdict } from '../core/verdict.ts';
import { decisiveShare } from '../judge/figures.ts';
import type { Judge } from '../judge/judge.ts';
import type { RowVerdict } from '../judge/row-verdict.ts';

/** What is owed for verdicts, as far as it has come; those that nothing can be owed for are not there. */
export type Owed = ReadonlyMap<Verdict, readonly PenaltyDue[]>;

/** What is owed for verdicts that a judge gave at `atMs` ({@link penaltiesOwed}). */
export function penaltiesOn(
  judge: Judge,
  verdicts: readonly Verdict[],
  atMs: number,
  wholeOf?: WholePeriods,
): Owed {
  const versions = versionsOf(judge.setup);
  const examined = new Map<string, readonly RowVerdict[]>();
  const owed = new Map<Verdict, readonly PenaltyDue[]>();
  const lengthOf = (verdict: Verdict): number | null => {
    const members = examined.get(verdict.row) ?? judge.examined({ row: verdict.row }, atMs, wholeOf);
    examined.set(verdict.row, members);
    const member = members.find((one) => isOn(one, verdict));
    return member && decisiveShare(member.setup.rules) ? member.figures(atMs).lengthMs : null;
  };
  for (const verdict of verdicts) {
    const { row, target, state, period, downtimeMs } = verdict;
    const lengthMs = (): number | null => lengthOf(verdict);
    const due = penaltiesOwed(versions, {
      ...{ row, target, state, downtimeMs, lengthMs },
      periodEndMs: period.toMs,
    });
    if (due.length > 0) owed.set(verdict, due);
  }
  return owed;
}

function isOn({ setup: { rules, scope, period } }: RowVerdict, verdict: Verdict): boolean {
  return (
    rules.reading === verdict.reading && scope === verdict.scope && period.fromMs === verdict.period.fromMs
  );
}
