import { type Column, layOut } from './columns.ts';
import { NOTHING } from './figures.ts';
import type { ScreenStyle, Tone } from './style.ts';

/** What the table shows of an exclusion. */
export interface ListedExclusion {
  readonly id: string;
  readonly state: 'proposed' | 'in-force' | 'withdrawn';
  readonly kind: string;
  /** RFC 3339; of the first span. */
  readonly from: string | null;
  /** Of the last span. */
  readonly to: string | null;
  readonly spans: readonly unknown[];
  readonly rows?: readonly string[];
  readonly scopes?: readonly string[];
  readonly checks?: readonly string[];
  readonly author: string;
  readonly afterTheFact: 'before' | 'begun' | 'ended' | 'unknown';
  readonly reason: string;
}

const TONES: Readonly<Record<ListedExclusion['state'], Tone>> = {
  proposed: 'doubtful',
  'in-force': 'good',
  withdrawn: 'quiet',
};

const ENTERED: Readonly<Record<ListedExclusion['afterTheFact'], string>> = {
  before: 'before',
  begun: 'while it went on',
  ended: 'afterwards',
  unknown: NOTHING,
};

const COLUMNS: readonly Column<ListedExclusion>[] = [
  { title: 'EXCLUSION', align: 'left', cell: ({ id }) => ({ text: id }) },
  { title: 'STATE', align: 'left', cell: ({ state }) => ({ text: state, tone: TONES[state] }) },
  { title: 'KIND', align: 'left', cell: ({ kind }) => ({ text: kind }) },
  { title: 'FROM', align: 'left', cell: ({ from }) => ({ text: from ?? NOTHING }) },
  { title: 'TO', align: 'left', spare: 1, cell: ({ to }) => ({ text: to ?? NOTHING }) },
  { title: 'TIMES', align: 'right', spare: 5, cell: ({ spans }) => ({ text: String(spans.length) }) },
  { title: 'WHERE', align: 'left', spare: 2, cell: (one) => ({ text: whereText(one) }) },
  {
    title: 'ENTERED',
    align: 'left',
    spare: 3,
    cell: ({ afterTheFact }) => ({ text: ENTERED[afterTheFact] }),
  },
  { title: 'BY', align: 'left', spare: 4, cell: ({ author }) => ({ text: author }) },
  { title: 'REASON', align: 'left', spare: 6, cell: ({ reason }) => ({ text: reason, tone: 'quiet' }) },
];

function whereText({ rows = [], scopes = [], checks = [] }: ListedExclusion): string {
  return [...rows, ...scopes, ...checks].join(' ') || 'all';
}

/** Exclusions as a table, a line each. */
export function exclusionTable(
  exclusions: readonly ListedExclusion[],
  style: ScreenStyle,
): readonly string[] {
  const { heading, lineOf } = layOut(COLUMNS, exclusions, style);
  return [heading, ...exclusions.map(lineOf)];
}
