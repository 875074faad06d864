import { closedExclusions } from '../closing/closed-exclusions.ts';
import { knownWithin, timelineFromMs, timelineWithin, transitionLine } from '../closing/judged-timeline.ts';
import type { ClosedExclusion, ClosedPeriod } from '../core/closed-period.ts';
import type { DeclaredExclusion } from '../core/exclusion.ts';
import type { TicketVerdict } from '../core/ticket.ts';
import type { Transition } from '../core/timeline.ts';
import type { Period } from '../core/verdict.ts';
import type { FrozenRules } from '../casework/frozen-judging.ts';
import { configuredExclusions, type Exclusion } from '../register/exclusions.ts';
import type { ReadTicketLine } from '../register/ticket-entry.ts';
import { TicketBook } from '../casework/ticket-book.ts';
import type { JudgedCheck } from '../window/store.ts';
import type { Said } from './said-books.ts';

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
    ledgers: said.ledgers,
  };
}

/** All exclusions that touch a span, those of the configuration among them. */
export function exclusionsIn(
  configured: readonly DeclaredExclusion[],
  entered: Iterable<Exclusion>,
  fromMs: number,
  toMs: number,
): readonly ClosedExclusion[] {
  return closedExclusions([...configuredExclusions(configured), ...entered], fromMs, toMs);
}

/** How the tickets of a ledger stood at an instant, by the contracts of the rules. */
export function ticketsAt(
  rules: FrozenRules,
  lines: readonly ReadTicketLine[],
  atMs: number,
): readonly TicketVerdict[] {
  const book = new TicketBook(rules);
  book.takeRead(lines);
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
