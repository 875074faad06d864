import { z } from 'zod';
import type { Act } from '../closing/amendment.ts';
import { closedExclusions } from '../closing/closed-exclusions.ts';
import { knownWithin, timelineFromMs, timelineWithin, transitionLine } from '../closing/judged-timeline.ts';
import type { ClosedExclusion, ClosedPeriod } from '../core/closed-period.ts';
import type { DeclaredExclusion } from '../core/exclusion.ts';
import type { TicketVerdict } from '../core/ticket.ts';
import type { Transition } from '../core/timeline.ts';
import { instantJson } from '../core/verdict-json.ts';
import type { Period } from '../core/verdict.ts';
import type { FrozenRules } from '../casework/frozen-judging.ts';
import { configuredExclusions, foldExclusions } from '../register/exclusions.ts';
import { TicketBook } from '../casework/ticket-book.ts';
import type { Ledger, LedgerEntry } from '../window/ledger.ts';
import type { JudgedCheck } from '../window/store.ts';

/** What people said, as the ledgers hold it. */
export interface Said {
  readonly exclusions: readonly LedgerEntry[];
  readonly tickets: readonly LedgerEntry[];
  readonly audit: readonly LedgerEntry[];
}

/** The books that closings draw on, read as far as they go. */
export class SaidBooks {
  readonly #ledger: Pick<Ledger, 'entries'>;
  readonly #books = { exclusions: [], tickets: [], audit: [] } as Record<keyof Said, LedgerEntry[]>;

  constructor(ledger: Pick<Ledger, 'entries'>) {
    this.#ledger = ledger;
  }

  get said(): Said {
    return this.#books;
  }

  /** Takes in what was written since; whether anything was. Rejects when the ledger is broken. */
  async catchUp(): Promise<boolean> {
    let isNew = false;
    for (const name of ['exclusions', 'tickets', 'audit'] as const) {
      const book = this.#books[name];
      const last = book.at(-1)?.sequence ?? 0;
      const news = (await this.#ledger.entries(name, last)).filter(({ sequence }) => sequence > last);
      book.push(...news);
      isNew ||= news.length > 0;
    }
    return isNew;
  }
}

/** What a period is judged from, besides its rules. */
export interface ClosingMaterial {
  readonly timelines: ReadonlyMap<string, readonly Transition[]>;
  readonly exclusions: readonly ClosedExclusion[];
  readonly tickets: readonly TicketVerdict[];
  readonly ledgers: ClosedPeriod['ledgers'];
}

/** Where the material of a closing comes from. */
export interface MaterialSources {
  readonly rules: FrozenRules;
  readonly period: Period;
  readonly atMs: number;
  /** By check, within what a closing of the period looks at. */
  readonly timelines: ReadonlyMap<string, readonly Transition[]>;
  readonly configured: readonly DeclaredExclusion[];
  readonly said: Said;
}

/** The timelines of checks that were judged, within what a closing of a period at `atMs` looks at. */
export function judgedTimelines(
  judged: readonly JudgedCheck[],
  { fromMs }: Period,
  atMs: number,
): ReadonlyMap<string, readonly Transition[]> {
  return new Map(
    judged
      .map((one) => [one.check, knownWithin(one, timelineFromMs(fromMs), atMs)] as const)
      .filter(([, timeline]) => timeline.length > 0),
  );
}

/** Cuts what is known to what a closing of a period looks at. */
export function closingMaterial(sources: MaterialSources): ClosingMaterial {
  const { rules, period, atMs, timelines, said } = sources;
  const fromMs = timelineFromMs(period.fromMs);
  return {
    timelines,
    exclusions: exclusionsIn(sources.configured, said.exclusions, fromMs, atMs),
    tickets: ticketsAt(rules, said.tickets, atMs),
    ledgers: {
      exclusions: said.exclusions.at(-1)?.sequence ?? 0,
      tickets: said.tickets.at(-1)?.sequence ?? 0,
      audit: said.audit.at(-1)?.sequence ?? 0,
    },
  };
}

/** All exclusions that touch a span, those of the configuration among them. */
export function exclusionsIn(
  configured: readonly DeclaredExclusion[],
  entries: readonly LedgerEntry[],
  fromMs: number,
  toMs: number,
): readonly ClosedExclusion[] {
  const all = [...configuredExclusions(configured), ...foldExclusions(entries).exclusions.values()];
  return closedExclusions(all, fromMs, toMs);
}

/** How the tickets of a ledger stood at an instant, by the contracts of the rules. */
export function ticketsAt(
  rules: FrozenRules,
  entries: readonly LedgerEntry[],
  atMs: number,
): readonly TicketVerdict[] {
  const book = new TicketBook(rules);
  book.take(entries);
  return book.verdicts(atMs);
}

/** Settled states within [fromMs, toMs) as lines of JSON. */
export function timelineLines(
  judged: readonly (JudgedCheck | undefined)[],
  fromMs: number,
  toMs: number,
): readonly string[] {
  return judged.flatMap((one) => {
    if (!one) return [];
    const { check, cursorMs, transitions } = one;
    return timelineWithin(transitions, fromMs, Math.min(toMs, cursorMs)).map((at) =>
      transitionLine(check, at),
    );
  });
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
