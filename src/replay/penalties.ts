import { type PenaltyDue, penaltiesDue } from '../contract/penalties.ts';
import { contractAt, versionsOf, type WholePeriods } from '../contract/rule-history.ts';
import type { Contract } from '../contract/schema.ts';
import type { Verdict } from '../core/verdict.ts';
import { decisiveShare } from '../judge/figures.ts';
import type { Judge } from '../judge/judge.ts';
import type { RowVerdict } from '../judge/row-verdict.ts';

/** What is owed for verdicts, as far as it has come; those on rows that no penalty is written for are not there. */
export type Owed = ReadonlyMap<Verdict, readonly PenaltyDue[]>;

/**
 * What is owed for verdicts that a judge gave at `atMs`, by the terms of the contract that holds at the end of their
 * period. Credits are of time: for a share of tests, for durability and for a row that may not be claimed none is owed.
 */
export function penaltiesOn(
  judge: Judge,
  verdicts: readonly Verdict[],
  atMs: number,
  wholeOf?: WholePeriods,
): Owed {
  const versions = versionsOf(judge.setup);
  const examined = new Map<string, readonly RowVerdict[]>();
  const owed = new Map<Verdict, readonly PenaltyDue[]>();
  for (const verdict of verdicts) {
    const { row, period, state, target, downtimeMs } = verdict;
    const { penalties } = contractAt(versions, period.toMs - 1);
    if (!penalties || !isWrittenFor(penalties, row) || target === null || state === 'not-applicable')
      continue;
    const members = examined.get(row) ?? judge.examined({ row }, atMs, wholeOf);
    examined.set(row, members);
    const member = members.find((one) => isOn(one, verdict));
    if (!member || decisiveShare(member.setup.rules) === null) continue;
    const { lengthMs } = member.figures(atMs);
    const basis = { row, target, periodEndMs: period.toMs, lengthMs, downtimeMs };
    owed.set(verdict, penaltiesDue(penalties, basis));
  }
  return owed;
}

function isWrittenFor(penalties: NonNullable<Contract['penalties']>, row: string): boolean {
  return penalties.some(({ rows }) => rows?.includes(row) ?? true);
}

function isOn({ setup: { rules, scope, period } }: RowVerdict, verdict: Verdict): boolean {
  return (
    rules.reading === verdict.reading && scope === verdict.scope && period.fromMs === verdict.period.fromMs
  );
}
