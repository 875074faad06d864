import type { Config } from '../config/config.ts';
import { contractAt, versionsOf } from '../contract/rule-history.ts';
import type { ContractRow } from '../contract/schema.ts';
import { checksUnder } from '../core/checks-under.ts';
import type { ContractJson, RowJson } from '../web/contract-source.ts';

/** The contract that holds at an instant, as the web server shows it. */
export function shownContract(config: Config, atMs: number): ContractJson {
  const contract = contractAt(versionsOf(config), atMs);
  return {
    contract: contract.id,
    version: contract.version,
    title: contract.title ?? null,
    region: config.region,
    timezone: contract.timezone,
    readings: Object.entries(contract.readings).map(([reading, { title = null }]) => ({ reading, title })),
    rows: contract.rows.map((row) => rowJson(row, config)),
  };
}

function rowJson(row: ContractRow, config: Config): RowJson {
  const { id, clause, title, type, requires = null, individual = null, rules = [] } = row;
  const incident = 'incident' in row ? row.incident : undefined;
  return {
    row: id,
    ...{ clause, title, type, requires, individual, rules },
    target: 'target' in row ? row.target : null,
    period: 'period' in row ? (row.period ?? null) : null,
    incident: incident
      ? { deductMs: incident.deduct, mergeGapMs: incident.mergeGap, minimumMs: incident.minimum }
      : null,
    members: scopesOf(id, config).map((scope) => ({
      scope,
      checks: checksUnder(config, id, scope).map((check) => check.id),
    })),
  };
}

function scopesOf(row: string, { checks, compositions }: Config): readonly string[] {
  const own = [...checks, ...compositions].filter((each) => each.row === row);
  return [...new Set(own.map(({ scope }) => scope))].sort();
}
