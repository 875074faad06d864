import { periodAt, type PeriodKind } from '../contract/periods.ts';
import type { Contract } from '../contract/schema.ts';
import type { Period, Verdict } from '../core/verdict.ts';
import type { ClaimDeadline } from '../export/metrics.ts';

/** Gives the verdicts on a period that is over. */
export type PastVerdicts = (kind: PeriodKind, period: Period) => Promise<readonly Verdict[]>;

/**
 * Until when the breaches of past periods may be claimed, under the first reading: those whose time has not run out at
 * `nowMs`. Where several penalties apply to a row, the earliest limit is told. Rejects as `verdictsOf` does.
 */
export async function claimDeadlines(
  contract: Contract,
  nowMs: number,
  verdictsOf: PastVerdicts,
): Promise<readonly ClaimDeadline[]> {
  const within = claimTimes(contract);
  const longestMs = Math.max(0, ...within.values());
  const deadlines: ClaimDeadline[] = [];
  for (const { kind, period } of pastPeriods(contract, nowMs, longestMs)) {
    for (const verdict of await verdictsOf(kind, period)) {
      const limitMs = within.get(verdict.row);
      if (limitMs === undefined || !isBreach(contract, verdict) || period.toMs + limitMs <= nowMs) continue;
      const { row, scope } = verdict;
      deadlines.push({ row, scope, period: verdict.period.name, atMs: period.toMs + limitMs });
    }
  }
  return deadlines;
}

function isBreach({ readings }: Contract, { reading, state }: Verdict): boolean {
  return state === 'breached' && reading === Object.keys(readings)[0];
}

/** How long after a period a breach of a row may be claimed, in milliseconds, where the contract says so. */
function claimTimes({ rows, penalties = [] }: Contract): ReadonlyMap<string, number> {
  const times = new Map<string, number>();
  for (const { id } of rows) {
    const limits = penalties.flatMap(({ rows: named, claimWithin }) =>
      claimWithin === undefined || !(named?.includes(id) ?? true) ? [] : [claimWithin],
    );
    if (limits.length > 0) times.set(id, Math.min(...limits));
  }
  return times;
}

function* pastPeriods(contract: Contract, nowMs: number, longestMs: number) {
  if (longestMs === 0) return;
  for (const kind of ['month', 'year'] as const) {
    const before = ({ fromMs }: Period): Period => periodAt(contract, kind, fromMs - 1);
    let period = before(periodAt(contract, kind, nowMs));
    for (; period.toMs + longestMs > nowMs; period = before(period)) yield { kind, period };
  }
}
