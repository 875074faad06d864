import { z } from 'zod';
import { parseClosing } from '../closing/closing-book.ts';
import { parseTransition } from '../closing/judged-timeline.ts';
import { checksUnder } from '../core/checks-under.ts';
import type { ClosedPeriod } from '../core/closed-period.ts';
import type { Transition } from '../core/timeline.ts';
import type { FrozenRules } from '../casework/frozen-judging.ts';
import { unlikeAt } from './observed-timelines.ts';
import { GIVEN_FILES } from '../report/claim-files.ts';
import type { ClaimSubject } from '../report/claim-facts.ts';
import { LineError } from '../replay/line-fields.ts';
import { parseObservationLine } from '../replay/observation-line.ts';

const DAY_MS = 86_400_000;

/** What of a pack is not as it was packed, or does not follow from the rest of it. */
export interface ClaimFault {
  readonly code: string;
  readonly where: string;
  readonly detail: string;
}

/** What of a claim pack everything else follows from. */
export interface PackGiven {
  readonly subject: ClaimSubject;
  readonly closing: ClosedPeriod;
  readonly text: string;
  readonly observations: readonly string[];
  readonly timelineLines: readonly string[];
  readonly timelines: ReadonlyMap<string, readonly Transition[]>;
}

const subjectSchema = z.strictObject({
  row: z.string(),
  span: z.strictObject({ name: z.string(), from: z.iso.datetime(), to: z.iso.datetime() }),
});

/** Reads it from the texts of a pack; undefined when it is not there, or cannot be understood. */
export function packGiven(texts: ReadonlyMap<string, string>): PackGiven | undefined {
  const subject = subjectSchema.safeParse(parsed(texts.get(GIVEN_FILES.subject))).data;
  const text = (texts.get(GIVEN_FILES.closing) ?? '').replace(/\n$/, '');
  const closing = parseClosing(text);
  if (!subject || !closing) return undefined;
  const timelineLines = linesOf(texts.get(GIVEN_FILES.timelines));
  const timelines = new Map<string, Transition[]>();
  for (const read of timelineLines.map((line) => parseTransition(parsed(line)))) {
    if (!read) return undefined;
    const timeline = timelines.get(read.check) ?? [];
    timeline.push(read.transition);
    timelines.set(read.check, timeline);
  }
  const observations = linesOf(texts.get(GIVEN_FILES.observations));
  return { subject, closing, text, observations, timelineLines, timelines };
}

function linesOf(text = ''): readonly string[] {
  return text === '' ? [] : text.replace(/\n$/, '').split('\n');
}

/** A JSON document; undefined for what is none. */
export function parsed(text = ''): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Whether the timelines follow from the observations, on the days that the pack holds whole. */
export async function observedFaults(
  { subject, observations, timelines }: PackGiven,
  rules: FrozenRules,
): Promise<readonly ClaimFault[]> {
  const checks = new Map(checksUnder(rules.judgedBy, subject.row).map((check) => [check.id, check]));
  const lines = observations.flatMap((text) => {
    try {
      return [parseObservationLine(text, checks)];
    } catch (error) {
      // Of a vantage or a check that the rules no longer have: it is not judged by.
      if (error instanceof LineError) return [];
      throw error;
    }
  });
  const faults: ClaimFault[] = [];
  for (const [id, own] of Map.groupBy(lines, ({ check }) => check.id)) {
    const check = checks.get(id);
    const days = Map.groupBy(own, ({ fromSlot }) =>
      Math.floor((fromSlot * (check?.intervalMs ?? 1)) / DAY_MS),
    );
    const whole = [...days].sort(([a], [b]) => a - b).slice(1, -1);
    for (const [day, seen] of whole) {
      const atMs = check && (await unlikeAt(seen, timelines.get(id) ?? [], [check], day * DAY_MS));
      if (atMs === undefined) continue;
      const detail = `${id} at ${new Date(atMs).toISOString()} was judged otherwise than the observations say`;
      faults.push({ code: 'judged-otherwise', where: GIVEN_FILES.observations, detail });
    }
  }
  return faults;
}
