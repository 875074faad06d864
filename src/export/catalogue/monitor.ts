import type { MetricFamily } from './metric-spec.ts';

/** The monitor itself: what runs, what it judges, pushes, keeps and archives, and the process it is. */
export const MONITOR = {
  vigie_build_info: {
    type: 'gauge',
    help: 'Always 1; the version that runs, and the runtime it runs on.',
    labels: ['version', 'node'],
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
} as const satisfies MetricFamily;
