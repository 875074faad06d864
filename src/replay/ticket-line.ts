import type { SupportHistory } from '../contract/support-promise.ts';
import { TICKET_EVENTS, type TicketEvent, type TicketEventKind } from '../core/ticket.ts';
import { type Fields, instantField, LineError, parseObject, shown, textField } from './line-fields.ts';

/**
 * Reads one line of a ticket file (interfaces.md): one event. A ticket is opened with a severity that the contract in
 * force then promises something of. Throws {@link LineError}; fields that the event does not have are passed over.
 */
export function parseTicketLine(text: string, promised: SupportHistory): TicketEvent {
  const fields = parseObject(text);
  const about = { ticket: ticketField(fields), atMs: instantField(fields, 'at') };
  const event = eventField(fields);
  if (event === 'severity') return { ...about, event, severity: severityField(fields, promised.severities) };
  if (event !== 'opened') return { ...about, event };
  const severity = severityField(fields, [...promised.at(about.atMs).keys()]);
  return { ...about, event, severity, complete: completeField(fields), ...titleOf(fields) };
}

function ticketField(fields: Fields): string {
  const ticket = textField(fields, 'ticket');
  if (ticket.trim() === '') throw new LineError(`"ticket" is ${shown(ticket)}, expected an id`);
  return ticket;
}

function eventField(fields: Fields): TicketEventKind {
  const event = textField(fields, 'event');
  if (!isEvent(event)) {
    throw new LineError(`"event" is ${shown(event)}, expected one of ${TICKET_EVENTS.join(', ')}`);
  }
  return event;
}

function isEvent(word: string): word is TicketEventKind {
  return (TICKET_EVENTS as readonly string[]).includes(word);
}

function severityField(fields: Fields, severities: readonly number[]): number {
  const { severity } = fields;
  if (typeof severity === 'number' && severities.includes(severity)) return severity;
  const expected =
    severities.length === 0
      ? 'but the contract has no rows of type support'
      : `expected a severity of the contract's support rows: ${severities.join(', ')}`;
  throw new LineError(`"severity" is ${shown(severity)}, ${expected}`);
}

function completeField(fields: Fields): boolean {
  const { complete = false } = fields;
  if (typeof complete === 'boolean') return complete;
  throw new LineError(`"complete" is ${shown(complete)}, expected true or false`);
}

function titleOf(fields: Fields): { readonly title?: string } {
  const title = fields['title'] ?? undefined;
  return title === undefined ? {} : { title: textField(fields, 'title') };
}
