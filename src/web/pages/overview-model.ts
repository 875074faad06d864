import type { TicketJson } from '../../core/ticket-json.ts';
import type { VerdictJson } from '../../core/verdict-json.ts';
import { worstFirst } from '../../core/verdict-order.ts';
import type { VerdictsJson } from '../sources.ts';
import type { PromiseFacts } from './page-sources.ts';

/** Which promises are shown. */
export const FILTERS = ['all', 'attention', 'open', 'watched'] as const;
export type Filter = (typeof FILTERS)[number];

/** What is asked for: a filter, and words that must all be found in what names a promise. */
export interface Wish {
  readonly filter: Filter;
  readonly words: string;
}

/** A member of a row, judged. */
export interface MemberVerdicts {
  readonly scope: string;
  /** Under the reading that drives the alerts. */
  readonly first: VerdictJson;
  /** Under the others, in the contract's order. */
  readonly others: readonly VerdictJson[];
}

/** A promise with all that is known of it. */
export interface PromiseStanding {
  readonly promise: PromiseFacts;
  /** The worst on top; empty where nothing measures the promise. */
  readonly members: readonly MemberVerdicts[];
  /** Support clocks of the promise that have not ended, and all that were breached; null where it is none of support. */
  readonly clocks: { readonly running: number; readonly breached: number } | null;
}

/** All promises in the order of the contract. Verdicts on rows that it no longer has are left out. */
export function standings(
  promises: readonly PromiseFacts[],
  verdicts: Pick<VerdictsJson, 'readings' | 'verdicts'>,
  tickets: readonly TicketJson[],
): readonly PromiseStanding[] {
  const byRow = Map.groupBy(verdicts.verdicts, ({ row }) => row);
  return promises.map((promise) => ({
    promise,
    // Of a row that no check measures there is a verdict all the same, which says that nothing was seen.
    members: promise.members.length > 0 ? membersOf(byRow.get(promise.row) ?? [], verdicts.readings) : [],
    clocks: promise.type === 'support' ? clocksOf(promise.row, tickets) : null,
  }));
}

/** The members among the verdicts on one row, the worst on top. */
export function membersOf(
  verdicts: readonly VerdictJson[],
  readings: readonly string[],
): readonly MemberVerdicts[] {
  const members = [...Map.groupBy(verdicts, ({ scope }) => scope)].flatMap(([scope, own]) => {
    const [first, ...others] = own.toSorted(
      (a, b) => readings.indexOf(a.reading) - readings.indexOf(b.reading),
    );
    return first ? [{ scope, first, others }] : [];
  });
  return worstFirst(members, ({ first }) => first);
}

function clocksOf(row: string, tickets: readonly TicketJson[]): PromiseStanding['clocks'] {
  const clocks = tickets.flatMap(({ gti, gtr }) => [gti, gtr]).filter((clock) => clock?.row === row);
  const inState = (...states: readonly string[]): number =>
    clocks.filter((clock) => clock && states.includes(clock.state)).length;
  return { running: inState('running', 'frozen'), breached: inState('breached') };
}

/** How many promises are breached and how many incidents are open, under the reading that drives the alerts. */
export function tally(all: readonly PromiseStanding[]): { readonly breached: number; readonly open: number } {
  const members = all.flatMap((standing) => standing.members);
  return {
    breached: members.filter(({ first }) => first.state === 'breached').length,
    open: members.filter(({ first }) => first.openIncident !== null).length,
  };
}

/** What a wish leaves of the promises. */
export function wished(all: readonly PromiseStanding[], { filter, words }: Wish): readonly PromiseStanding[] {
  const terms = words.toLowerCase().split(/\s+/).filter(Boolean);
  return all.filter((standing) => passes(standing, filter) && terms.every((term) => named(standing, term)));
}

/** Whether a word names a filter. */
export function isFilter(word: string | undefined): word is Filter {
  return FILTERS.some((filter) => filter === word);
}

function named({ promise, members }: PromiseStanding, term: string): boolean {
  const { row, clause, title } = promise;
  return [row, clause, title, ...members.map(({ scope }) => scope)].some((text) =>
    text.toLowerCase().includes(term),
  );
}

function passes({ members, clocks }: PromiseStanding, filter: Filter): boolean {
  switch (filter) {
    case 'all':
      return true;
    case 'watched':
      return members.length > 0 || clocks !== null;
    case 'open':
      return members.some(({ first }) => first.openIncident !== null);
    case 'attention':
      return members.some(needsAttention) || (clocks?.breached ?? 0) > 0;
  }
}

/** Half of the budget gone, or worse; or a breach by any reading. */
function needsAttention({ first, others }: MemberVerdicts): boolean {
  const { state, openIncident, budgetMs, remainingMs } = first;
  const isLow = budgetMs !== null && remainingMs !== null && budgetMs > 0 && remainingMs < budgetMs / 2;
  const isBreached = [state, ...others.map((one) => one.state)].includes('breached');
  return isBreached || openIncident !== null || (isLow && state !== 'no-commitment');
}
