import type { ContractRow } from '../contract/schema.ts';
import { type Finding, warningAt } from '../contract/finding.ts';
import { formatDuration } from '../core/duration.ts';
import { complement, floorOf, formatDecimal, type Fraction, parsePercent } from '../core/fraction.ts';
import { type CheckDraft, checkPath, type ConfigDraft, rowOf } from './draft.ts';

/** Periods of ordinary length, for orientation: the real ones differ by a few percent. */
const PERIOD_MS = { month: 30 * 86_400_000, year: 365 * 86_400_000 } as const;

/** A slot may be at most a twentieth of the budget: each outage is uncertain by a slot at either end. */
const SLOTS_PER_BUDGET = 20n;

/** A warning when one slot of a check is more than 5 % of its row's budget; says how much it is. */
export function coarseInterval(draft: ConfigDraft, check: CheckDraft, index: number): readonly Finding[] {
  const row = rowOf(draft, check.row);
  const budget = row && budgetOf(row);
  if (!row || !budget || check.interval === undefined || check.interval === 0) return [];
  const interval = BigInt(check.interval);
  if (interval * SLOTS_PER_BUDGET * budget.den <= budget.num) return [];
  const percent = formatDecimal({ num: interval * budget.den * 100n, den: budget.num }, 1);
  return [
    warningAt(
      checkPath(index, 'interval'),
      `is coarse for ${row.id}: one slot of ${formatDuration(check.interval)} is ${percent} % of the budget of ` +
        `${formatDuration(floorOf(budget, 1))} a ${budget.period}`,
    ),
  ];
}

/** The bad time that a row bears in a period, in milliseconds; undefined where it bears none, or no time. */
function budgetOf(row: ContractRow): (Fraction & { readonly period: 'month' | 'year' }) | undefined {
  if (row.type !== 'availability' && row.type !== 'latency-bound') return undefined;
  const borne = row.type === 'availability' ? targetComplement(row.target) : parsePercent(row.allowedShare);
  if (!borne || borne.num === 0n) return undefined;
  return { num: borne.num * BigInt(PERIOD_MS[row.period]), den: borne.den, period: row.period };
}

function targetComplement(target: string): Fraction | undefined {
  const share = parsePercent(target);
  return share && complement(share);
}
