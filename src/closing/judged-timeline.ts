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
