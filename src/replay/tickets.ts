import type { ContractHistory } from '../contract/rule-history.ts';
import { supportHistory } from '../contract/support-promise.ts';
import type { TicketEvent, TicketVerdict } from '../core/ticket.ts';
import { judgeTicket } from '../judge/support-clock.ts';
import type { TicketTrouble, TicketTroubleCode } from '../judge/ticket-history.ts';
import { instantJson } from '../core/verdict-json.ts';
import { ReplayError, readLines } from './read-lines.ts';
import { parseTicketLine } from './ticket-line.ts';

/** Tickets that are to be judged from a file. */
export interface TicketsRequest {
  /** Each ticket is judged by the one that held when it was opened. */
  readonly contracts: ContractHistory;
  /** The lines of a ticket file, without their line ends; in any order. */
  readonly lines: AsyncIterable<string>;
  /** The instant to judge at: no event at or after it is used, and no ticket that was opened then. */
  readonly atMs: number;
}

/** How each ticket of a file stands, by id. Throws {@link ReplayError} for a line that cannot be read or be true. */
export async function replayTickets(request: TicketsRequest): Promise<readonly TicketVerdict[]> {
  const { contracts, lines, atMs } = request;
  const promised = supportHistory(contracts);
  const lineOf = new Map<TicketEvent, number>();
  const events = await readLines(lines, (text, line) => {
    const event = parseTicketLine(text, promised);
    lineOf.set(event, line);
    return event;
  });
  const past = Map.groupBy(
    events.filter((event) => event.atMs < atMs),
    ({ ticket }) => ticket,
  );
  const verdicts: TicketVerdict[] = [];
  for (const ticket of [...past.keys()].sort()) {
    const result = judgeTicket(past.get(ticket) ?? [], promised.at, atMs);
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
export function troubleText({ trouble, event, first }: TicketTrouble): string {
  const said = event.event === 'opened' && first ? `, which said ${differing(first, event)}` : '';
  return `ticket ${JSON.stringify(event.ticket)}: "${event.event}" at ${instantJson(event.atMs)}, ${TROUBLES[trouble]}${said}`;
}

type Opened = Extract<TicketEvent, { event: 'opened' }>;

/** What the first opening of a ticket says otherwise than another. */
function differing(first: Opened, other: Opened): string {
  return [
    ...(first.atMs === other.atMs ? [] : [`at ${instantJson(first.atMs)}`]),
    ...(first.severity === other.severity ? [] : [`severity ${first.severity}`]),
    ...(first.complete === other.complete ? [] : [first.complete ? 'complete' : 'not complete']),
    ...(first.title === other.title
      ? []
      : [first.title === undefined ? 'no title' : `title ${JSON.stringify(first.title)}`]),
  ].join(', ');
}
