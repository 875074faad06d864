import { z } from 'zod';
import type { Check } from '../core/check.ts';
import { observationLines } from '../evidence/observation-lines.ts';
import { cursorKey, cursorOf } from '../web/api/page.ts';
import type { ObservationAnswer, ObservationQuery } from '../web/record-source.ts';
import type { WindowStore } from '../window/store.ts';

/** What observations are read from. */
export interface ObservationSources {
  readonly checks: readonly Check[];
  readonly store: Pick<WindowStore, 'read' | 'marks'>;
  /** Gives the event loop a turn. */
  readonly breathe: () => Promise<void>;
}

/** How many slots are read at a time. Stretches begin at whole multiples of it, wherever a question begins. */
const SLOTS_A_STRETCH = 8_640;
/** How many slots are read for one page, by one vantage, whatever they hold. */
const SLOTS_A_PAGE = 2_000_000;

/** Where a page begins: at this slot of this vantage, or after all that comes before. */
interface Place {
  readonly check: string;
  readonly slot: number;
  readonly vantage: string;
}

const placeSchema = z.object({ check: z.string(), slot: z.int().min(0), vantage: z.string() });
const startSchema = z.object({ slot: z.iso.datetime().optional(), from: z.iso.datetime().optional() });

/**
 * A page of observations: lines of what vantages saw of checks, by check, then stretch of time, then vantage, then slot. A
 * run of equal slots is one line within a stretch. Rejects when the store is broken.
 */
export async function observationPage(
  query: ObservationQuery,
  sources: ObservationSources,
): Promise<ObservationAnswer> {
  const unknown = query.checks.find((id) => sources.checks.every((check) => check.id !== id));
  if (unknown !== undefined) return { ok: false, detail: `there is no check ${JSON.stringify(unknown)}` };
  if (query.toMs < query.fromMs) return { ok: false, detail: 'to is before from' };
  const start = query.after === undefined ? undefined : placeOf(query.after);
  if (query.after !== undefined && !start)
    return { ok: false, detail: 'after is no cursor of this list; begin anew' };
  const lines: string[] = [];
  let slotsRead = 0;
  for (const stretch of stretchesOf(query, sources.checks, start)) {
    if (slotsRead >= SLOTS_A_PAGE) return { ok: true, lines, next: placeCursor(stretch.begin) };
    slotsRead += stretch.toSlot - stretch.fromSlot;
    for (const { line, place } of await linesOf(stretch, query, sources.store)) {
      if (lines.length === query.limit) return { ok: true, lines, next: placeCursor(place) };
      lines.push(line);
    }
    await sources.breathe();
  }
  return { ok: true, lines, next: null };
}

/** Slots [fromSlot, toSlot) of a check, of which those before `begin` were shown. */
interface Stretch {
  readonly check: Check;
  readonly fromSlot: number;
  readonly toSlot: number;
  readonly begin: Place;
}

function* stretchesOf(
  { checks: wanted, fromMs, toMs }: ObservationQuery,
  all: readonly Check[],
  start: Place | undefined,
): Generator<Stretch, void, void> {
  const asked = all.filter(({ id }) => wanted.length === 0 || wanted.includes(id));
  const first = start ? asked.findIndex(({ id }) => id === start.check) : 0;
  for (const [i, check] of asked.slice(Math.max(0, first)).entries()) {
    const beginsHere = start && i === 0 && first >= 0 ? start : undefined;
    const end = Math.ceil(toMs / check.intervalMs);
    const earliest = Math.max(0, Math.ceil(fromMs / check.intervalMs));
    let slot = beginsHere ? Math.max(earliest, stretchStart(beginsHere.slot)) : earliest;
    for (let begin = beginsHere; slot < end; begin = undefined) {
      const toSlot = Math.min(end, stretchStart(slot) + SLOTS_A_STRETCH);
      yield { check, fromSlot: slot, toSlot, begin: begin ?? { check: check.id, slot, vantage: '' } };
      slot = toSlot;
    }
  }
}

function stretchStart(slot: number): number {
  return slot - (slot % SLOTS_A_STRETCH);
}

async function linesOf(
  { check, fromSlot, toSlot, begin }: Stretch,
  { vantages }: ObservationQuery,
  store: ObservationSources['store'],
): Promise<readonly { readonly line: string; readonly place: Place }[]> {
  const { id, intervalMs } = check;
  const range = { check: id, intervalMs, fromSlot, toSlot };
  const marks = await store.marks(range);
  // The bits last: they may be views of live memory, to be read at once.
  const [bits] = await store.read([range]);
  if (!bits) return [];
  const asked = check.vantages.filter((one) => vantages.length === 0 || vantages.includes(one));
  const first = Math.max(0, asked.indexOf(begin.vantage));
  return asked.slice(first).flatMap((vantage) => {
    const from = vantage === begin.vantage ? Math.max(fromSlot, begin.slot) : fromSlot;
    return [...observationLines({ ...range, fromSlot: from, bits, marks }, vantage)].map((line) => ({
      line,
      place: { check: id, slot: slotOf(line, intervalMs), vantage },
    }));
  });
}

/** The slot that a line begins with. */
function slotOf(line: string, intervalMs: number): number {
  const { slot, from } = startSchema.parse(JSON.parse(line));
  return Date.parse(slot ?? from ?? '') / intervalMs;
}

function placeCursor(place: Place): string {
  return cursorOf(JSON.stringify(place));
}

function placeOf(cursor: string): Place | undefined {
  try {
    return placeSchema.safeParse(JSON.parse(cursorKey(cursor))).data;
  } catch {
    return undefined;
  }
}
