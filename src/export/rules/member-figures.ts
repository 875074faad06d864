import type { RowRules } from '../../contract/rules.ts';
import type { MetricName } from '../catalogue.ts';
import type { Comparison, Figure, Limit, Operator } from './condition.ts';

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

/** The figures of the members of a row that its alerts look at. */
export function memberFigures({ row, reading }: Pick<RowRules, 'row' | 'reading'>) {
  const figure = (
    metric: MetricName,
    where: Readonly<Record<string, string>> = {},
    fold: Figure['fold'] = 'max',
  ): Figure => ({ metric, where: { row, reading, ...where }, by: ['row', 'scope'], fold });
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
    maintenance: {
      metric: 'vigie_sla_maintenance',
      where: { row },
      by: ['row', 'scope'],
      fold: 'max',
    } satisfies Figure,
    ineligible: {
      metric: 'vigie_sla_info',
      where: { row, eligible: 'false' },
      by: ['row'],
      fold: 'max',
    } satisfies Figure,
  };
}

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
