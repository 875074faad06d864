import type { TicketEvent } from '../core/ticket.ts';
import { ticketHistory } from '../judge/ticket-history.ts';
import { auditEntry, type Writer } from '../register/audit.ts';
import { ticketEntry, type TicketLine, type TicketLink } from '../register/ticket-entry.ts';
import { troubleText } from '../replay/tickets.ts';
import type { TicketBook } from './ticket-book.ts';
import type { Ledger } from '../window/ledger.ts';

/** What came of entering events: how many were new, or why none was written and which of them is to blame. */
export type TicketAnswer =
  | { readonly ok: true; readonly written: number }
  | { readonly ok: false; readonly detail: string; readonly event?: TicketEvent };

/** What the desk works with. */
export interface TicketDeskOptions {
  readonly ledger: Ledger;
  readonly book: TicketBook;
  readonly nowMs: () => number;
  /** A word that nobody else says; names a line of the audit. */
  readonly nonce: () => string;
}

/**
 * Where ticket events are entered: all of a call, or none. Equal events count once, whoever says them. Rejects when the
 * ledger is broken.
 */
export class TicketDesk {
  readonly #options: TicketDeskOptions;

  constructor(options: TicketDeskOptions) {
    this.#options = options;
  }

  /** Takes in what others have written. */
  async catchUp(): Promise<void> {
    const { ledger, book } = this.#options;
    book.take(await ledger.entries('tickets', book.sequence));
  }

  /** Enters events, in any order; none when one of them cannot have happened, given those that are there. */
  async take(events: readonly TicketEvent[], by: Writer): Promise<TicketAnswer> {
    await this.catchUp();
    for (const [ticket, said] of Map.groupBy(events, (event) => event.ticket)) {
      const known = this.#options.book.ticket(ticket)?.events ?? [];
      const history = ticketHistory([...known, ...said]);
      if ('trouble' in history) return { ok: false, detail: troubleText(history), event: history.event };
    }
    return this.#write(events, by);
  }

  /** Enters that a ticket is about an incident. */
  async link(link: TicketLink, by: Writer): Promise<TicketAnswer> {
    await this.catchUp();
    if (!this.#options.book.ticket(link.ticket))
      return { ok: false, detail: `there is no ticket ${JSON.stringify(link.ticket)}` };
    return this.#write([link], by);
  }

  async #write(lines: readonly TicketLine[], by: Writer): Promise<TicketAnswer> {
    const { ledger, nowMs, nonce } = this.#options;
    const atMs = nowMs();
    const entries = lines.map((line) => ticketEntry(line, atMs));
    const isNew = await ledger.append('tickets', entries);
    const acts = lines
      .filter((_, i) => isNew[i])
      .map(({ ticket, event }) => auditEntry({ what: `ticket ${event}`, about: ticket }, by, atMs, nonce()));
    if (acts.length > 0) await ledger.append('audit', acts);
    await this.catchUp();
    return { ok: true, written: acts.length };
  }
}
