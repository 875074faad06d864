import type {
  Amendment,
  ChangedVerdict,
  ClosedExclusion,
  ClosedPeriod,
  ClosingChange,
  ComparedFigures,
} from '../core/closed-period.ts';
import type { VerdictJson } from '../core/verdict-json.ts';
import { inForceOf } from './closed-exclusions.ts';

/** What the audit tells of an exclusion or a ticket. */
export interface Act {
  /** Its line of the audit. */
  readonly sequence: number;
  readonly at: string;
  readonly who: string;
  readonly act: string;
  readonly about: string;
}

/** Whether two closings of a period were made from the same. */
export function sameInputs(a: ClosedPeriod['inputs'], b: ClosedPeriod['inputs']): boolean {
  const canonical = ({ checks, exclusions, tickets }: ClosedPeriod['inputs']): string =>
    JSON.stringify([Object.entries(checks).sort(([x], [y]) => (x < y ? -1 : 1)), exclusions, tickets]);
  return canonical(a) === canonical(b);
}

/**
 * What a closing says otherwise than the one before it, and who changed what when. `acts`: those of the audit, in order;
 * only those that were written between the two are looked at.
 */
export function amendmentOf(before: ClosedPeriod, after: ClosedPeriod, acts: readonly Act[]): Amendment {
  const since = acts.filter(
    ({ sequence }) => sequence > before.ledgers.audit && sequence <= after.ledgers.audit,
  );
  return {
    of: before.number ?? 0,
    changes: [
      ...changedChecks(before, after),
      ...changedExclusions(before, after),
      ...changedTickets(before, after, since),
    ],
    figures: changedVerdicts(before, after),
  };
}

function changedChecks(
  { inputs: was }: ClosedPeriod,
  { inputs: is }: ClosedPeriod,
): readonly ClosingChange[] {
  const checks = [...new Set([...Object.keys(was.checks), ...Object.keys(is.checks)])].sort();
  return checks
    .map((check) => ({
      ...{ what: 'observations' as const, check },
      was: was.checks[check] ?? null,
      is: is.checks[check] ?? null,
    }))
    .filter((change) => change.was !== change.is);
}

function changedExclusions(before: ClosedPeriod, after: ClosedPeriod): readonly ClosingChange[] {
  const [was, is] = [before, after].map(({ exclusions }) => byId(inForceOf(exclusions)));
  const all = byId(after.exclusions);
  const ids = [...new Set([...(was?.keys() ?? []), ...(is?.keys() ?? [])])].sort();
  return ids.flatMap((id) => {
    const [old, now] = [was?.get(id), is?.get(id)];
    if (statementOf(old) === statementOf(now)) return [];
    return [{ what: 'exclusion' as const, id, ...eventOf(old, now, all.get(id)) }];
  });
}

function byId(exclusions: readonly ClosedExclusion[]): ReadonlyMap<string, ClosedExclusion> {
  return new Map(exclusions.map((one) => [one.id, one]));
}

function statementOf(exclusion: ClosedExclusion | undefined): string {
  if (!exclusion) return '';
  const { history: _, afterTheFact: __, state: ___, ...said } = exclusion;
  return JSON.stringify(said);
}

type ExclusionChange = Omit<Extract<ClosingChange, { what: 'exclusion' }>, 'what' | 'id'>;

function eventOf(
  old: ClosedExclusion | undefined,
  now: ClosedExclusion | undefined,
  known: ClosedExclusion | undefined,
): ExclusionChange {
  const last = known?.history.at(-1);
  if (last && last.event !== 'proposed') {
    const { event, author, at, reason } = last;
    return { event, author, at, reason: reason ?? known?.reason ?? null };
  }
  const event = old && now ? 'changed' : now ? 'declared' : 'removed';
  return { event, author: now?.author ?? null, at: now?.enteredAt ?? null, reason: now?.reason ?? null };
}

function changedTickets(
  before: ClosedPeriod,
  after: ClosedPeriod,
  since: readonly Act[],
): readonly ClosingChange[] {
  const [was, is] = [before, after].map(
    ({ tickets }) => new Map(tickets.map((one) => [one.ticket, JSON.stringify(one)])),
  );
  const ids = [...new Set([...(was?.keys() ?? []), ...(is?.keys() ?? [])])].sort();
  return ids
    .filter((ticket) => was?.get(ticket) !== is?.get(ticket))
    .map((ticket) => {
      const acts = since
        .filter(({ about }) => about === ticket)
        .map(({ at, who, act }) => ({ at, who, act }));
      return { what: 'ticket', ticket, acts };
    });
}

function changedVerdicts(before: ClosedPeriod, after: ClosedPeriod): readonly ChangedVerdict[] {
  const earlier = new Map(before.verdicts.map((verdict) => [keyOf(verdict), verdict]));
  return after.verdicts.flatMap((verdict) => {
    const old = earlier.get(keyOf(verdict));
    if (!old) return [];
    const [was, is] = [comparedFigures(old), comparedFigures(verdict)];
    if (JSON.stringify(was) === JSON.stringify(is)) return [];
    const { row, scope, reading, period } = verdict;
    return [{ row, scope, reading, period: period.name, was, is }];
  });
}

function keyOf({ row, scope, reading, period }: VerdictJson): string {
  return JSON.stringify([row, scope, reading, period.name]);
}

/** The figures of a verdict that an amendment shows both of. */
export function comparedFigures(verdict: VerdictJson): ComparedFigures {
  const { state, downtimeMs, excludedMs, unknownMs, budgetMs, remainingMs, availability } = verdict;
  return {
    ...{ state, downtimeMs, excludedMs, unknownMs, budgetMs, remainingMs },
    availability: availability.final ?? availability.toDate,
  };
}
