import { MEMBER_LABELS } from '../rules/member-labels.ts';
import type { MetricFamily } from './metric-spec.ts';

const MEMBER = ['row', 'scope', 'reading'] as const;

/** How the promises of the contract stand, and the values at which alerts about them fire. */
export const PROMISES = {
  vigie_sla_info: {
    type: 'gauge',
    help: 'Always 1; a row of the contract, and whether the deployment is eligible for it (true, false, unknown).',
    labels: ['row', 'clause', 'target', 'period', 'promise', 'eligible'],
  },
  vigie_sla_state: {
    type: 'gauge',
    help: '1 for the state that a row member is in, 0 for the others.',
    labels: [...MEMBER, 'state'],
  },
  vigie_sla_availability_ratio: {
    type: 'gauge',
    help: 'Availability in the period, from 0 to 1: to_date, best_achievable or worst.',
    labels: [...MEMBER, 'estimate'],
  },
  vigie_sla_downtime_seconds: {
    type: 'gauge',
    help: 'Time in the period: counted down (best, estimate, worst), down before deduction (raw), excluded, unknown.',
    labels: [...MEMBER, 'bound'],
  },
  vigie_sla_budget_seconds: {
    type: 'gauge',
    help: 'Downtime that the contract allows in the whole period.',
    labels: MEMBER,
  },
  vigie_sla_budget_remaining_seconds: {
    type: 'gauge',
    help: 'Budget less the estimate of counted downtime; negative when overspent.',
    labels: MEMBER,
  },
  vigie_sla_budget_remaining_ratio: {
    type: 'gauge',
    help: 'Share of the budget that is left; negative when overspent.',
    labels: MEMBER,
  },
  vigie_sla_time_to_breach_seconds: {
    type: 'gauge',
    help: 'How long an outage would have to last from now on to spend the budget.',
    labels: MEMBER,
  },
  vigie_sla_pace_ratio: {
    type: 'gauge',
    help: 'Share of the budget used over share of the period elapsed.',
    labels: MEMBER,
  },
  vigie_sla_burn_rate: {
    type: 'gauge',
    help: 'Multiple of the rate that spends the budget in exactly the period; none where most of the window is unknown.',
    labels: [...MEMBER, 'window'],
  },
  vigie_sla_burn_rate_threshold: {
    type: 'gauge',
    help: 'Burn rate at which an alert fires.',
    labels: ['row', 'alert'],
  },
  vigie_alert_threshold: {
    type: 'gauge',
    help: 'Value at which an alert fires, in the unit of what it is compared with; row is empty where it is that of all.',
    labels: ['row', 'alert'],
  },
  vigie_sla_incident_open: {
    type: 'gauge',
    help: '1 while an incident is going on, else 0.',
    labels: MEMBER,
  },
  vigie_sla_incident_since_timestamp_seconds: {
    type: 'gauge',
    help: 'When the incident that is going on began, Unix time.',
    labels: MEMBER,
  },
  vigie_sla_incident_bad_seconds: {
    type: 'gauge',
    help: 'Bad time of the incident that is going on; gaps within it are not bad.',
    labels: MEMBER,
  },
  vigie_sla_incident_cause: {
    type: 'gauge',
    help: '1 for each cause seen in the incident that is going on.',
    labels: [...MEMBER, 'cause'],
  },
  vigie_sla_incidents: {
    type: 'gauge',
    help: 'Incidents that began within the last day (1d), or that touch the period (period).',
    labels: [...MEMBER, 'window'],
  },
  vigie_sla_contested_seconds: {
    type: 'gauge',
    help: 'Time in the period in which vantages disagreed.',
    labels: MEMBER,
  },
  vigie_sla_sample_ratio: {
    type: 'gauge',
    help: 'Share of the tests that were met, and the bounds of its 95 % interval: share, lower, upper.',
    labels: [...MEMBER, 'bound'],
  },
  vigie_sla_sample_tests: {
    type: 'gauge',
    help: 'Tests in the period.',
    labels: MEMBER,
  },
  vigie_sla_maintenance: {
    type: 'gauge',
    help: '1 while declared maintenance covers a row member, else 0; mutes pages, and counts as the contract is read.',
    labels: ['row', 'scope'],
  },
  vigie_sla_member_info: {
    type: 'gauge',
    help: 'Always 1; a row member that is watched, and the labels of alerts about it.',
    labels: ['row', 'scope', ...MEMBER_LABELS],
  },
  vigie_sla_member_check: {
    type: 'gauge',
    help: 'Always 1; a check that a row member is composed of.',
    labels: ['row', 'scope', 'check'],
  },
  vigie_sla_coverage_ratio: {
    type: 'gauge',
    help: 'Share of the window that was seen, from 0 to 1.',
    labels: [...MEMBER, 'window'],
  },
} as const satisfies MetricFamily;
