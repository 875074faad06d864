import type { Contract, ContractRow } from './schema.ts';
import { elapsedTime, workingTime, type WorkMeasure } from './working-calendar.ts';

/** What is promised of one clock of a ticket of some severity. */
export interface SupportPromise {
  /** The contract row. */
  readonly row: string;
  readonly limitMs: number;
  /** What of the time counts against the limit. */
  readonly measure: WorkMeasure;
}

/** What is promised of a severity: time to intervene, time to recover; null where the contract is silent. */
export interface SeverityPromises {
  readonly gti: SupportPromise | null;
  readonly gtr: SupportPromise | null;
}

/** The promises of all rows of type `support`, by severity (contract.md, SLA10). Of a checked contract. */
export function supportPromises(contract: Contract): ReadonlyMap<number, SeverityPromises> {
  const rows = contract.rows.filter((row) => row.type === 'support');
  const calendar = contract.support?.calendar;
  const working = calendar && workingTime(calendar);
  const promiseOf = (severity: number, clock: SupportRow['clock']): SupportPromise | null => {
    const row = rows.find((one) => one.severity === severity && one.clock === clock);
    return row ? { row: row.id, limitMs: row.limit, measure: measureOf(row, working) } : null;
  };
  const severities = [...new Set(rows.map(({ severity }) => severity))].sort((a, b) => a - b);
  return new Map(
    severities.map((severity) => [
      severity,
      { gti: promiseOf(severity, 'gti'), gtr: promiseOf(severity, 'gtr') },
    ]),
  );
}

type SupportRow = Extract<ContractRow, { type: 'support' }>;

function measureOf(row: SupportRow, working: WorkMeasure | undefined): WorkMeasure {
  if (!row.workingTime) return elapsedTime;
  if (!working) throw new Error(`${row.id} counts working time of no calendar`);
  return working;
}
