import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { type Contract, contractSchema } from '../../src/contract/schema.ts';
import type { AlertingSetup } from '../../src/export/rules/setup.ts';

const ROOT = join(import.meta.dirname, '../..');

/** A contract from its text. */
export function contractFrom(text: string): Contract {
  return contractSchema.parse(parse(text));
}

/** A contract that is shipped. */
export function shippedContract(id: string): Contract {
  return contractFrom(readFileSync(join(ROOT, `config/contracts/${id}.yaml`), 'utf8'));
}

const SCOPES: Readonly<Record<string, string>> = { subregion: 'az-a', region: 'region' };

/** Everything of a contract watched: a check every 10 seconds for every row, of one member each. */
export function everyRow(contract: Contract, changes: Partial<AlertingSetup> = {}): AlertingSetup {
  const checks = contract.rows
    .filter(({ type }) => type !== 'support' && type !== 'none')
    .map(({ id, individual }) => ({
      id: `check-${id}`,
      row: id,
      scope:
        individual === undefined ? 'region' : (SCOPES[individual] ?? `${individual.replace(/ /g, '-')}-1`),
      intervalMs: 10_000,
    }));
  return {
    contract,
    region: Object.keys(contract.regions ?? {})[0] ?? 'somewhere',
    vantages: [],
    checks,
    compositions: [],
    alerting: {},
    ...changes,
  };
}

/** Rows whose budgets no burn rate fits: too large to be burnt in the window, or spent by one sample. */
export const ODD_CONTRACT = contractFrom(`
id: odd
version: '1'
timezone: Etc/UTC
period: {}
readings: { text: {} }
rows:
  - { id: lax.month, clause: '1', title: Hardly a promise, type: availability, target: '90', period: month }
  - { id: lax.year, clause: '2', title: A lax promise a year, type: availability, target: '95', period: year }
  - { id: none.year, clause: '3', title: No promise to speak of, type: availability, target: '50', period: year }
  - { id: tight.month, clause: '4', title: Four nines a month, type: availability, target: '99.99', period: month }
  - { id: coarse.month, clause: '5', title: Looked at seldom, type: availability, target: '99.9', period: month }
`);

/** The odd contract, one of its rows looked at every 5 minutes. */
export function oddSetup(): AlertingSetup {
  const setup = everyRow(ODD_CONTRACT);
  const checks = setup.checks.map((check) =>
    check.row === 'coarse.month' ? { ...check, intervalMs: 300_000 } : check,
  );
  return { ...setup, checks };
}
