import { contractAt, type ContractHistory, versionsOf } from '../../contract/rule-history.ts';
import { leadingReading, type RowRules, rulesOf } from '../../contract/rules.ts';
import type { Contract } from '../../contract/schema.ts';
import type { Check, RowComposition } from '../../core/check.ts';
import { checksOf } from '../../core/composition.ts';
import type { ExtraLabels } from './selector.ts';

/** What alerting needs to know of a check. */
export type AlertedCheck = Pick<Check, 'id' | 'row' | 'scope' | 'intervalMs'>;

/** What alerts are derived from: the contract and what is watched of it. A configuration is one. */
export interface AlertingSetup {
  readonly contract: Contract;
  readonly region: string;
  readonly vantages: readonly string[];
  readonly checks: readonly AlertedCheck[];
  readonly compositions: readonly RowComposition[];
  readonly alerting: AlertLinks;
}

/** The same with the contract that holds at an instant. */
export function setupAt<T extends ContractHistory>(setup: T, atMs: number): T {
  return { ...setup, contract: contractAt(versionsOf(setup), atMs) };
}

/** Where the texts of alerts lead to, and what tells them from those of another vigie. */
export interface AlertLinks {
  /** The address at which people reach vigie, without a slash at its end. */
  readonly url?: string | undefined;
  /** The address of the runbooks' document; an alert's section is its name in small letters. */
  readonly runbooks?: string | undefined;
  /** Labels that Prometheus gives the series of this vigie; those of its alerts as well. */
  readonly labels?: ExtraLabels | undefined;
}

/** A member of a row that something is watched of. */
export interface WatchedMember {
  readonly row: string;
  readonly scope: string;
  /** The checks that it is composed of; never empty. */
  readonly checks: readonly AlertedCheck[];
}

/** Every member of every row that has a check or a composition, in the order of the contract, then by scope. */
export function watchedMembers(
  setup: Pick<AlertingSetup, 'contract' | 'checks' | 'compositions'>,
): readonly WatchedMember[] {
  const byId = new Map(setup.checks.map((check) => [check.id, check]));
  return setup.contract.rows.flatMap(({ id: row }) => {
    const own = setup.checks.filter((check) => check.row === row);
    const composed = setup.compositions.filter((composition) => composition.row === row);
    const scopes = [...new Set([...own, ...composed].map(({ scope }) => scope))].sort();
    return scopes.map((scope) => {
      const declared = composed.find((composition) => composition.scope === scope);
      const named = declared && checksOf(declared.bad).flatMap((id) => byId.get(id) ?? []);
      return { row, scope, checks: named ?? own.filter((check) => check.scope === scope) };
    });
  });
}

/** How each judged row is judged under the reading that drives the alerts. */
export function alertingRules(contract: Contract): ReadonlyMap<string, RowRules> {
  const reading = leadingReading(contract);
  const rules = rulesOf(contract).filter((one) => one.reading === reading);
  return new Map(rules.map((one) => [one.row, one]));
}
