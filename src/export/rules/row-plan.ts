import type { RowRules } from '../../contract/rules.ts';
import type { ContractRow } from '../../contract/schema.ts';
import { floorOf, toNumber } from '../../core/fraction.ts';
import { type AlertingSetup, alertingRules, type WatchedMember, watchedMembers } from './setup.ts';

/** A person has to act. `page`: now, at any hour; `ticket`: on the next working day. */
export type Severity = 'page' | 'ticket';

/** Two windows over which a budget is spent too fast: both must say so, the short one so that the alert ends soon. */
export interface BurnPair {
  readonly long: '1h' | '6h' | '1d' | '3d';
  readonly short: '5m' | '30m' | '2h' | '6h';
  readonly longMs: number;
  /** Share of the budget that is spent within the long window, in percent. */
  readonly percent: number;
  readonly severity: Severity;
}

/** A pair that a row is alerted by, and its factor f: the burn rate at which it fires. */
export interface KeptPair extends BurnPair {
  readonly burnRate: number;
}

/**
 * Why a row has no alert by a pair. `scarce-budget`: it is spent before anyone could act on a rate. `cannot-fire`: not
 * even a lasting outage, or hardly, reaches it. `one-sample`: fewer than three bad slots would.
 */
export type DropReason = 'scarce-budget' | 'cannot-fire' | 'one-sample';

/** What a row is alerted by (design, "Alerts"). Durations in milliseconds. */
export interface RowPlan {
  readonly row: ContractRow;
  readonly rules: RowRules;
  readonly members: readonly WatchedMember[];
  /** T, the longest of the row's checks. */
  readonly intervalMs: number;
  /** B of a period of ordinary length; 0 where no share of time is borne. */
  readonly budgetMs: number;
  /** Whether the budget is spent sooner than a person can act: every confirmed incident pages. */
  readonly isScarce: boolean;
  readonly pairs: readonly KeptPair[];
  readonly dropped: readonly (BurnPair & { readonly reason: DropReason })[];
  /** The bad time of one incident from which on it is told. */
  readonly incidentMs: number;
  /** The time to breach from which down an incident is escalated; undefined without a budget. */
  readonly timeToBreachMs: number | undefined;
  /** The downtime that the contract's deductions may hide before it is told; undefined where none can be. */
  readonly hiddenMs: number | undefined;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;

/** Periods of ordinary length: a threshold that moves with the month would be no better, and harder to explain. */
const PERIOD_MS = { month: 30 * DAY_MS, year: 365 * DAY_MS } as const;

/** The pairs of windows that budgets are watched by, the fastest first. */
export const BURN_PAIRS: readonly BurnPair[] = [
  { long: '1h', short: '5m', longMs: HOUR_MS, percent: 2, severity: 'page' },
  { long: '6h', short: '30m', longMs: 6 * HOUR_MS, percent: 5, severity: 'page' },
  { long: '1d', short: '2h', longMs: DAY_MS, percent: 10, severity: 'ticket' },
  { long: '3d', short: '6h', longMs: 3 * DAY_MS, percent: 10, severity: 'ticket' },
];

/** A budget that is spent within this time is spent before anyone has acted. */
const SCARCE_BUDGET_MS = 15 * MINUTE_MS;
/** Share of a window that must be down for a pair; at this one and above it takes a lasting outage, which is told anyway. */
const LARGEST_SHARE = 0.8;
const LEAST_SAMPLES = 3;
const INCIDENT_PERCENT = 2;
const INCIDENT_AT_LEAST_MS = MINUTE_MS;
/** A longer incident is told whatever the budget. */
export const INCIDENT_AT_MOST_MS = 5 * MINUTE_MS;

/** The plans of all rows that are judged from slots, promise something and are watched; in the order of the contract. */
export function rowPlans(setup: AlertingSetup): readonly RowPlan[] {
  const rules = alertingRules(setup.contract);
  const members = watchedMembers(setup);
  return setup.contract.rows.flatMap((row) => {
    const own = members.filter((member) => member.row === row.id);
    const rule = rules.get(row.id);
    return rule?.target && own.length > 0 ? [planOf(row, rule, own)] : [];
  });
}

function planOf(row: ContractRow, rules: RowRules, members: readonly WatchedMember[]): RowPlan {
  const intervalMs = Math.max(0, ...members.flatMap(({ checks }) => checks.map((check) => check.intervalMs)));
  const budgetMs = budgetOf(row, rules);
  const isScarce = row.type === 'availability' && budgetMs <= SCARCE_BUDGET_MS;
  const judged = budgetMs === 0 ? [] : BURN_PAIRS.map((pair) => weigh(pair, { rules, intervalMs, isScarce }));
  return {
    row,
    rules,
    members,
    intervalMs,
    budgetMs,
    isScarce,
    pairs: judged.flatMap((pair) => ('burnRate' in pair ? [pair] : [])),
    dropped: judged.flatMap((pair) => ('reason' in pair ? [pair] : [])),
    incidentMs: incidentMs(row, budgetMs, isScarce),
    timeToBreachMs: budgetMs === 0 ? undefined : escalationMs(budgetMs, rules, isScarce),
    hiddenMs: budgetMs > 0 && (rules.deductMs > 0 || rules.minimumMs > 0) ? budgetMs : undefined,
  };
}

/** Only a share of time is a budget: a share of tests is not, and of durability nothing may be spent. */
function budgetOf(row: ContractRow, { allowed, period }: RowRules): number {
  if (row.type !== 'availability' && row.type !== 'latency-bound') return 0;
  return allowed ? floorOf(allowed, PERIOD_MS[period]) : 0;
}

function weigh(
  pair: BurnPair,
  { rules, intervalMs, isScarce }: Pick<RowPlan, 'rules' | 'intervalMs' | 'isScarce'>,
): KeptPair | (BurnPair & { readonly reason: DropReason }) {
  const burnRate = (pair.percent * PERIOD_MS[rules.period]) / (100 * pair.longMs);
  const share = burnRate * (rules.allowed ? toNumber(rules.allowed) : 0);
  if (isScarce) return { ...pair, reason: 'scarce-budget' };
  if (share >= LARGEST_SHARE) return { ...pair, reason: 'cannot-fire' };
  if (share * pair.longMs < LEAST_SAMPLES * intervalMs) return { ...pair, reason: 'one-sample' };
  return { ...pair, burnRate };
}

/** A slow answer is no outage: it is told when it lasts. */
function incidentMs(row: ContractRow, budgetMs: number, isScarce: boolean): number {
  if (row.type === 'latency-bound') return INCIDENT_AT_MOST_MS;
  if (isScarce) return 0;
  const share = (budgetMs * INCIDENT_PERCENT) / 100;
  return Math.min(INCIDENT_AT_MOST_MS, Math.max(INCIDENT_AT_LEAST_MS, share));
}

function escalationMs(budgetMs: number, { deductMs }: RowRules, isScarce: boolean): number {
  return isScarce ? (budgetMs + deductMs) / 2 : Math.min(HOUR_MS, budgetMs / 4);
}
