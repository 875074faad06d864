import { MEMBER_LABELS } from './rules/member-labels.ts';

/** What a metric is: its Prometheus type, its one-line help and the names of its labels. */
export interface MetricSpec {
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly help: string;
  readonly labels: readonly string[];
  /** Upper bounds of a histogram's buckets, ascending; +Inf is added. */
  readonly buckets?: readonly number[];
}

const MEMBER = ['row', 'scope', 'reading'] as const;

/**
 * Every metric of vigie. Names and labels are an interface that dashboards and rules rely on; a golden file holds
 * them. Seconds and ratios, never milliseconds or percent; what is not known has no series.
 */
export const CATALOGUE = {
  vigie_build_info: {
    type: 'gauge',
    help: 'Always 1; the version that runs, and the runtime it runs on.',
    labels: ['version', 'node'],
  },
  vigie_probe_observations_total: {
    type: 'counter',
    help: 'Slots observed, by outcome: good, bad or excluded.',
    labels: ['check', 'vantage', 'outcome'],
  },
  vigie_probe_faults_total: {
    type: 'counter',
    help: 'Observations that were not good, by cause.',
    labels: ['check', 'cause'],
  },
  vigie_probe_duration_seconds: {
    type: 'histogram',
    help: 'Latency of the answers that were served, by kind of probe and contract row.',
    labels: ['kind', 'row'],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.5, 1, 2.5, 5, 10],
  },
  vigie_probe_phase_seconds: {
    type: 'gauge',
    help: 'Duration of each phase of the last run; a phase that did not take place has no series.',
    labels: ['check', 'vantage', 'phase'],
  },
  vigie_schedule_holes_total: {
    type: 'counter',
    help: 'Slots that we did not see, for a reason of our own.',
    labels: ['check', 'vantage', 'reason'],
  },
  vigie_schedule_late_seconds: {
    type: 'histogram',
    help: 'How long after the instant it was due, and an identical request a second ago, a run began.',
    labels: [],
    buckets: [0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 1],
  },
  vigie_schedule_held_seconds: {
    type: 'histogram',
    help: 'How long runs that were due waited until an identical request was a second ago.',
    labels: [],
    buckets: [0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 1],
  },
  vigie_event_loop_lag_seconds: {
    type: 'histogram',
    help: 'How late the event loop was beside each sample.',
    labels: [],
    buckets: [0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 1],
  },
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
  vigie_support_deadline_timestamp_seconds: {
    type: 'gauge',
    help: 'The earliest deadline among open support tickets, Unix time.',
    labels: ['clock', 'severity'],
  },
  vigie_support_elapsed_ratio: {
    type: 'gauge',
    help: 'Largest share of its limit that a support clock has used which is going on; over 1 it is breached.',
    labels: ['clock', 'severity'],
  },
  vigie_support_warnings: {
    type: 'gauge',
    help: 'Support clocks that have used 80 % (gti) or 75 % (gtr) of their limit and are not over yet.',
    labels: ['clock', 'severity'],
  },
  vigie_support_clocks: {
    type: 'gauge',
    help: 'Support clocks of all tickets, by state: running, frozen, met or breached.',
    labels: ['clock', 'severity', 'state'],
  },
  vigie_exclusions: {
    type: 'gauge',
    help: 'Exclusions by state: proposed, in-force or withdrawn.',
    labels: ['state'],
  },
  vigie_claim_deadline_timestamp_seconds: {
    type: 'gauge',
    help: 'Until when the breach of a past period may be claimed, Unix time.',
    labels: ['row', 'scope', 'period'],
  },
  vigie_alert_push_total: {
    type: 'counter',
    help: 'Requests to each Alertmanager, by result: accepted, refused, failed, timeout or unreachable.',
    labels: ['alertmanager', 'result'],
  },
  vigie_judge_commit_timestamp_seconds: {
    type: 'gauge',
    help: 'When the judge last committed, Unix time.',
    labels: [],
  },
  vigie_judge_leading: {
    type: 'gauge',
    help: 'Whether this judge leads, 1, or judges beside the one that does, 0.',
    labels: [],
  },
  vigie_vantage_heard: {
    type: 'gauge',
    help: 'Whether anything is heard of an expected vantage: 1 or 0.',
    labels: ['vantage'],
  },
  vigie_vantage_members: {
    type: 'gauge',
    help: 'Processes that look from a vantage.',
    labels: ['vantage'],
  },
  vigie_window_clock_offset_seconds: {
    type: 'gauge',
    help: 'Our clock less that of the shared windows.',
    labels: [],
  },
  vigie_evidence_archived_timestamp_seconds: {
    type: 'gauge',
    help: 'Up to when evidence is archived, Unix time; no series where nothing is archived.',
    labels: [],
  },
  vigie_window_up: {
    type: 'gauge',
    help: 'Whether the window store takes writes: 1 or 0.',
    labels: [],
  },
  vigie_spill_slots: {
    type: 'gauge',
    help: 'Observations that wait locally for the window store to come back.',
    labels: [],
  },
  vigie_spill_dropped_slots: {
    type: 'gauge',
    help: 'Observations that were lost since the start, for want of room to keep them.',
    labels: [],
  },
  vigie_config_last_reload_successful: {
    type: 'gauge',
    help: 'Whether the last reading of the configuration succeeded: 1 or 0.',
    labels: [],
  },
  vigie_config_last_reload_success_timestamp_seconds: {
    type: 'gauge',
    help: 'When the configuration that runs was read, Unix time.',
    labels: [],
  },
  process_start_time_seconds: { type: 'gauge', help: 'When the process started, Unix time.', labels: [] },
  process_cpu_seconds_total: { type: 'counter', help: 'User and system CPU time spent.', labels: [] },
  process_resident_memory_bytes: { type: 'gauge', help: 'Resident memory size.', labels: [] },
  process_open_fds: { type: 'gauge', help: 'Open file descriptors.', labels: [] },
} as const satisfies Readonly<Record<string, MetricSpec>>;

/** The name of a metric of vigie. */
export type MetricName = keyof typeof CATALOGUE;

/** The labels of a metric, all of them. */
export type LabelsOf<N extends MetricName> = Readonly<
  Record<(typeof CATALOGUE)[N]['labels'][number], string>
>;
