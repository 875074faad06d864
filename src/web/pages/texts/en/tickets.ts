/** The words of the page of tickets and their clocks, in English. */
export const tickets = {
  title: 'Tickets',
  caption: 'Support tickets and their clocks',
  none: 'There is no ticket.',
  ticket: 'Ticket',
  severity: 'Severity',
  opened: 'Opened',
  status: 'Status',
  open: 'Open',
  resolved: 'Resolved',
  incomplete: 'Information is missing',
  gti: 'First answer',
  gtr: 'Recovery',
  nothingPromised: 'nothing promised',
  used: (elapsed: string, limit: string) => `${elapsed} of ${limit}`,
  due: 'due',
  dueIn: 'in',
  overdue: 'over by',
  ifAnswered: 'if answered now',
  headline: (open: number, breached: number) =>
    `${open} open, ${breached} ${breached === 1 ? 'clock' : 'clocks'} breached`,
  usedLabel: (share: string) => `${share} of the limit used`,
};
