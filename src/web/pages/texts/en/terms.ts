import type { Cause } from '../../../../core/cause.ts';
import type { ExclusionKind } from '../../../../core/exclusion.ts';
import type { SupportClockState } from '../../../../core/ticket.ts';
import type { VerdictState } from '../../../../core/verdict.ts';
import type { SlotOutcome } from '../../page-sources.ts';

const states: Readonly<Record<VerdictState | 'not-watched', string>> = {
  breached: 'Breached',
  met: 'Met',
  'on-track': 'On track',
  undecided: 'Undecided',
  'not-falsified': 'Not falsified',
  'not-applicable': 'Not applicable',
  'no-commitment': 'No commitment',
  'not-watched': 'Not watched',
};

const stateMeanings: Readonly<Record<VerdictState, string>> = {
  breached: 'The promise is broken for this period, whatever was not seen and whatever still comes.',
  met: 'The period is over and the promise was kept, even if all that was not seen had been bad.',
  'on-track': 'The promise holds so far, even if all that was not seen was bad.',
  undecided: 'The figure lies within what was not seen: neither kept nor broken can be shown.',
  'not-falsified': 'Nothing seen speaks against the promise, which sampling can disprove and never prove.',
  'not-applicable':
    'The deployment does not cover every subregion, so this may not be claimed; it is measured all the same.',
  'no-commitment': 'Nothing is promised here.',
};

const clockStates: Readonly<Record<SupportClockState, string>> = {
  running: 'Running',
  met: 'Met',
  breached: 'Breached',
  frozen: 'Waiting for the client',
};

const outcomes: Readonly<Record<SlotOutcome, string>> = {
  good: 'good',
  bad: 'bad',
  excluded: 'excluded',
  absent: 'not seen',
  waiting: 'waiting',
};

const kinds: Readonly<Record<ExclusionKind, string>> = {
  maintenance: 'Maintenance',
  attack: 'Attack',
  'client-action': 'The client’s own action',
  'force-majeure': 'Force majeure',
  'provider-agreed': 'Agreed with the provider',
};

const types = {
  availability: 'Availability',
  'latency-bound': 'Latency bound',
  'sampled-share': 'Share of tests',
  durability: 'Durability',
  support: 'Support',
  none: 'No commitment',
};

const causes: Readonly<Record<Cause, string>> = {
  resolve: 'name does not resolve',
  refused: 'connection refused',
  connect: 'no connection',
  tls: 'TLS failure',
  timeout: 'no answer in time',
  protocol: 'answer not of the protocol',
  reset: 'connection reset',
  slow: 'answer too slow',
  status: 'wrong status',
  content: 'wrong content',
  certificate: 'certificate',
  rcode: 'DNS error code',
  offset: 'clock off',
  unsynchronised: 'clock not synchronised',
  unexpected: 'unexpected answer',
  stale: 'stale',
  altered: 'data altered',
  lost: 'data lost',
  'platform-throttle': 'platform throttled',
  'cannot-restart': 'cannot be restarted',
  throttled: 'throttled by our own use',
  locked: 'locked out',
  'no-backend': 'no healthy backend of ours',
  'client-stop': 'stopped by the client',
  'not-restarted': 'not restarted by the client',
  'client-quota': 'the client’s quota',
  credentials: 'our credentials',
  'clock-skew': 'our clock',
  'local-network': 'our own network',
  'local-resource': 'our own machine',
  'loop-late': 'our own process was late',
  skipped: 'slot missed',
  bug: 'a bug of the probe',
};

/** The words of states, outcomes, kinds and causes, which all pages use, in English. */
export const terms = { states, stateMeanings, clockStates, outcomes, kinds, types, causes };
