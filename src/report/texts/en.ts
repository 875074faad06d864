import type { ReportTexts, VerdictWords } from './texts.ts';

const PERIODS = { month: 'a month', year: 'a year' } as const;

function verdict({ state, counted, budget, unknown, target }: VerdictWords): string {
  const unseen = unknown === null ? '' : ` ${unknown} of it was not seen.`;
  const against = budget === null ? `${counted} counted` : `${counted} counted, ${budget} allowed`;
  switch (state) {
    case 'breached':
      return `Breached, whatever was not seen: ${against}.${unseen}`;
    case 'met':
      return `Met, even if all that was not seen was bad: ${against}.${unseen}`;
    case 'on-track':
      return `On track: ${against} so far.${unseen}`;
    case 'undecided':
      return `Undecided: ${against}; the figure lies within what was not seen.${unseen}`;
    case 'not-falsified':
      return `Nothing seen speaks against the ${target ?? ''} % promised, which sampling can disprove and never prove.`;
    case 'not-applicable':
      return `Not applicable, since the deployment does not cover every subregion; measured all the same: ${against}.${unseen}`;
    case 'no-commitment':
      return 'Nothing is promised.';
  }
}

/** English. */
export const en: ReportTexts = {
  language: 'en',
  title: (contract, period) => `Service levels under ${contract}, ${period}`,
  provisional: 'Provisional: this period is not closed, and every figure may still change.',
  amended: (number) => `Amendment ${number}: it stands beside the closing before it, which stays as it is.`,
  span: (from, to) => `From ${from} (included) to ${to} (not included).`,
  judgedAt: (at, version) =>
    `Judged as of ${at} by vigie ${version}; nothing at or after that instant was used.`,
  states: {
    breached: 'Breached',
    met: 'Met',
    'on-track': 'On track',
    undecided: 'Undecided',
    'not-falsified': 'Not falsified',
    'not-applicable': 'Not applicable',
    'no-commitment': 'No commitment',
  },
  clockStates: { running: 'Running', met: 'Met', breached: 'Breached', frozen: 'Waiting for the client' },
  kinds: {
    maintenance: 'Maintenance',
    attack: 'Attack',
    'client-action': 'The client’s own action',
    'force-majeure': 'Force majeure',
    'provider-agreed': 'Agreed with the provider',
  },
  afterTheFact: {
    before: 'entered before it began',
    begun: 'entered after it had begun',
    ended: 'entered after the fact',
    unknown: 'nobody noted when it was entered',
  },
  exclusionStates: {
    proposed: 'proposed, counts for nothing',
    'in-force': 'in force',
    withdrawn: 'withdrawn',
  },
  verdict,
  otherPeriod: {
    month: 'Judged by the month: see the reports of the months.',
    year: 'Judged by the year: see the report of the year.',
  },
  ofTickets: (met, breached, going) => `Tickets: ${met} met, ${breached} breached, ${going} still going.`,
  noTickets: 'No ticket.',
  headings: {
    cover: 'Verdict by clause',
    rows: 'Row by row',
    measured: 'Measured',
    incidents: 'Incidents',
    exclusions: 'Exclusions',
    kinds: 'With and without each kind of exclusion',
    tickets: 'Support tickets',
    penalties: 'Penalties, by the terms of the contract file',
    amendment: 'What was changed, and by whom',
    changedFigures: 'Both figures',
    method: 'Method',
    digests: 'Digests (SHA-256)',
  },
  columns: {
    clause: 'Clause',
    promise: 'Promise',
    scope: 'Of',
    reading: 'Read as by',
    period: 'Period',
    state: 'Verdict',
    target: 'Promised',
    budget: 'Allowed',
    best: 'Down at least',
    estimate: 'Down, estimate',
    worst: 'Down at most',
    raw: 'Before deduction',
    excluded: 'Excluded',
    unknown: 'Not seen',
    coverage: 'Coverage',
    availability: 'Availability',
    from: 'Start',
    to: 'End',
    duration: 'Duration',
    bad: 'Bad time',
    deducted: 'Deducted',
    outside: 'Outside the period',
    counted: 'Counted',
    causes: 'Causes',
    checks: 'Checks',
    id: 'Exclusion',
    kind: 'Kind',
    spans: 'When',
    author: 'Author',
    reason: 'Reason',
    entered: 'Entered',
    effect: 'Taken out',
    covers: 'Bad time covered',
    with: 'With it excluded',
    without: 'With it counted',
    ticket: 'Ticket',
    title: 'Title',
    severity: 'Severity',
    clock: 'Clock',
    limit: 'Limit',
    elapsed: 'Elapsed',
    deadline: 'Deadline',
    certain: 'Certain',
    likely: 'Estimate',
    atMost: 'At most',
    claimBy: 'Claim by',
    was: 'Was',
    is: 'Is',
    what: 'Of',
    digest: 'Digest',
    parameters: 'Parameters',
  },
  nothing: 'None.',
  promised: (target, period) => `Promised: ${target} %${period ? ` of ${PERIODS[period]}` : ''}.`,
  limit: (limit) => `Limit: ${limit}.`,
  star: 'Holds only for a deployment over every subregion.',
  honoured: { yes: 'yes', no: 'no, it counts' },
  open: 'goes on',
  changes: {
    observations: (check) => `Observations of ${check} came late.`,
    exclusion: (id, event, author, at, reason) =>
      `Exclusion ${id} was ${event} by ${author}, ${at}: ${reason}`,
    ticket: (ticket, acts) => `Ticket ${ticket}: ${acts}`,
    nobody: 'nobody noted',
  },
  method: [
    'Each check looks at its target in slots of fixed length from one or several vantages. A slot is down when a majority of the vantages that are expected saw it bad, up when a majority saw it good, and unknown otherwise; where one vantage alone looks, bad slots are believed once several follow one another.',
    'Three timelines bound the truth: at least (only what is certain), the estimate, and at most (all that was not seen taken for bad). A promise is called breached only if it is breached at least, and met only if it is met at most.',
    'Bad runs that are no further apart than the merge gap are one incident. Incidents shorter than the minimum do not count; the deduction is taken off the beginning of each; what lies outside the period is clipped. Whatever is left counts against the budget, which follows from the true length of the period in the contract’s zone. All arithmetic is in whole milliseconds and exact fractions.',
    'What the text of the contract leaves open is answered by readings, side by side. Exclusions are declared by people; each figure is given with and without each kind of them.',
  ],
  methodOfRow: ({ length, borne, mergeGap, minimum, deduct }) =>
    `length ${length}; share borne ${borne}; merge gap ${mergeGap}; minimum ${minimum}; deduction ${deduct}`,
};
