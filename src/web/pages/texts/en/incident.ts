/** The words of the page of an incident, in English. */
export const incident = {
  title: 'Incident',
  began: 'Began',
  ended: 'Ended',
  perReading: 'What counts of it',
  counting: 'How it is counted',
  sum: (bad: string, deducted: string, outside: string, counted: string) =>
    `${bad} bad − ${deducted} deducted − ${outside} outside the period = ${counted} counted`,
  tooShort: (bad: string) => `${bad} bad: too short to count`,
  notUnder: 'no incident under this reading',
  samples: 'Samples',
  samplesNote: 'What each vantage noted of the slots that were not good.',
  notWhole: 'There are more samples than are shown here.',
  noSamples: 'No sample of it is kept any more.',
  at: 'Slot',
  outcome: 'Outcome',
  cause: 'Cause',
  evidence: 'Evidence',
  requestId: 'Request',
  exclusions: 'Declared exclusions that touch it',
  back: 'The row',
  gone: 'No incident begins at this instant now. Data that came late may have moved it; these are the incidents of the row.',
};
