import { z } from 'zod';
import type { Act } from '../closing/amendment.ts';
import type { ClosedPeriod } from '../core/closed-period.ts';
import { instantJson } from '../core/verdict-json.ts';
import { type Exclusion, foldExclusions } from '../register/exclusions.ts';
import { type ReadTicketLine, readTicketLine } from '../register/ticket-entry.ts';
import type { Ledger, LedgerEntry } from '../window/ledger.ts';

/** What people said, as far as the ledgers were read; each of their lines was understood once. */
export interface Said {
  /** As they stand after all lines. */
  readonly exclusions: readonly Exclusion[];
  readonly tickets: readonly ReadTicketLine[];
  readonly acts: readonly Act[];
  /** Up to which line each ledger was read. */
  readonly ledgers: ClosedPeriod['ledgers'];
}

/** The books that closings draw on. */
export class SaidBooks {
  readonly #ledger: Pick<Ledger, 'entries'>;
  readonly #entered: LedgerEntry[] = [];
  readonly #tickets: ReadTicketLine[] = [];
  readonly #acts: Act[] = [];
  #exclusions: readonly Exclusion[] = [];
  #ledgers: Said['ledgers'] = { exclusions: 0, tickets: 0, audit: 0 };

  constructor(ledger: Pick<Ledger, 'entries'>) {
    this.#ledger = ledger;
  }

  get said(): Said {
    return {
      exclusions: this.#exclusions,
      tickets: this.#tickets,
      acts: this.#acts,
      ledgers: this.#ledgers,
    };
  }

  /** Takes in what was written since. Rejects when the ledger is broken. */
  async catchUp(): Promise<void> {
    await this.#read('exclusions', (entries) => {
      for (const entry of entries) this.#entered.push(entry);
      this.#exclusions = [...foldExclusions(this.#entered).exclusions.values()];
    });
    await this.#read('tickets', (entries) => {
      for (const entry of entries) this.#tickets.push(readTicketLine(entry));
    });
    await this.#read('audit', (entries) => {
      for (const act of actsOf(entries)) this.#acts.push(act);
    });
  }

  async #read(name: keyof Said['ledgers'], take: (news: readonly LedgerEntry[]) => void): Promise<void> {
    const entries = await this.#ledger.entries(name, this.#ledgers[name]);
    // Two who read at once are given the same lines.
    const news = entries.filter(({ sequence }) => sequence > this.#ledgers[name]);
    const last = news.at(-1);
    if (!last) return;
    take(news);
    this.#ledgers = { ...this.#ledgers, [name]: last.sequence };
  }
}

const actSchema = z.object({ who: z.string(), what: z.string(), about: z.string() });

/** What the audit tells, in its order; lines that this version does not understand are passed over. */
export function actsOf(audit: readonly LedgerEntry[]): readonly Act[] {
  return audit.flatMap(({ sequence, atMs, json }) => {
    const act = actSchema.safeParse(parsed(json)).data;
    return act ? [{ sequence, at: instantJson(atMs), who: act.who, act: act.what, about: act.about }] : [];
  });
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}
