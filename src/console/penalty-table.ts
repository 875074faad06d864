import { type Column, layOut } from './columns.ts';
import { NOTHING } from './figures.ts';
import { memberName } from './reading-groups.ts';
import type { ScreenStyle } from './style.ts';

/** Part of a bill that is owed back: percent of it, and the amount where the bill is known. */
interface ListedOwed {
  readonly credit: string;
  readonly amount: string | null;
}

/** What the table shows of a penalty. */
export interface ListedPenalty {
  readonly row: string;
  readonly scope: string;
  readonly reading: string;
  readonly period: string;
  readonly certain: ListedOwed;
  readonly estimate: ListedOwed;
  readonly atMost: ListedOwed;
  /** RFC 3339; null where the contract file sets no term. */
  readonly claimBy: string | null;
}

const COLUMNS: readonly Column<ListedPenalty>[] = [
  { title: 'OWED FOR', align: 'left', cell: (one) => ({ text: memberName(one) }) },
  { title: 'PERIOD', align: 'left', cell: ({ period }) => ({ text: period }) },
  { title: 'READING', align: 'left', spare: 1, cell: ({ reading }) => ({ text: reading }) },
  { title: 'CERTAIN', align: 'right', cell: ({ certain }) => ({ text: owedText(certain) }) },
  { title: 'ESTIMATE', align: 'right', cell: ({ estimate }) => ({ text: owedText(estimate) }) },
  { title: 'AT MOST', align: 'right', spare: 2, cell: ({ atMost }) => ({ text: owedText(atMost) }) },
  {
    title: 'CLAIM BY',
    align: 'left',
    spare: 3,
    cell: ({ claimBy }) => ({ text: claimBy ?? NOTHING, tone: 'quiet' }),
  },
];

function owedText({ credit, amount }: ListedOwed): string {
  return amount === null ? `${credit}%` : `${credit}% = ${amount}`;
}

/** Penalties as a table, a line each; those of which nothing can be owed are left out. */
export function penaltyTable(penalties: readonly ListedPenalty[], style: ScreenStyle): readonly string[] {
  const owed = penalties.filter(({ atMost }) => atMost.credit !== '0');
  const { heading, lineOf } = layOut(COLUMNS, owed, style);
  return owed.length === 0 ? ['nothing is owed so far'] : [heading, ...owed.map(lineOf)];
}
