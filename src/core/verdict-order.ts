import type { Verdict, VerdictState } from './verdict.ts';

/** The states from the worst to those that call for nothing. */
const SEVERITY: Readonly<Record<VerdictState, number>> = {
  breached: 0,
  undecided: 1,
  'on-track': 2,
  'not-falsified': 3,
  met: 4,
  'not-applicable': 5,
  'no-commitment': 6,
};

/** Whether a state calls for more than another. */
export function isWorse(state: VerdictState, than: VerdictState): boolean {
  return SEVERITY[state] < SEVERITY[than];
}

/** What the order looks at. */
export type Ranked = Pick<Verdict, 'row' | 'scope' | 'state' | 'remainingMs'> & {
  readonly openIncident: unknown;
};

/**
 * The members of each row with the worst on top: by state, then one with an open incident, then by what is left of the
 * budget. Rows stay in the order in which they are first named, and equals in the order in which they are given.
 */
export function worstFirst<T>(items: readonly T[], verdictOf: (item: T) => Ranked): readonly T[] {
  return [...Map.groupBy(items, (item) => verdictOf(item).row).values()].flatMap((members) =>
    members.toSorted((a, b) => compare(verdictOf(a), verdictOf(b))),
  );
}

function compare(a: Ranked, b: Ranked): number {
  return (
    SEVERITY[a.state] - SEVERITY[b.state] ||
    Number(Boolean(b.openIncident)) - Number(Boolean(a.openIncident)) ||
    leftOf(a) - leftOf(b)
  );
}

function leftOf({ remainingMs }: Ranked): number {
  return remainingMs ?? Number.MAX_SAFE_INTEGER;
}
