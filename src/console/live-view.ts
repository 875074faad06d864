import type { VerdictJson } from '../core/verdict-json.ts';
import { checkSummary, checkTable } from './check-table.ts';
import { eventLine } from './event-line.ts';
import { timeOfDay } from './figures.ts';
import type { LiveState } from './live-state.ts';
import { pagesOf, type Section } from './pages.ts';
import { groupByReading, memberName } from './reading-groups.ts';
import { serviceKeys, serviceTable } from './service-table.ts';
import { type Piece, renderLine, type ScreenStyle, wrap } from './style.ts';
import { isUnseen, verdictLegend, verdictTable } from './verdict-table.ts';

/** A style with the lines that there is room for; all of them when that is not said. */
export interface LiveStyle extends ScreenStyle {
  readonly height?: number;
}

const EVENTS = 6;
const EVENTS_ON_A_PAGE = 2;
/** Lines of a page that are not worth less than an event. */
const LEAST_BODY = 10;

/**
 * The whole live view as lines: where the status page is, the verdicts, what each check saw last, what happened, and
 * what to try next. What a low screen has no room for is on pages; what the keys do is on each of them.
 */
export function liveView(state: LiveState, style: LiveStyle): readonly string[] {
  const height = style.height ?? Number.POSITIVE_INFINITY;
  const whole = compose(state, style);
  return whole.length <= height ? whole : onePage(state, style, height);
}

function compose(state: LiveState, style: ScreenStyle): readonly string[] {
  const { services, next, keys, checks } = state;
  // Letters are of use where there are keys.
  const help = keys === '' ? [] : [...(services.length === 0 ? [] : [serviceKeys(services)]), keys];
  const sections = [
    [...heading(state, style), ''],
    [...verdictLines(state.verdicts, style), verdictLegend(style), ''],
    checks.length === 0 ? [] : [...quiet([checkSummary(checks)], style), ...checkTable(checks, style), ''],
    [...eventLines(state, style, EVENTS), ''],
    [...next, ...help].flatMap((text) => plain(wrap(text, style.width), style)),
  ];
  return sections.filter(([first]) => first !== '').flat();
}

/** One page, with the same head and foot as every other. */
function onePage(state: LiveState, style: ScreenStyle, height: number): readonly string[] {
  const head = heading(state, style).filter(
    (_line, index) => index !== TITLE_LINE || height > LEAST_BODY * 3,
  );
  const kept = head.slice(0, Math.max(1, height - 4));
  const rest = height - kept.length - 1;
  const events = rest - EVENTS_ON_A_PAGE >= LEAST_BODY ? eventLines(state, style, EVENTS_ON_A_PAGE) : [];
  const room = Math.max(1, rest - events.length);
  const pages = pagesOf(sectionsOf(state, style), room);
  const at = pages.length === 0 ? 0 : state.page % pages.length;
  const body = pages[at] ?? [];
  const blanks = Array.from({ length: Math.max(0, room - body.length) }, () => '');
  const turn = state.keys === '' ? '' : ', space: next';
  const where = `page ${at + 1}/${Math.max(1, pages.length)}${turn}`;
  const keys = [where, state.keys].filter((text) => text !== '').join(' · ');
  return [...kept, ...body, ...blanks, ...events, renderLine([{ text: keys, tone: 'strong' }], style)].slice(
    -height,
  );
}

const TITLE_LINE = 1;

function sectionsOf(state: LiveState, style: ScreenStyle): readonly Section[] {
  const [tableHeading = '', ...rows] = verdictLines(state.verdicts, style);
  const { checks, services, next, keys } = state;
  const ofServices = keys === '' ? 'the services:' : 'a letter breaks or mends a service:';
  const title = (text: string): string => renderLine([{ text, tone: 'quiet' }], style);
  return [
    { heading: tableHeading, lines: [...rows, verdictLegend(style)] },
    { heading: title(checkSummary(checks)), lines: checkTable(checks, style) },
    { heading: title(ofServices), lines: serviceTable(services, style) },
    {
      heading: title('what to try next:'),
      lines: next.flatMap((text) => plain(wrap(text, style.width), style)),
    },
  ];
}

/** The table without the rows of which nothing was seen; these are only named. */
function verdictLines(verdicts: readonly VerdictJson[], style: ScreenStyle): readonly string[] {
  const unseen = new Set(verdicts.filter(isUnseen).map(memberName));
  const names = `nothing seen of ${[...unseen].join(', ')}`;
  return [
    ...verdictTable(verdicts.filter(seen), style),
    ...(unseen.size === 0 ? [] : quiet(wrap(names, style.width), style)),
  ];
}

function seen(verdict: VerdictJson): boolean {
  return !isUnseen(verdict);
}

function eventLines({ events }: LiveState, style: ScreenStyle, most: number): readonly string[] {
  return events.slice(-most).map((event) => eventLine(event, style));
}

function quiet(texts: readonly string[], style: ScreenStyle): readonly string[] {
  return texts.map((text) => renderLine([{ text, tone: 'quiet' }], style));
}

function plain(texts: readonly string[], style: ScreenStyle): readonly string[] {
  return texts.map((text) => renderLine([{ text }], style));
}

function heading(state: LiveState, style: ScreenStyle): readonly string[] {
  const { address, title, atMs, verdicts, services } = state;
  const broken = services.flatMap(({ name, fault }) => (fault === undefined ? [] : [`${name}=${fault}`]));
  const where: readonly Piece[] = [
    { text: 'vigie', tone: 'strong' },
    { text: `  ${address}  ` },
    { text: timeOfDay(atMs), tone: 'quiet' },
  ];
  return [
    renderLine(where, style),
    renderLine([{ text: title }], style),
    renderLine(summary(verdicts), style),
    ...(broken.length === 0
      ? []
      : [renderLine([{ text: `broken: ${broken.join(', ')}`, tone: 'bad' }], style)]),
  ];
}

function summary(verdicts: readonly VerdictJson[]): readonly Piece[] {
  const firsts = groupByReading(verdicts.filter(seen)).map(({ first }) => first);
  const states = [...Map.groupBy(firsts, ({ state }) => state)].map(([state, of]) => `${of.length} ${state}`);
  const open = firsts.filter(({ openIncident }) => openIncident !== null);
  const names = open.map(memberName).join(', ');
  return [
    { text: `${firsts.length} promises: ${states.join(', ')} · ` },
    open.length === 0
      ? { text: 'no incident open', tone: 'good' }
      : {
          text: `${open.length} ${open.length === 1 ? 'incident' : 'incidents'} open: ${names}`,
          tone: 'bad',
        },
  ];
}

/**
 * What of a live state is news: equal for two states that differ only in figures that always move, such as latencies
 * and what is left of a budget.
 */
export function liveGist({ verdicts, checks, events, services }: LiveState): string {
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
    services.map(({ fault }) => fault ?? null),
  ]);
}
