import { z } from 'zod';
import { CAUSES } from '../core/cause.ts';
import type { Transition } from '../core/timeline.ts';
import { instantJson } from '../core/verdict-json.ts';
import { digestOfText } from './digest.ts';

const DAY_MS = 86_400_000;
/** How long before a period what was seen is taken in: longer than any gap, deduction or minimum of an incident. */
const LOOK_BACK_DAYS = 7;

/** From where on the timelines of checks are taken in for a period: the start of a UTC day, in ms since the epoch. */
export function timelineFromMs(periodFromMs: number): number {
  return Math.floor(periodFromMs / DAY_MS) * DAY_MS - LOOK_BACK_DAYS * DAY_MS;
}

/** A timeline within [fromMs, toMs): what was in force at its start begins there. No two that follow are alike. */
export function timelineWithin(
  transitions: readonly Transition[],
  fromMs: number,
  toMs: number,
): readonly Transition[] {
  const first = transitions.findLastIndex(({ atMs }) => atMs <= fromMs);
  const within: Transition[] = [];
  for (const transition of transitions.slice(Math.max(0, first))) {
    if (transition.atMs >= toMs) break;
    const last = within.at(-1);
    if (last && isAlike(last, transition)) continue;
    within.push(transition.atMs < fromMs ? { ...transition, atMs: fromMs } : transition);
  }
  return within;
}

/**
 * What was judged of a check within [fromMs, toMs). From where judging has not come to, nothing is known: neither that the
 * last state goes on nor that it has ended.
 */
export function knownWithin(
  { transitions, cursorMs }: { readonly transitions: readonly Transition[]; readonly cursorMs: number },
  fromMs: number,
  toMs: number,
): readonly Transition[] {
  const known = timelineWithin(transitions, fromMs, Math.min(toMs, cursorMs));
  if (cursorMs >= toMs || known.length === 0 || known.at(-1)?.state === '?') return known;
  return [...known, { atMs: Math.max(fromMs, cursorMs), state: '?', causes: [], contested: false }];
}

function isAlike(a: Transition, b: Transition): boolean {
  return a.state === b.state && a.contested === b.contested && a.causes.join() === b.causes.join();
}

/** A transition as a line of JSON. */
export function transitionLine(check: string, { atMs, state, causes, contested }: Transition): string {
  return JSON.stringify({ record: 'transition', check, at: instantJson(atMs), state, causes, contested });
}

const transitionSchema = z.object({
  record: z.literal('transition'),
  check: z.string(),
  at: z.iso.datetime(),
  state: z.enum(['D', 'U', 'X', '?']),
  causes: z.array(z.enum(CAUSES)),
  contested: z.boolean(),
});

/** Reads what {@link transitionLine} wrote; undefined when it is none. */
export function parseTransition(
  value: unknown,
): { readonly check: string; readonly transition: Transition } | undefined {
  const read = transitionSchema.safeParse(value).data;
  if (!read) return undefined;
  const { check, at, state, causes, contested } = read;
  return { check, transition: { atMs: Date.parse(at), state, causes, contested } };
}

/** What names a timeline: two are alike exactly when their digests are. */
export function timelineDigest(check: string, transitions: readonly Transition[]): string {
  return digestOfText(transitions.map((one) => `${transitionLine(check, one)}\n`).join(''));
}

/**
 * A timeline as the archive keeps it: a line that says of what and from when, then a line for each state with how long it
 * lasted: `[10000,"U"]`, `[30000,"D",["timeout"]]`, with a 1 at the end where vantages disagreed.
 */
export function timelineRecord(
  check: string,
  transitions: readonly Transition[],
  endMs: number,
): readonly string[] {
  const [first] = transitions;
  if (!first) return [];
  return [
    JSON.stringify({ record: 'judged', check, from: instantJson(first.atMs) }),
    ...transitions.map(({ atMs, state, causes, contested }, i) => {
      const told = contested ? [causes, 1] : causes.length > 0 ? [causes] : [];
      return JSON.stringify([(transitions[i + 1]?.atMs ?? endMs) - atMs, state, ...told]);
    }),
  ];
}

const headSchema = z.object({ record: z.literal('judged'), check: z.string(), from: z.iso.datetime() });
const state = z.enum(['D', 'U', 'X', '?']);
const causesSchema = z.array(z.enum(CAUSES));
const lastedSchema = z.union([
  z.tuple([z.int().min(1), state]),
  z.tuple([z.int().min(1), state, causesSchema]),
  z.tuple([z.int().min(1), state, causesSchema, z.literal(1)]),
]);

/** Reads the lines of a record that {@link timelineRecord} wrote, among others, one after the other. */
export class TimelineReader {
  readonly timelines = new Map<string, Transition[]>();
  #check: string | undefined;
  #atMs = 0;

  /** Takes the next line, of whatever kind. */
  take(line: string): void {
    if (line.startsWith('{')) {
      const head = line.startsWith('{"record":"judged"')
        ? headSchema.safeParse(parsed(line)).data
        : undefined;
      this.#check = head?.check;
      this.#atMs = head ? Date.parse(head.from) : 0;
      return;
    }
    const lasted = this.#check === undefined ? undefined : lastedSchema.safeParse(parsed(line)).data;
    if (this.#check === undefined || !lasted) return;
    const [ms, is, causes = [], contested = 0] = lasted;
    const timeline = this.timelines.get(this.#check) ?? [];
    timeline.push({ atMs: this.#atMs, state: is, causes, contested: contested === 1 });
    this.timelines.set(this.#check, timeline);
    this.#atMs += ms;
  }
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
