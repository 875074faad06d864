import type { VerdictState } from '../core/verdict.ts';
import type { VerdictJson } from '../core/verdict-json.ts';
import { worstFirst } from '../core/verdict-order.ts';
import { type Column, layOut } from './columns.ts';
import { compactDuration, NOTHING, percentOf, shareOf, timeOfDay } from './figures.ts';
import { groupByReading, memberName, type ReadingGroup } from './reading-groups.ts';
import { renderLine, type ScreenStyle, type Tone } from './style.ts';

/** A state by its sign and what it means. */
const STATES: Readonly<Record<VerdictState, { readonly sign: string; readonly tone: Tone }>> = {
  breached: { sign: '✗', tone: 'bad' },
  met: { sign: '✓', tone: 'good' },
  'on-track': { sign: '✓', tone: 'good' },
  undecided: { sign: '?', tone: 'doubtful' },
  'not-falsified': { sign: '~', tone: 'good' },
  'not-applicable': { sign: '–', tone: 'quiet' },
  'no-commitment': { sign: '·', tone: 'quiet' },
};

const COLUMNS: readonly Column<ReadingGroup>[] = [
  {
    title: '  ROW',
    align: 'left',
    cell: ({ first }) => ({
      text: `${first.openIncident ? '▼' : ' '} ${memberName({ ...first, scope: shortScope(first.scope) })}`,
      tone: first.openIncident ? 'bad' : 'plain',
    }),
  },
  {
    title: 'STATE',
    align: 'left',
    cell: (group) => {
      const { state } = group.first;
      const { sign, tone } = STATES[state];
      return { text: `${sign} ${state}${differing(group).length > 0 ? ' ≠' : ''}`, tone };
    },
  },
  {
    title: 'AVAILABLE',
    align: 'right',
    spare: 1,
    cell: ({ first: { availability, target } }) => {
      const ratio = availability.final ?? availability.toDate;
      return { text: ratio === null ? NOTHING : percentOf(ratio, target) };
    },
  },
  {
    title: 'TARGET',
    align: 'right',
    spare: 3,
    cell: ({ first }) => ({ text: first.target === null ? NOTHING : `${first.target}%`, tone: 'quiet' }),
  },
  {
    title: 'DOWNTIME',
    align: 'right',
    cell: ({ first }) => ({ text: bounds(first), tone: first.downtimeMs.estimate > 0 ? 'strong' : 'plain' }),
  },
  {
    title: 'BUDGET',
    align: 'right',
    spare: 4,
    cell: ({ first }) => ({ text: durationOrNothing(first.budgetMs), tone: 'quiet' }),
  },
  {
    title: 'LEFT',
    align: 'right',
    cell: ({ first: { remainingMs } }) => ({
      text: durationOrNothing(remainingMs),
      tone: remainingMs !== null && remainingMs < 0 ? 'bad' : 'plain',
    }),
  },
  {
    title: 'BREACH',
    align: 'right',
    spare: 2,
    cell: ({ first }) => ({
      text: durationOrNothing(first.timeToBreachMs),
      tone: first.openIncident ? 'bad' : 'quiet',
    }),
  },
  {
    title: 'SEEN',
    align: 'right',
    cell: ({ first }) => ({ text: seenShare(first) }),
  },
];

const SCOPE_WIDTH = 12;

/** Members of one kind differ at their end: of a long name that is what is shown. */
function shortScope(scope: string): string {
  return scope.length > SCOPE_WIDTH ? `…${scope.slice(1 - SCOPE_WIDTH)}` : scope;
}

/** What the signs and figures of {@link verdictTable} mean, in one line. */
export function verdictLegend(style: ScreenStyle): string {
  const text = 'downtime: best/est/worst · breach: time left to it · seen: of the period so far';
  return renderLine([{ text, tone: 'quiet' }], style);
}

/**
 * Verdicts as a table: a line per member of a row, the worst on top, under its first reading (the first given); below it, where
 * there is something to say, its open incident and each other reading that differs in state. Figures are cut, not
 * rounded. A narrow screen leaves out columns.
 */
export function verdictTable(verdicts: readonly VerdictJson[], style: ScreenStyle): readonly string[] {
  const groups = worstFirst(groupByReading(verdicts), ({ first }) => first);
  const { heading, lineOf } = layOut(COLUMNS, groups, style);
  const below = (group: ReadingGroup): readonly string[] => [
    ...incidentLines(group.first, style),
    ...differing(group).map((other) => differenceLine(other, style)),
  ];
  return [heading, ...groups.flatMap((group) => [lineOf(group), ...below(group)])];
}

function differing({ first, others }: ReadingGroup): readonly VerdictJson[] {
  return others.filter(({ state }) => state !== first.state);
}

/** Counted downtime: best/estimate/worst, or one figure where they are equal. */
function bounds({ downtimeMs: { best, estimate, worst } }: VerdictJson): string {
  const all = [best, estimate, worst].map(compactDuration);
  return best === worst ? compactDuration(estimate) : all.join('/');
}

function durationOrNothing(ms: number | null): string {
  return ms === null ? NOTHING : compactDuration(ms);
}

/** The share of the period so far that was seen. */
function seenShare(verdict: VerdictJson): string {
  const elapsedMs = elapsedMsOf(verdict);
  return shareOf(elapsedMs - verdict.unknownMs, elapsedMs);
}

function elapsedMsOf({ at, period }: VerdictJson): number {
  return Math.min(Date.parse(at), Date.parse(period.to)) - Date.parse(period.from);
}

/** Whether nothing at all was seen in the period so far: of a row that nothing looks at, or not yet. */
export function isUnseen(verdict: VerdictJson): boolean {
  return verdict.unknownMs >= elapsedMsOf(verdict);
}

/** An incident stays open for the merge gap, and while what came after it was not seen; then this is said. */
const QUIET_MS = 15_000;

function incidentLines({ openIncident, at }: VerdictJson, style: ScreenStyle): readonly string[] {
  if (!openIncident) return [];
  const { from, to, badMs, countedMs, causes } = openIncident;
  const lasting = compactDuration(wholeSeconds(Date.parse(at) - Date.parse(from)));
  const figures = `${compactDuration(badMs)} bad, ${compactDuration(countedMs)} counted`;
  const quietMs = wholeSeconds(Date.parse(at) - Date.parse(to));
  const quiet = quietMs >= QUIET_MS ? ` · not bad for ${compactDuration(quietMs)}, not over yet` : '';
  const text = `    └ since ${timeOfDay(from)}, ${lasting} ago: ${causes.join(', ')} · ${figures}${quiet}`;
  return [renderLine([{ text, tone: 'bad' }], style)];
}

function wholeSeconds(ms: number): number {
  return Math.floor(ms / 1_000) * 1_000;
}

function differenceLine({ reading, state, remainingMs }: VerdictJson, style: ScreenStyle): string {
  const { tone } = STATES[state];
  const left = remainingMs === null ? '' : `, ${compactDuration(remainingMs)} left`;
  return renderLine([{ text: `    ≠ ${reading}: ${state}${left}`, tone }], style);
}
