import type { Contract } from '../contract/schema.ts';
import { supportPromises } from '../contract/support-promise.ts';
import type { TicketEvent } from '../core/ticket.ts';
import { LineError } from '../replay/line-fields.ts';
import { parseTicketLine } from '../replay/ticket-line.ts';

/** Ticket events as they were understood, or what is wrong with the first that is none. */
export type TicketRequest =
  | { readonly ok: true; readonly events: readonly TicketEvent[] }
  | { readonly ok: false; readonly detail: string };

/** Reads one ticket event, or a list of them, in the shape of interfaces.md. */
export function readTicketEvents(data: unknown, contract: Contract): TicketRequest {
  const severities = [...supportPromises(contract).keys()];
  const events: TicketEvent[] = [];
  for (const [index, each] of (Array.isArray(data) ? data : [data]).entries()) {
    try {
      events.push(parseTicketLine(JSON.stringify(each), severities));
    } catch (error) {
      if (!(error instanceof LineError)) throw error;
      return { ok: false, detail: Array.isArray(data) ? `[${index}]: ${error.message}` : error.message };
    }
  }
  return { ok: true, events };
}
