import type { MetricFamily } from './metric-spec.ts';

/** What people deal with: support tickets and their clocks, exclusions, and claims. */
export const CASEWORK = {
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
} as const satisfies MetricFamily;
