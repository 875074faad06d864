import type { MetricName } from '../catalogue.ts';
import type { Comparison, Figure, Limit, Operator } from './condition.ts';
import { type RowFamily, rowsOf } from './row-family.ts';

/** The short names of thresholds that a row has besides its burn rates. */
export type ThresholdName =
  | 'incident'
  | 'time-to-breach'
  | 'hidden-downtime'
  | 'budget-low'
  | 'pace'
  | 'pace-spent'
  | 'flapping'
  | 'share'
  | 'tests';

/** The figures of the members of a family's rows that their alerts look at. */
export function memberFigures(family: RowFamily) {
  const { reading } = family;
  const rows = rowsOf(family);
  const figure = (
    metric: MetricName,
    where: Readonly<Record<string, string>> = {},
    fold: Figure['fold'] = 'max',
  ): Figure => ({ metric, where: { reading, ...where }, rows, by: ['row', 'scope'], fold });
  return {
    incidentBad: figure('vigie_sla_incident_bad_seconds'),
    incidentOpen: figure('vigie_sla_incident_open'),
    incidentsOfDay: figure('vigie_sla_incidents', { window: '1d' }),
    timeToBreach: figure('vigie_sla_time_to_breach_seconds', {}, 'min'),
    remainingRatio: figure('vigie_sla_budget_remaining_ratio', {}, 'min'),
    pace: figure('vigie_sla_pace_ratio'),
    rawDowntime: figure('vigie_sla_downtime_seconds', { bound: 'raw' }),
    breached: figure('vigie_sla_state', { state: 'breached' }),
    sampleShare: figure('vigie_sla_sample_ratio', { bound: 'share' }, 'min'),
    sampleTests: figure('vigie_sla_sample_tests'),
    burnRate: (window: string): Figure => figure('vigie_sla_burn_rate', { window }),
    coverage: (window: string): Figure => figure('vigie_sla_coverage_ratio', { window }),
  };
}

/** Whether declared maintenance covers a member. */
export const MAINTENANCE: Figure = {
  metric: 'vigie_sla_maintenance',
  where: {},
  by: ['row', 'scope'],
  fold: 'max',
};

/** Whether the deployment lacks what a row requires. */
export const INELIGIBLE: Figure = {
  metric: 'vigie_sla_info',
  where: { eligible: 'false' },
  by: ['row'],
  fold: 'max',
};

/** The figure is the limit or more. */
export const atLeast = compare('>=');
/** The figure is the limit or less. */
export const atMost = compare('<=');
/** The figure is more than the limit. */
export const above = compare('>');
/** The figure is less than the limit. */
export const below = compare('<');
/** The figure is exactly the limit. */
export const is = compare('==');

function compare(operator: Operator) {
  return (figure: Figure, limit: Limit): Comparison => ({ figure, operator, limit });
}
