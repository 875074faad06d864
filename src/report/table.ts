import type { ClosedExplanation, ClosedPeriod } from '../core/closed-period.ts';
import type { VerdictJson } from '../core/verdict-json.ts';
import { type Cell, csvText } from './csv.ts';

/** In the place of what one of several lacks. */
const NOTHING = '–';

const COLUMNS = [
  ...['period', 'number', 'clause', 'row', 'title', 'scope', 'reading', 'state', 'target_percent'],
  ...['period_from', 'period_to', 'at', 'budget_s', 'down_best_s', 'down_estimate_s', 'down_worst_s'],
  ...['down_raw_s', 'excluded_s', 'unknown_s', 'contested_s', 'remaining_s', 'coverage', 'availability'],
  ...['incidents', 'merge_gap_s', 'minimum_s', 'deduct_s', 'penalty_percent', 'penalty_amount', 'claim_by'],
];

/**
 * A report as a table: a line for each verdict. Where several penalties are owed for it, the cells of penalties hold those of
 * each, in the order of the contract file, between bars.
 */
export function reportCsv(closing: ClosedPeriod): string {
  return csvText(
    COLUMNS,
    closing.verdicts.map((verdict, i) => cellsOf(closing, verdict, closing.explanations[i])),
  );
}

function cellsOf(
  closing: ClosedPeriod,
  verdict: VerdictJson,
  explanation: ClosedExplanation | undefined,
): readonly Cell[] {
  const { row, scope, reading, state, target, period, budgetMs, downtimeMs } = verdict;
  const { excludedMs, unknownMs, contestedMs, remainingMs, availability } = verdict;
  const facts = closing.rows.find((one) => one.row === row);
  const penalties = (closing.penalties ?? []).filter(
    (one) => one.row === row && one.scope === scope && one.reading === reading && one.period === period.name,
  );
  const { elapsedMs = 0, mergeGapMs = 0, minimumMs = 0, deductMs = 0 } = explanation?.arithmetic ?? {};
  return [
    ...[
      period.name,
      closing.number,
      facts?.clause ?? '',
      row,
      facts?.title ?? '',
      scope,
      reading,
      state,
      target,
    ],
    ...[period.from, period.to, closing.at, secondsOrNull(budgetMs)],
    ...[downtimeMs.best, downtimeMs.estimate, downtimeMs.worst, downtimeMs.raw].map(secondsOf),
    ...[excludedMs, unknownMs, contestedMs].map(secondsOf),
    ...[
      secondsOrNull(remainingMs),
      coverageOf(elapsedMs, unknownMs),
      availability.final ?? availability.toDate,
    ],
    ...[verdict.incidents.length, secondsOf(mergeGapMs), secondsOf(minimumMs), secondsOf(deductMs)],
    listed(penalties.map(({ estimate }) => estimate.credit)),
    listed(penalties.map(({ estimate }) => estimate.amount)),
    listed(penalties.map(({ claimBy }) => claimBy)),
  ];
}

/** One as it is; several between bars, which part no columns wherever the table is read. */
function listed(values: readonly (string | null)[]): string | null {
  if (values.every((value) => value === null)) return null;
  return values.map((value) => value ?? NOTHING).join(' | ');
}

function secondsOf(ms: number): number {
  return ms / 1_000;
}

function secondsOrNull(ms: number | null): number | null {
  return ms === null ? null : secondsOf(ms);
}

/** Cut to six decimals: what is not all never reads 1. */
function coverageOf(elapsedMs: number, unknownMs: number): number | null {
  return elapsedMs > 0
    ? Number((BigInt(elapsedMs - unknownMs) * 1_000_000n) / BigInt(elapsedMs)) / 1e6
    : null;
}
