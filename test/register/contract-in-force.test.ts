import { describe, expect, it } from 'vitest';
import { countedNow, missingHolidays, TicketBook } from '../../src/casework/ticket-book.ts';
import { supportFigures } from '../../src/casework/ticket-figures.ts';
import { readTicketEvents } from '../../src/casework/ticket-request.ts';
import type { TicketVerdict } from '../../src/core/ticket.ts';
import { ticketEntry } from '../../src/register/ticket-entry.ts';
import { replayTickets } from '../../src/replay/tickets.ts';
import { REPLACED_AT, TWO_CONTRACTS } from '../contract/replaced-contracts.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const iso = (ms: number): string => new Date(ms).toISOString();
const opened = (at: string, severity: number) => ({
  ...{ ticket: 'INC-1', event: 'opened', at },
  ...{ severity, complete: true },
});
const told = (event: string, at: string) => ({ ticket: 'INC-1', event, at });

async function* linesOf(events: readonly object[]): AsyncGenerator<string> {
  for (const event of events) yield JSON.stringify(event);
}

/** The one ticket of these events, as the books have it; replay must say the same. */
async function verdictAt(at: string, ...events: readonly object[]): Promise<TicketVerdict> {
  const read = readTicketEvents(events, TWO_CONTRACTS);
  if (!read.ok) throw new Error(read.detail);
  const book = new TicketBook(TWO_CONTRACTS);
  book.take(read.events.map((event, i) => ({ ...ticketEntry(event, 1), sequence: i + 1 })));
  const verdicts = book.verdicts(Date.parse(at));
  const replayed = { contracts: TWO_CONTRACTS, lines: linesOf(events), atMs: Date.parse(at) };
  expect(await replayTickets(replayed)).toEqual(verdicts);
  const [verdict] = verdicts;
  if (!verdict) throw new Error('no ticket');
  return verdict;
}

describe('a ticket under two contracts, the second from 1 July 2026 in Paris (SLA10)', () => {
  it.each([
    { openedMs: REPLACED_AT - 1, limit: 30, state: 'met' },
    { openedMs: REPLACED_AT, limit: 15, state: 'breached' },
  ])(
    'answered after 20 minutes: $state when opened at $openedMs, of $limit minutes',
    async ({ openedMs, limit, state }) => {
      const answer = told('responded', iso(openedMs + 20 * MINUTE_MS));
      const { gti } = await verdictAt('2026-07-02T00:00:00Z', opened(iso(openedMs), 1), answer);
      expect(gti).toMatchObject({
        row: 'gti1',
        limitMs: limit * MINUTE_MS,
        elapsedMs: 20 * MINUTE_MS,
        state,
      });
    },
  );

  it('that rises under the second contract goes on by the first', async () => {
    const events = [
      opened('2026-06-30T12:00:00Z', 2),
      { ...told('severity', '2026-07-01T12:00:00Z'), severity: 1 },
    ];
    const { gti, gtr } = await verdictAt('2026-07-01T13:00:00Z', ...events);
    expect([gti?.limitMs, gtr?.limitMs]).toEqual([30 * MINUTE_MS, 4 * HOUR_MS]);
  });

  it.each([
    ['8 to 20: 2 h on Tuesday, 6 h on Wednesday', '2026-06-30T18:00:00+02:00', '2026-07-01T14:00:00+02:00'],
    ['9 to 18, from midnight on', '2026-07-01T00:00:00+02:00', '2026-07-01T17:00:00+02:00'],
    [
      '9 to 18, over 14 July: 1 h on Monday, 7 h on Wednesday',
      '2026-07-13T17:00:00+02:00',
      '2026-07-15T16:00:00+02:00',
    ],
  ])('counts 8 hours of work by the calendar of its opening: %s', async (_, at, due) => {
    const { gtr } = await verdictAt('2026-07-20T00:00:00Z', opened(at, 2));
    expect(gtr).toMatchObject({ deadlineMs: Date.parse(due), limitMs: 8 * HOUR_MS });
  });

  it('may have the severities of the contract of its opening', async () => {
    const early = readTicketEvents(opened(iso(REPLACED_AT - 1), 3), TWO_CONTRACTS);
    expect(early).toMatchObject({
      ok: false,
      detail: expect.stringMatching(/severity" is 3, expected .*: 1, 2$/),
    });
    expect(readTicketEvents(opened(iso(REPLACED_AT), 3), TWO_CONTRACTS)).toMatchObject({ ok: true });
  });

  it('given a severity that the contract of its opening does not know, has no clocks of it', async () => {
    const change = { ...told('severity', '2026-07-01T12:00:00Z'), severity: 3 };
    const { gti, gtr, severity } = await verdictAt(
      '2026-07-02T00:00:00Z',
      opened('2026-06-30T12:00:00Z', 1),
      change,
    );
    expect({ gti, gtr, severity }).toEqual({ gti: null, gtr: null, severity: 3 });
  });

  it('figures for metrics and pushes: warned from 80 % of its own limit', async () => {
    const at = iso(REPLACED_AT + 12 * MINUTE_MS);
    const warned = async (openedMs: number) =>
      supportFigures([await verdictAt(at, opened(iso(openedMs), 1))]).warnings.find(
        ({ clock }) => clock === 'gti',
      )?.count;
    // 12 of 15 minutes are 80 %; 12 min and a millisecond of 30 are 40 %.
    expect([await warned(REPLACED_AT), await warned(REPLACED_AT - 1)]).toEqual([1, 0]);
  });

  it('warns of the holidays of the contract that a clock still counts by, named by its version', async () => {
    const nowMs = Date.parse('2027-01-05T12:00:00Z');
    const open = await verdictAt(iso(nowMs), opened('2026-06-30T12:00:00Z', 2));
    const missing = (tickets: readonly TicketVerdict[]) =>
      missingHolidays(TWO_CONTRACTS, countedNow(tickets, nowMs));
    expect(missing([open])).toEqual([
      'support.calendar.holidays of version old lists dates of 2026 and none of 2027: its holidays count as working days',
    ]);
    expect(missing([{ ...open, resolvedMs: nowMs - 1 }])).toEqual([]);
  });
});
