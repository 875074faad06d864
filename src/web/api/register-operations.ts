import type { TicketJson } from '../../core/ticket-json.ts';
import type { ExclusionJson, RegisterSource } from '../register-source.ts';
import type { Answer } from './answer.ts';
import type { TableRow } from './csv.ts';
import { operation, type Operation } from './operation.ts';
import { pageOf } from './page.ts';
import { afterQuery, limitQuery } from './query.ts';
import { claimSchema, exclusionsSchema, ticketsSchema } from './schemas/register.ts';

const PAGED = { limit: limitQuery(1_000, 10_000), after: afterQuery };
const GONE: Answer = { status: 422, detail: 'after names no item of the list any more; begin anew' };

/** What the register holds. */
export function registerOperations(register: RegisterSource): readonly Operation[] {
  return [
    operation({
      path: '/api/exclusions',
      summary: 'Declared exclusions with all that happened to them, those of the configuration first.',
      query: PAGED,
      answer: exclusionsSchema,
      formats: ['json', 'csv'],
      isPrivate: true,
      handle(wanted) {
        const page = pageOf(register.exclusions(), ({ id }) => id, wanted);
        if (!page) return GONE;
        const { items: exclusions, next } = page;
        const rows = exclusions.map(exclusionCells);
        return {
          json: { exclusions, next },
          table: { name: 'exclusions', columns: EXCLUSION_COLUMNS, rows },
          next,
        };
      },
    }),
    operation({
      path: '/api/tickets',
      summary: 'Support tickets and how their clocks stand.',
      query: PAGED,
      answer: ticketsSchema,
      formats: ['json', 'csv'],
      isPrivate: true,
      handle(wanted) {
        const page = pageOf(register.tickets(), ({ ticket }) => ticket, wanted);
        if (!page) return GONE;
        const { items: tickets, next } = page;
        const rows = tickets.map(ticketCells);
        return { json: { tickets, next }, table: { name: 'tickets', columns: TICKET_COLUMNS, rows }, next };
      },
    }),
    operation({
      path: '/api/tickets/{id}/claim',
      summary:
        'What to ask the provider for a ticket: its incidents with times, causes, samples, request ids.',
      query: {},
      answer: claimSchema,
      isPrivate: true,
      async handle(_, context) {
        const answer = await register.claim(context.req.param('id') ?? '');
        return answer.ok ? { json: answer.body } : { status: answer.status, detail: answer.detail };
      },
    }),
  ];
}

const EXCLUSION_COLUMNS = [
  ...['id', 'state', 'kind', 'from', 'to', 'rows', 'checks', 'scopes', 'reason', 'author', 'evidence'],
  ...['source', 'enteredAt', 'afterTheFact'],
];

function exclusionCells(exclusion: ExclusionJson): TableRow {
  const { spans: _, history: __, ...cells } = exclusion;
  return cells;
}

const TICKET_COLUMNS = [
  ...['ticket', 'title', 'severity', 'opened', 'complete', 'answered', 'resolved'],
  ...['gtiState', 'gtiElapsedMs', 'gtiLimitMs', 'gtiDeadline'],
  ...['gtrState', 'gtrElapsedMs', 'gtrLimitMs', 'gtrDeadline'],
];

function ticketCells({ gti, gtr, ...cells }: TicketJson): TableRow {
  return { ...cells, ...clockCells('gti', gti), ...clockCells('gtr', gtr) };
}

function clockCells(name: string, clock: TicketJson['gti']): TableRow {
  return {
    [`${name}State`]: clock?.state ?? null,
    [`${name}ElapsedMs`]: clock?.elapsedMs ?? null,
    [`${name}LimitMs`]: clock?.limitMs ?? null,
    [`${name}Deadline`]: clock?.deadline ?? null,
  };
}
