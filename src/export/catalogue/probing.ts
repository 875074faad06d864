import type { MetricFamily } from './metric-spec.ts';

/** What probes saw, how long they took, and how well they kept their time. */
export const PROBING = {
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
} as const satisfies MetricFamily;
