import type { ArchivedDay, ArchiveReader } from './archive-reader.ts';
import { parseJudgedBy } from '../closing/judged-by.ts';
import { timelineWithin } from '../closing/judged-timeline.ts';
import type { Check } from '../core/check.ts';
import type { Transition } from '../core/timeline.ts';
import { instantJson } from '../core/verdict-json.ts';
import type { Link } from '../evidence/chain.ts';
import { CheckTimeline } from '../judge/check-timeline.ts';
import { LineError } from '../replay/line-fields.ts';
import { type ObservationLine, parseObservationLine } from '../replay/observation-line.ts';
import { memoryStore } from '../window/memory.ts';

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;

/** A day whose judged states do not follow from what was seen on it. */
export interface TimelineFault {
  readonly code: 'judged-otherwise' | 'observations-unreadable';
  /** The file of the day. */
  readonly where: string;
  readonly detail: string;
}

/**
 * Judges the observations of every archived day anew and compares with the states that were archived beside them. A day on
 * which the configuration changed is judged by the rules before and after, since it is not told when.
 */
export async function judgeDays(
  reader: ArchiveReader,
  breathe: () => Promise<void>,
): Promise<readonly TimelineFault[]> {
  const faults: TimelineFault[] = [];
  let former: ReadonlyMap<string, Check> = new Map();
  for (const link of reader.daysAsOf(Infinity)) {
    const day = await reader.day(link);
    const text = await reader.kept.rules(day?.header.rules['judged'] ?? '');
    const judgedBy = text === undefined ? undefined : parseJudgedBy(text);
    if (!day || !judgedBy) continue;
    const checks = new Map(judgedBy.checks.map((check) => [check.id, check]));
    faults.push(...(await faultsOf(reader, link, day, { checks, former, breathe })));
    former = checks;
  }
  return faults;
}

interface DayRules {
  readonly checks: ReadonlyMap<string, Check>;
  /** Those of the day before. */
  readonly former: ReadonlyMap<string, Check>;
  readonly breathe: () => Promise<void>;
}

async function faultsOf(
  reader: ArchiveReader,
  link: Link,
  { timelines }: ArchivedDay,
  { checks, former, breathe }: DayRules,
): Promise<readonly TimelineFault[]> {
  const where = link.file;
  const known = new Map([...former, ...checks].map(([id, check]) => [id, seenBy(check, former.get(id))]));
  const lines = new Map<string, ObservationLine[]>();
  for await (const text of reader.observations(link)) {
    try {
      const line = parseObservationLine(text, known);
      const own = lines.get(line.check.id) ?? [];
      own.push(line);
      lines.set(line.check.id, own);
    } catch (error) {
      if (!(error instanceof LineError)) throw error;
      return [{ code: 'observations-unreadable', where, detail: `${error.message}: ${text.slice(0, 80)}` }];
    }
  }
  const faults: TimelineFault[] = [];
  for (const [id, archived] of timelines) {
    const ways = [checks.get(id), former.get(id)].filter((check) => check !== undefined);
    const atMs = await unlikeAt(lines.get(id) ?? [], archived, ways, Date.parse(link.name));
    await breathe();
    if (atMs === undefined) continue;
    const detail = `${id} at ${instantJson(atMs)} was judged otherwise than what was seen on that day says`;
    faults.push({ code: 'judged-otherwise', where, detail });
  }
  return faults;
}

/** A vantage that is no longer expected is still read; it is not judged by. */
function seenBy(check: Check, former: Check | undefined): Check {
  return { ...check, vantages: [...new Set([...check.vantages, ...(former?.vantages ?? [])])] };
}

/** The first instant at which a timeline is none of those that the observations make; undefined when there is none. */
export async function unlikeAt(
  lines: readonly ObservationLine[],
  archived: readonly Transition[],
  ways: readonly Check[],
  dayMs: number,
): Promise<number | undefined> {
  const judged = timelineWithin(archived, dayMs, dayMs + DAY_MS);
  const [first] = judged;
  if (!first || ways.length === 0) return undefined;
  const again: (readonly Transition[])[] = [];
  for (const check of ways) again.push(await judgedAnew(lines, check, first.atMs, dayMs));
  const instants = [judged, ...again].flatMap((timeline) => timeline.map(({ atMs }) => atMs));
  return [...new Set(instants)]
    .sort((a, b) => a - b)
    .find((atMs) => {
      const was = stateAt(judged, atMs);
      return was !== undefined && again.every((timeline) => stateAt(timeline, atMs) !== was);
    });
}

async function judgedAnew(
  lines: readonly ObservationLine[],
  check: Check,
  fromMs: number,
  dayMs: number,
): Promise<readonly Transition[]> {
  const { id, intervalMs } = check;
  const store = memoryStore();
  for (const { vantage, fromSlot, toSlot, outcome, cause } of lines)
    store.putSpan({ check: id, intervalMs }, vantage, fromSlot, toSlot, outcome, cause);
  const timeline = new CheckTimeline(check);
  timeline.rewind(fromMs);
  const endMs = dayMs + DAY_MS;
  // Long after the day, when nothing of it is awaited any more.
  const settledMs = endMs + 2 * HOUR_MS;
  const fromSlot = Math.floor(fromMs / intervalMs);
  const [bits] = await store.read([{ check: id, intervalMs, fromSlot, toSlot: settledMs / intervalMs }]);
  if (bits) timeline.advance(bits, settledMs);
  return timelineWithin(timeline.unsavedTransitions(), dayMs, endMs);
}

function stateAt(timeline: readonly Transition[], atMs: number): string | undefined {
  const at = timeline.findLast((one) => one.atMs <= atMs);
  return at && `${at.state} ${at.contested} ${at.causes.join()}`;
}
