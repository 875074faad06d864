import type { SupportClockState } from '../core/ticket.ts';
import type { TicketJson } from '../core/ticket-json.ts';
import { type Column, layOut } from './columns.ts';
import { compactDuration, NOTHING } from './figures.ts';
import type { Piece, ScreenStyle, Tone } from './style.ts';

const STATES: Readonly<Record<SupportClockState, { readonly sign: string; readonly tone: Tone }>> = {
  breached: { sign: '✗', tone: 'bad' },
  met: { sign: '✓', tone: 'good' },
  running: { sign: '·', tone: 'plain' },
  frozen: { sign: '○', tone: 'doubtful' },
};

type Clock = TicketJson['gti'];

const COLUMNS: readonly Column<TicketJson>[] = [
  { title: 'TICKET', align: 'left', cell: ({ ticket }) => ({ text: ticket }) },
  { title: 'SEVERITY', align: 'right', spare: 3, cell: ({ severity }) => ({ text: String(severity) }) },
  ...clockColumns('GTI', ({ gti }) => gti),
  ...clockColumns('GTR', ({ gtr }) => gtr),
];

function clockColumns(name: string, clockOf: (ticket: TicketJson) => Clock): readonly Column<TicketJson>[] {
  return [
    { title: name, align: 'left', cell: (ticket) => stateCell(clockOf(ticket)) },
    { title: 'USED', align: 'right', spare: 1, cell: (ticket) => ({ text: usedText(clockOf(ticket)) }) },
    {
      title: `${name} DUE`,
      align: 'left',
      spare: 2,
      cell: (ticket) => ({ text: clockOf(ticket)?.deadline ?? NOTHING, tone: 'quiet' }),
    },
  ];
}

function stateCell(clock: Clock): Piece {
  if (!clock) return { text: NOTHING, tone: 'quiet' };
  const { sign, tone } = STATES[clock.state];
  return { text: `${sign} ${clock.state}`, tone };
}

function usedText(clock: Clock): string {
  return clock ? `${compactDuration(clock.elapsedMs)}/${compactDuration(clock.limitMs)}` : NOTHING;
}

/** Support tickets as a table, a line each: the state of both clocks, what is used of the limits, when they are due. */
export function ticketTable(tickets: readonly TicketJson[], style: ScreenStyle): readonly string[] {
  const { heading, lineOf } = layOut(COLUMNS, tickets, style);
  return [heading, ...tickets.map(lineOf)];
}
