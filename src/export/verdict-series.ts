import type { Verdict } from '../core/verdict.ts';
import { type CauseSeries, createCauseSeries } from './open-incident-series.ts';
import type { Series, SeriesTable } from './series.ts';
import { VERDICT_COLUMNS } from './verdict-columns.ts';

/** The series of row members. */
export interface VerdictSeries {
  /**
   * Exports these verdicts and no others: the whole set of an evaluation, one per row, scope and reading. Works in
   * slices: each step of the iterator is a fraction of a millisecond.
   */
  judged(verdicts: readonly Verdict[]): Iterable<void>;
}

type Member = Pick<Verdict, 'row' | 'scope' | 'reading'>;

interface MemberSeries {
  readonly columns: readonly Series[];
  readonly windows: Map<string, WindowSeries>;
  readonly causes: CauseSeries;
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
  return {
    columns: VERDICT_COLUMNS.map((column) => column.open(table, member)),
    windows: new Map(),
    causes: createCauseSeries(table, member),
  };
}

function setMember(table: SeriesTable, { columns, windows, causes }: MemberSeries, verdict: Verdict): void {
  causes.set(verdict.openIncident?.causes ?? []);
  for (const [i, series] of columns.entries())
    table.set(series, VERDICT_COLUMNS[i]?.valueOf(verdict) ?? null);
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

function dropMember(table: SeriesTable, { columns, windows, causes }: MemberSeries): void {
  causes.drop();
  for (const series of columns) table.drop(series);
  for (const { burnRate, coverage } of windows.values()) {
    table.drop(burnRate);
    table.drop(coverage);
  }
}
