import type { ContractHistory } from '../contract/rule-history.ts';
import { supportHistory } from '../contract/support-promise.ts';
import type { TicketEvent } from '../core/ticket.ts';
import { LineError } from '../replay/line-fields.ts';
import { parseTicketLine } from '../replay/ticket-line.ts';

/** Ticket events as they were understood, or what is wrong with the first that is none. */
export type TicketRequest =
  | { readonly ok: true; readonly events: readonly TicketEvent[] }
  | { readonly ok: false; readonly detail: string };

/** Reads one ticket event, or a list of them, in the shape of interfaces.md. */
export function readTicketEvents(data: unknown, contracts: ContractHistory): TicketRequest {
  const promised = supportHistory(contracts);
  const events: TicketEvent[] = [];
  for (const [index, each] of (Array.isArray(data) ? data : [data]).entries()) {
    try {
      events.push(parseTicketLine(JSON.stringify(each), promised));
    } catch (error) {
      if (!(error instanceof LineError)) throw error;
      return { ok: false, detail: Array.isArray(data) ? `[${index}]: ${error.message}` : error.message };
    }
  }
  return { ok: true, events };
}
