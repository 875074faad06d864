import { describe, expect, it } from 'vitest';
import type { Contract } from '../../src/contract/schema.ts';
import type { TicketVerdict } from '../../src/core/ticket.ts';
import { replayTickets } from '../../src/replay/tickets.ts';
import { shippedContract } from '../judge/ticket-events.ts';
import { DEADLINES, WAIT } from '../register/clock-examples.ts';

const HOUR_MS = 3_600_000;
const SHIPPED = shippedContract();

async function* linesOf(events: readonly object[]): AsyncGenerator<string> {
  for (const event of events) yield JSON.stringify({ ticket: 'INC-1', ...event });
}

const replayed = (at: string, events: readonly object[], contract: Contract = SHIPPED) =>
  replayTickets({ contracts: { contract }, lines: linesOf(events), atMs: Date.parse(at) });

async function only(at: string, events: readonly object[], contract?: Contract): Promise<TicketVerdict> {
  const [verdict, ...others] = await replayed(at, events, contract);
  if (!verdict || others.length > 0) throw new Error('not one ticket');
  return verdict;
}

const opened = (at: string, severity: number): object => ({ event: 'opened', at, severity, complete: true });

describe('worked examples, through replay', () => {
  const CONTRACTS = { none: SHIPPED, fr: shippedContract('holidays: none', 'holidays: fr') };

  it.each(DEADLINES)(
    '$name, severity 3: GTR due as the table says, met then and breached after',
    async ({ opened: at, holidays, due }) => {
      const contract = CONTRACTS[holidays];
      const dueMs = Date.parse(due);
      const { gtr } = await only(due, [opened(at, 3)], contract);
      expect(gtr).toMatchObject({
        deadlineMs: dueMs,
        limitMs: 48 * HOUR_MS,
        elapsedMs: 48 * HOUR_MS,
        state: 'running',
      });
      const resolved = [opened(at, 3), { event: 'resolved', at: due }];
      expect((await only('2027-01-01T00:00:00Z', resolved, contract)).gtr?.state).toBe('met');
      const nextWeek = new Date(dueMs + 7 * 24 * HOUR_MS).toISOString();
      expect((await only(nextWeek, [opened(at, 3)], contract)).gtr?.state).toBe('breached');
    },
  );

  it('N: the clock of severity 3 starts on Monday at 8:00', async () => {
    const opening = opened('2026-05-02T03:00:00+02:00', 3);
    expect((await only('2026-05-04T08:00:00+02:00', [opening])).gtr?.elapsedMs).toBe(0);
    expect((await only('2026-05-04T08:01:00+02:00', [opening])).gtr?.elapsedMs).toBe(60_000);
  });

  it.each(WAIT.minutesOut)(
    'O: a wait from Fri 19:30 to Mon 08:10, severity $severity: $minutes min taken out',
    async ({ severity, minutes }) => {
      const opening = opened(WAIT.opened, severity);
      const wait = [
        { event: 'waiting', at: WAIT.waiting },
        { event: 'resumed', at: WAIT.resumed },
      ];
      const without = await only(WAIT.at, [opening]);
      const withWait = await only(WAIT.at, [opening, ...wait]);
      expect((without.gtr?.elapsedMs ?? 0) - (withWait.gtr?.elapsedMs ?? 0)).toBe(minutes * 60_000);
    },
  );
});

describe('replayTickets', () => {
  it('orders tickets by id, and uses nothing at or after the instant', async () => {
    const at = '2026-03-02T10:00:00Z';
    const events = [
      { ticket: 'b', event: 'opened', at: '2026-03-02T09:00:00Z', severity: 1 },
      { ticket: 'B', event: 'opened', at: '2026-03-02T09:00:00Z', severity: 1 },
      { ticket: 'a', event: 'opened', at: '2026-03-02T09:00:00Z', severity: 1 },
      { ticket: 'a', event: 'responded', at },
      { ticket: 'later', event: 'opened', at, severity: 1 },
      { ticket: 'a', event: 'resumed', at: '2026-03-02T11:00:00Z' },
    ];
    const verdicts = await replayed(at, events);
    expect(verdicts.map(({ ticket, answeredMs }) => [ticket, answeredMs])).toEqual([
      ['B', null],
      ['a', null],
      ['b', null],
    ]);
  });

  it.each([
    [
      'resolved before it was opened',
      [opened('2026-03-02T10:00:00Z', 1), { event: 'resolved', at: '2026-03-02T09:00:00Z' }],
      {
        line: 2,
        message: 'ticket "INC-1": "resolved" at 2026-03-02T09:00:00.000Z, before the ticket was opened',
      },
    ],
    [
      'never opened',
      [{ ticket: 'INC-9', event: 'responded', at: '2026-03-02T09:00:00Z' }],
      {
        line: 1,
        message:
          'ticket "INC-9": "responded" at 2026-03-02T09:00:00.000Z, but the ticket has no "opened" before the instant that is judged at',
      },
    ],
    [
      'resumed without waiting',
      [opened('2026-03-02T08:00:00Z', 1), { event: 'resumed', at: '2026-03-02T09:00:00Z' }],
      {
        line: 2,
        message:
          'ticket "INC-1": "resumed" at 2026-03-02T09:00:00.000Z, but support was not waiting for the client',
      },
    ],
    [
      'of a severity that does not exist',
      [opened('2026-03-02T08:00:00Z', 4)],
      { line: 1, message: '"severity" is 4, expected a severity of the contract\'s support rows: 1, 2, 3' },
    ],
  ])('a ticket %s is an error with its line', async (_, events, error) => {
    await expect(replayed('2026-04-01T00:00:00Z', events)).rejects.toMatchObject(error);
  });
});
