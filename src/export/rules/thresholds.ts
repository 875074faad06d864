import { toNumber } from '../../core/fraction.ts';
import { type RowPlan, rowPlans } from './row-plan.ts';
import type { AlertingSetup } from './setup.ts';

/** Gauges that hold thresholds: rates of burning a budget, and all others in the unit of what is compared with them. */
export type ThresholdGauge = 'vigie_sla_burn_rate_threshold' | 'vigie_alert_threshold';

/** The value at which an alert fires; the daemon exports it, and the rules compare with it. */
export interface AlertThreshold {
  readonly gauge: ThresholdGauge;
  /** The contract row; empty where the threshold is that of all. */
  readonly row: string;
  /** The short name of the threshold: `burn-1h`, `incident`. */
  readonly alert: string;
  /** A burn rate, seconds, a ratio or a count. */
  readonly value: number;
}

/** Share of the budget from which down it is low. */
const LOW_BUDGET_RATIO = 0.25;
/** Share of the budget that must be spent before its pace says something. */
const PACE_SPENT_RATIO = 0.25;
/** Incidents that began within a day. */
const FLAPPING_INCIDENTS = 4;
const LEAST_TESTS = 30;

const MONITOR: Readonly<Record<string, number>> = {
  'blind-coverage': 0.5,
  'low-coverage': 0.9,
  'judge-stale': 180,
  'claim-due': 7 * 86_400,
};

/** Every threshold of the alerts of this contract and configuration: what the daemon exports and the rules rely on. */
export function alertThresholds(setup: AlertingSetup): readonly AlertThreshold[] {
  return [
    ...rowPlans(setup).flatMap(rowThresholds),
    ...Object.entries(MONITOR).map(([alert, value]) => threshold('', alert, value)),
  ];
}

function rowThresholds(plan: RowPlan): readonly AlertThreshold[] {
  const { row, rules } = plan;
  const seconds = (alert: string, ms: number | undefined): readonly AlertThreshold[] =>
    ms === undefined ? [] : [threshold(row.id, alert, ms / 1000)];
  if (row.type === 'sampled-share') {
    const share = rules.allowed ? 1 - toNumber(rules.allowed) : 0;
    return [threshold(row.id, 'share', share), threshold(row.id, 'tests', LEAST_TESTS)];
  }
  if (row.type === 'durability') return [];
  const ofBudget = [
    threshold(row.id, 'budget-low', LOW_BUDGET_RATIO),
    threshold(row.id, 'pace', 1),
    threshold(row.id, 'pace-spent', 1 - PACE_SPENT_RATIO),
  ];
  return [
    ...plan.pairs.map(({ long, burnRate }): AlertThreshold => ({
      gauge: 'vigie_sla_burn_rate_threshold',
      row: row.id,
      alert: `burn-${long}`,
      value: burnRate,
    })),
    ...seconds('incident', plan.incidentMs),
    ...seconds('time-to-breach', plan.timeToBreachMs),
    ...seconds('hidden-downtime', plan.hiddenMs),
    ...(plan.budgetMs > 0 ? ofBudget : []),
    ...(row.type === 'availability' ? [threshold(row.id, 'flapping', FLAPPING_INCIDENTS)] : []),
  ];
}

function threshold(row: string, alert: string, value: number): AlertThreshold {
  return { gauge: 'vigie_alert_threshold', row, alert, value };
}
