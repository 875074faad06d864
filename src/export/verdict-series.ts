import { VERDICT_STATES, type Verdict } from '../core/verdict.ts';
import type { Series, SeriesTable } from './series.ts';

/** The series of row members. */
export interface VerdictSeries {
  /**
   * Exports these verdicts and no others: the whole set of an evaluation, one per row, scope and reading. Works in
   * slices: each step of the iterator is a fraction of a millisecond.
   */
  judged(verdicts: readonly Verdict[]): Iterable<void>;
}

type Member = Pick<Verdict, 'row' | 'scope' | 'reading'>;

/** One series that every member has, and where its value comes from. */
interface Column {
  open(table: SeriesTable, member: Member): Series;
  valueOf(verdict: Verdict): number | null;
}

interface MemberSeries {
  readonly columns: readonly Series[];
  readonly windows: Map<string, WindowSeries>;
}

interface WindowSeries {
  readonly burnRate: Series;
  readonly coverage: Series;
}

const VERDICTS_A_SLICE = 16;

/** The series of row members in a table. */
export function createVerdictSeries(table: SeriesTable): VerdictSeries {
  const members = new Map<string, MemberSeries>();
  return {
    *judged(verdicts) {
      const keep = new Set<string>();
      for (const [i, verdict] of verdicts.entries()) {
        const { row, scope, reading } = verdict;
        const key = JSON.stringify([row, scope, reading]);
        keep.add(key);
        const known = members.get(key);
        const series = known ?? openMember(table, { row, scope, reading });
        if (!known) members.set(key, series);
        setMember(table, series, verdict);
        if (i % VERDICTS_A_SLICE === VERDICTS_A_SLICE - 1) yield;
      }
      for (const [key, series] of members) {
        if (keep.has(key)) continue;
        dropMember(table, series);
        members.delete(key);
      }
    },
  };
}

function openMember(table: SeriesTable, member: Member): MemberSeries {
  return { columns: COLUMNS.map((column) => column.open(table, member)), windows: new Map() };
}

function setMember(table: SeriesTable, { columns, windows }: MemberSeries, verdict: Verdict): void {
  for (const [i, series] of columns.entries()) table.set(series, COLUMNS[i]?.valueOf(verdict) ?? null);
  for (const window in verdict.rolling) {
    if (!windows.has(window)) windows.set(window, openWindow(table, verdict, window));
  }
  for (const [window, { burnRate, coverage }] of windows) {
    const figures = verdict.rolling[window];
    table.set(burnRate, figures?.burnRate ?? null);
    table.set(coverage, figures?.coverage ?? null);
  }
}

function openWindow(table: SeriesTable, { row, scope, reading }: Member, window: string): WindowSeries {
  const labels = { row, scope, reading, window };
  return {
    burnRate: table.open('vigie_sla_burn_rate', labels),
    coverage: table.open('vigie_sla_coverage_ratio', labels),
  };
}

function dropMember(table: SeriesTable, { columns, windows }: MemberSeries): void {
  for (const series of columns) table.drop(series);
  for (const { burnRate, coverage } of windows.values()) {
    table.drop(burnRate);
    table.drop(coverage);
  }
}

const COLUMNS: readonly Column[] = [
  ...VERDICT_STATES.map((state): Column => ({
    open: (table, member) => table.open('vigie_sla_state', { ...member, state }),
    valueOf: (verdict) => (verdict.state === state ? 1 : 0),
  })),
  availability('to_date', ({ availability }) => availability.toDate),
  availability('best_achievable', ({ availability }) => availability.bestAchievable),
  availability('worst', ({ availability }) => availability.worst),
  downtime('best', ({ downtimeMs }) => downtimeMs.best),
  downtime('estimate', ({ downtimeMs }) => downtimeMs.estimate),
  downtime('worst', ({ downtimeMs }) => downtimeMs.worst),
  downtime('raw', ({ downtimeMs }) => downtimeMs.raw),
  downtime('excluded', ({ excludedMs }) => excludedMs),
  downtime('unknown', ({ unknownMs }) => unknownMs),
  figure('vigie_sla_budget_seconds', ({ budgetMs }) => seconds(budgetMs)),
  figure('vigie_sla_budget_remaining_seconds', ({ remainingMs }) => seconds(remainingMs)),
  figure('vigie_sla_time_to_breach_seconds', ({ timeToBreachMs }) => seconds(timeToBreachMs)),
  figure('vigie_sla_incident_open', ({ openIncident }) => (openIncident ? 1 : 0)),
];

function availability(estimate: string, ratioOf: (verdict: Verdict) => string | null): Column {
  return {
    open: (table, member) => table.open('vigie_sla_availability_ratio', { ...member, estimate }),
    valueOf(verdict) {
      const ratio = ratioOf(verdict);
      return ratio === null ? null : Number(ratio);
    },
  };
}

function downtime(bound: string, msOf: (verdict: Verdict) => number): Column {
  return {
    open: (table, member) => table.open('vigie_sla_downtime_seconds', { ...member, bound }),
    valueOf: (verdict) => msOf(verdict) / 1000,
  };
}

function figure(
  metric:
    | 'vigie_sla_budget_seconds'
    | 'vigie_sla_budget_remaining_seconds'
    | 'vigie_sla_time_to_breach_seconds'
    | 'vigie_sla_incident_open',
  valueOf: (verdict: Verdict) => number | null,
): Column {
  return { open: (table, member) => table.open(metric, member), valueOf };
}

function seconds(ms: number | null): number | null {
  return ms === null ? null : ms / 1000;
}
