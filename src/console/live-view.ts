import type { VerdictJson } from '../core/verdict-json.ts';
import { checkSummary, checkTable } from './check-table.ts';
import { eventLine } from './event-line.ts';
import { timeOfDay } from './figures.ts';
import type { LiveState } from './live-state.ts';
import { groupByReading, memberName } from './reading-groups.ts';
import { type Piece, renderLine, type ScreenStyle, wrap } from './style.ts';
import { isUnseen, verdictLegend, verdictTable } from './verdict-table.ts';

/** A style with the lines that there is room for; all of them when that is not said. */
export interface LiveStyle extends ScreenStyle {
  readonly height?: number;
}

/** How much is told: what a low screen has no room for is left out, the least important first. */
interface Detail {
  readonly allChecks: boolean;
  readonly legend: boolean;
  readonly events: number;
  /** With the title, and blank lines between the sections. */
  readonly roomy: boolean;
}

const DETAILS: readonly Detail[] = [
  { allChecks: true, legend: true, events: 6, roomy: true },
  { allChecks: true, legend: false, events: 3, roomy: true },
  { allChecks: false, legend: false, events: 3, roomy: true },
  { allChecks: false, legend: false, events: 2, roomy: false },
];

/**
 * The whole live view as lines: where the status page is, the verdicts, what each check saw last, what happened, and
 * what to try next. On a low screen it tells less, and as a last resort ends early and says so.
 */
export function liveView(state: LiveState, style: LiveStyle): readonly string[] {
  const height = style.height ?? Number.POSITIVE_INFINITY;
  let lines: readonly string[] = [];
  for (const detail of DETAILS) {
    lines = compose(state, style, detail);
    if (lines.length <= height) return lines;
  }
  const kept = lines.slice(0, Math.max(0, height - 1));
  const text = `… ${lines.length - kept.length} more lines: make the terminal higher`;
  return [...kept, ...quiet([text], style)];
}

function compose(state: LiveState, style: ScreenStyle, detail: Detail): readonly string[] {
  const sections = [
    heading(state, style, detail.roomy),
    verdictLines(state.verdicts, style, detail),
    checkLines(state, style, detail.allChecks),
    state.events.slice(-detail.events).map((event) => eventLine(event, style)),
    state.next.flatMap((text) => wrap(text, style.width).map((line) => renderLine([{ text: line }], style))),
  ].filter((section) => section.length > 0);
  return sections.flatMap((section, index) => (detail.roomy && index > 0 ? ['', ...section] : section));
}

/** The table without the rows of which nothing was seen; these are only named. */
function verdictLines(
  verdicts: readonly VerdictJson[],
  style: ScreenStyle,
  { legend, roomy }: Detail,
): readonly string[] {
  const unseen = new Set(verdicts.filter(isUnseen).map(memberName));
  const names = `nothing seen of ${[...unseen].join(', ')}`;
  return [
    ...verdictTable(verdicts.filter(seen), style),
    ...(unseen.size === 0 ? [] : quiet(roomy ? wrap(names, style.width) : [names], style)),
    ...(legend ? [verdictLegend(style)] : []),
  ];
}

function seen(verdict: VerdictJson): boolean {
  return !isUnseen(verdict);
}

function quiet(texts: readonly string[], style: ScreenStyle): readonly string[] {
  return texts.map((text) => renderLine([{ text, tone: 'quiet' }], style));
}

function heading(state: LiveState, style: ScreenStyle, withTitle: boolean): readonly string[] {
  const { address, title, atMs, verdicts, faults } = state;
  const broken = Object.entries(faults).map(([service, fault]) => `${service}=${fault}`);
  const where: readonly Piece[] = [
    { text: 'vigie', tone: 'strong' },
    { text: `  ${address}  ` },
    { text: timeOfDay(atMs), tone: 'quiet' },
  ];
  return [
    renderLine(where, style),
    ...(withTitle ? [renderLine([{ text: title }], style)] : []),
    renderLine(summary(verdicts), style),
    ...(broken.length === 0
      ? []
      : [renderLine([{ text: `broken: ${broken.join(', ')}`, tone: 'bad' }], style)]),
  ];
}

function summary(verdicts: readonly VerdictJson[]): readonly Piece[] {
  const firsts = groupByReading(verdicts.filter(seen)).map(({ first }) => first);
  const states = [...Map.groupBy(firsts, ({ state }) => state)].map(([state, of]) => `${of.length} ${state}`);
  const open = firsts.filter(({ openIncident }) => openIncident !== null).length;
  return [
    { text: `${firsts.length} promises: ${states.join(', ')} · ` },
    open === 0
      ? { text: 'no incident open', tone: 'good' }
      : { text: `${open} ${open === 1 ? 'incident' : 'incidents'} open`, tone: 'bad' },
  ];
}

function checkLines({ checks }: LiveState, style: ScreenStyle, all: boolean): readonly string[] {
  const shown = all ? checks : checks.filter(({ outcome }) => outcome !== 'good');
  return checks.length === 0 ? [] : [...quiet([checkSummary(checks)], style), ...checkTable(shown, style)];
}

/**
 * What of a live state is news: equal for two states that differ only in figures that always move, such as latencies
 * and what is left of a budget.
 */
export function liveGist({ verdicts, checks, events, faults }: LiveState): string {
  return JSON.stringify([
    verdicts.map(({ row, scope, reading, state, openIncident }) => [
      row,
      scope,
      reading,
      state,
      openIncident?.from ?? null,
    ]),
    checks.map(({ check, vantage, outcome, cause }) => [check, vantage, outcome, cause ?? null]),
    events,
    faults,
  ]);
}
