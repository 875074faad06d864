/** A worked example of sla-math §9: when a ticket of severity 3 is opened, complete, and by when it is to be resolved. */
export interface DeadlineExample {
  readonly name: string;
  readonly opened: string;
  readonly holidays: 'none' | 'fr';
  readonly due: string;
}

/** Examples L, M and N. */
export const DEADLINES: readonly DeadlineExample[] = [
  {
    name: 'L: Thu 30 April 15:00',
    opened: '2026-04-30T15:00:00+02:00',
    holidays: 'none',
    due: '2026-05-06T15:00:00+02:00',
  },
  {
    name: 'L: the same with French holidays',
    opened: '2026-04-30T15:00:00+02:00',
    holidays: 'fr',
    due: '2026-05-07T15:00:00+02:00',
  },
  {
    name: 'M: Fri 27 March 18:00, DST Sunday between',
    opened: '2026-03-27T18:00:00+01:00',
    holidays: 'none',
    due: '2026-04-02T18:00:00+02:00',
  },
  {
    name: 'N: Sat 2 May 03:00',
    opened: '2026-05-02T03:00:00+02:00',
    holidays: 'none',
    due: '2026-05-07T20:00:00+02:00',
  },
];

/** Example O: support waits for the client over a weekend, and how much of that each severity takes out, in minutes. */
export const WAIT = {
  opened: '2026-03-06T19:00:00+01:00',
  waiting: '2026-03-06T19:30:00+01:00',
  resumed: '2026-03-09T08:10:00+01:00',
  at: '2026-03-09T09:00:00+01:00',
  minutesOut: [
    { severity: 3, minutes: 40 },
    { severity: 1, minutes: 60 * 60 + 40 },
    { severity: 2, minutes: 60 * 60 + 40 },
  ],
} as const;
