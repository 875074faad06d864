import type { Verdict } from '../core/verdict.ts';
import type { Series, SeriesTable } from './series.ts';

type Member = Pick<Verdict, 'row' | 'scope' | 'reading'>;

/** The series of the causes of the incident that a row member is in. */
export interface CauseSeries {
  /** Exports these causes and no others. */
  set(causes: readonly string[]): void;
  /** Ends them all. */
  drop(): void;
}

/** The causes of one member's open incident: no more series than there are causes, and none without an incident. */
export function createCauseSeries(table: SeriesTable, { row, scope, reading }: Member): CauseSeries {
  const open = new Map<string, Series>();
  const retain = (causes: readonly string[]): void => {
    for (const [cause, series] of open) {
      if (causes.includes(cause)) continue;
      table.drop(series);
      open.delete(cause);
    }
  };
  return {
    set(causes) {
      if (open.size > 0) retain(causes);
      for (const cause of causes) {
        if (open.has(cause)) continue;
        const series = table.open('vigie_sla_incident_cause', { row, scope, reading, cause });
        table.set(series, 1);
        open.set(cause, series);
      }
    },
    drop: () => retain([]),
  };
}
