import { timelineFromMs, timelineRecord, timelineWithin } from '../closing/judged-timeline.ts';
import { periodAt } from '../contract/periods.ts';
import type { Check } from '../core/check.ts';
import type { DeclaredExclusion } from '../core/exclusion.ts';
import type { Verdict } from '../core/verdict.ts';
import type { DaySection } from '../evidence/day-record.ts';
import { seenRecord } from '../evidence/seen-record.ts';
import { type FrozenRules, frozenVerdicts } from '../casework/frozen-judging.ts';
import type { JudgedCheck, WindowStore } from '../window/store.ts';

export const DAY_MS = 86_400_000;
/** After how many lines the event loop gets its turn. */
const LINES_A_TURN = 500;

/** What a day's record is gathered from. */
export interface DaySources {
  readonly store: Pick<WindowStore, 'read' | 'marks'>;
  /** Start of the UTC day. */
  readonly dayMs: number;
  readonly breathe: () => Promise<void>;
}

/** What each vantage saw of each check on a day; nothing is read before it is asked for, and anew each time. */
export async function seenSections(
  { store, dayMs, breathe }: DaySources,
  checks: readonly Check[],
): Promise<readonly DaySection[]> {
  const sections: DaySection[] = [];
  for (const check of checks) {
    const range = rangeOf(check, dayMs);
    const [bits] = await store.read([range]);
    const vantages = (bits?.vantages ?? []).filter(({ seen }) => seen.some(Boolean));
    for (const { vantage } of vantages) {
      const lines = again(async function* lines() {
        // Marks first: the bits are a view of live memory, to be read at once.
        const marks = await store.marks(range);
        const [now] = await store.read([range]);
        const all = now ? [...seenRecord({ ...range, bits: now, marks }, vantage)] : [];
        yield* breathing(all, breathe);
      });
      sections.push({ name: `${check.id}@${vantage}`, lines });
    }
    await breathe();
  }
  return sections;
}

function rangeOf({ id, intervalMs }: Check, dayMs: number) {
  return {
    check: id,
    intervalMs,
    fromSlot: dayMs / intervalMs,
    toSlot: (dayMs + DAY_MS) / intervalMs,
  };
}

async function* breathing(lines: readonly string[], breathe: () => Promise<void>): AsyncGenerator<string> {
  for (const [i, line] of lines.entries()) {
    if (i % LINES_A_TURN === 0) await breathe();
    yield line;
  }
}

/** Lines that may be gone through more than once. */
function again(make: () => AsyncGenerator<string, void, void>): AsyncIterable<string> {
  return { [Symbol.asyncIterator]: make };
}

/** How the day was judged: the settled states of each check. */
export function timelineSections(judged: readonly JudgedCheck[], dayMs: number): readonly DaySection[] {
  return judged.flatMap(({ check, cursorMs, transitions }) => {
    const endMs = Math.min(cursorMs, dayMs + DAY_MS);
    const timeline = endMs > dayMs ? timelineWithin(transitions, dayMs, endMs) : [];
    if (timeline.length === 0) return [];
    return [{ name: `timeline ${check}`, lines: timelineRecord(check, timeline, endMs) }];
  });
}

/** What verdicts of a day are judged from. */
export interface DayVerdicts {
  readonly rules: FrozenRules;
  readonly judged: readonly JudgedCheck[];
  readonly exclusions: readonly DeclaredExclusion[];
  readonly dayMs: number;
  readonly breathe: () => Promise<void>;
}

/** How the current periods stood at the end of the day, without the details that the closing has. */
export function verdictSection(asked: DayVerdicts): DaySection {
  const { rules, judged, exclusions, dayMs, breathe } = asked;
  const atMs = dayMs + DAY_MS;
  const lines = again(async function* lines() {
    const fromMs = timelineFromMs(periodAt(rules.contract, 'year', dayMs).fromMs);
    const timelines = new Map(
      judged.map(({ check, transitions }) => [check, timelineWithin(transitions, fromMs, atMs)]),
    );
    for await (const verdict of frozenVerdicts({ rules, timelines, exclusions, atMs, breathe }))
      yield verdictLine(verdict);
  });
  return { name: 'verdicts', lines };
}

function verdictLine(verdict: Verdict): string {
  const { row, scope, reading, state, period, budgetMs, downtimeMs } = verdict;
  const { excludedMs, unknownMs, contestedMs, availability } = verdict;
  return JSON.stringify({
    ...{ record: 'verdict', row, scope, reading, period: period.name, state },
    ...{ budgetMs, downtimeMs, excludedMs, unknownMs, contestedMs, availability: availability.toDate },
  });
}
