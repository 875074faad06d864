import type { ExplainedIncident, Explanation } from '../../core/explanation.ts';

/** How much of a budget is left over time. */
export interface BurnDown {
  readonly reading: string;
  /** Seconds since the epoch, in order. */
  readonly atSeconds: readonly number[];
  /** Seconds of budget left at each; below 0 when there is none. */
  readonly leftSeconds: readonly number[];
}

/**
 * The budget of a verdict from the start of its period to its instant, going down by what counts of each incident; null
 * where no share of time is borne. Within an incident it goes down evenly from the end of what is deducted.
 */
export function burnDown({ verdict, incidents, arithmetic }: Explanation): BurnDown | null {
  const { budgetMs, period, reading } = verdict;
  if (budgetMs === null || !arithmetic.borne) return null;
  const fromMs = Date.parse(period.from);
  const toMs = Math.min(Date.parse(verdict.at), Date.parse(period.to));
  const points: { atMs: number; leftMs: number }[] = [{ atMs: fromMs, leftMs: budgetMs }];
  let leftMs = budgetMs;
  for (const incident of incidents) {
    if (incident.countedMs === 0) continue;
    const { startMs, endMs } = countingSpan(incident, fromMs, toMs);
    points.push({ atMs: startMs, leftMs });
    leftMs -= incident.countedMs;
    points.push({ atMs: endMs, leftMs });
  }
  points.push({ atMs: toMs, leftMs: budgetMs - arithmetic.bounds.estimate.countedMs });
  return {
    reading,
    atSeconds: points.map(({ atMs }) => atMs / 1000),
    leftSeconds: points.map((point) => point.leftMs / 1000),
  };
}

function countingSpan(
  { from, to, deductedMs }: ExplainedIncident,
  fromMs: number,
  toMs: number,
): { readonly startMs: number; readonly endMs: number } {
  const endMs = Math.min(Date.parse(to), toMs);
  return { startMs: Math.min(endMs, Math.max(fromMs, Date.parse(from) + deductedMs)), endMs };
}
