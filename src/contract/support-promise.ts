import { contractAt, type ContractHistory, versionsOf } from './rule-history.ts';
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

/** The promises that hold for a ticket to its end, by severity, from when it was opened in milliseconds since the epoch. */
export type PromisesAt = (openedMs: number) => ReadonlyMap<number, SeverityPromises>;

/** What was promised of tickets, as it changed over time. */
export interface SupportHistory {
  /** Those of the contract that held when the ticket was opened: what replaces it later changes no clock. */
  readonly at: PromisesAt;
  /** Every severity that any of the contracts promises something of, the gravest first. */
  readonly severities: readonly number[];
}

/** The promises of all contracts of a history. */
export function supportHistory(history: ContractHistory): SupportHistory {
  const versions = versionsOf(history);
  const promises = new Map(versions.map(({ contract }) => [contract, supportPromises(contract)]));
  const severities = new Set([...promises.values()].flatMap((of) => [...of.keys()]));
  return {
    at: (openedMs) => promises.get(contractAt(versions, openedMs)) ?? NOTHING_PROMISED,
    severities: [...severities].sort((a, b) => a - b),
  };
}

const NOTHING_PROMISED: ReadonlyMap<number, SeverityPromises> = new Map();

type SupportRow = Extract<ContractRow, { type: 'support' }>;

function measureOf(row: SupportRow, working: WorkMeasure | undefined): WorkMeasure {
  if (!row.workingTime) return elapsedTime;
  if (!working) throw new Error(`${row.id} counts working time of no calendar`);
  return working;
}
