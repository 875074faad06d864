import type { Contract } from '../contract/schema.ts';
import { supportPromises } from '../contract/support-promise.ts';
import type { TicketEvent, TicketVerdict } from '../core/ticket.ts';
import { judgeTicket } from '../judge/support-clock.ts';
import type { TicketTrouble, TicketTroubleCode } from '../judge/ticket-history.ts';
import { ReplayError, readLines } from './read-lines.ts';
import { parseTicketLine } from './ticket-line.ts';

/** Tickets that are to be judged from a file. */
export interface TicketsRequest {
  readonly contract: Contract;
  /** The lines of a ticket file, without their line ends; in any order. */
  readonly lines: AsyncIterable<string>;
  /** The instant to judge at: no event at or after it is used, and no ticket that was opened then. */
  readonly atMs: number;
}

/** How each ticket of a file stands, by id. Throws {@link ReplayError} for a line that cannot be read or be true. */
export async function replayTickets(request: TicketsRequest): Promise<readonly TicketVerdict[]> {
  const { contract, lines, atMs } = request;
  const promises = supportPromises(contract);
  const severities = [...promises.keys()];
  const lineOf = new Map<TicketEvent, number>();
  const events = await readLines(lines, (text, line) => {
    const event = parseTicketLine(text, severities);
    lineOf.set(event, line);
    return event;
  });
  const past = Map.groupBy(
    events.filter((event) => event.atMs < atMs),
    ({ ticket }) => ticket,
  );
  const verdicts: TicketVerdict[] = [];
  for (const ticket of [...past.keys()].sort()) {
    const result = judgeTicket(past.get(ticket) ?? [], promises, atMs);
    if ('trouble' in result) throw new ReplayError(lineOf.get(result.event) ?? 0, troubleText(result));
    verdicts.push(result);
  }
  return verdicts;
}

const TROUBLES: Readonly<Record<TicketTroubleCode, string>> = {
  'never-opened': 'but the ticket has no "opened" before the instant that is judged at',
  'opened-twice': 'otherwise than the first time',
  'before-opened': 'before the ticket was opened',
  'two-severities': 'but at that instant it was given another severity as well',
  'not-waiting': 'but support was not waiting for the client',
  'not-resolved': 'but the ticket was not resolved',
};

/** An event that cannot have happened, in words. */
export function troubleText({ trouble, event }: TicketTrouble): string {
  const at = new Date(event.atMs).toISOString();
  return `ticket ${JSON.stringify(event.ticket)}: "${event.event}" at ${at}, ${TROUBLES[trouble]}`;
}
