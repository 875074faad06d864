import type { Check } from '../core/check.ts';
import { getBit, type SlotBits, type VantageBits } from '../core/slots.ts';
import type { Incident } from '../core/verdict.ts';
import type { Mark, SlotRange, WindowStore } from '../window/store.ts';

/** Where the samples of incidents are. */
export interface SampleSources {
  readonly store: Pick<WindowStore, 'marks' | 'read'>;
  /** Gives the event loop a turn. */
  readonly breathe: () => Promise<void>;
}

/** What one vantage noted of a slot that was not good, and when that began. */
export interface Sample extends Mark {
  readonly check: string;
  readonly atMs: number;
}

/** The samples of an incident that were not good, as far back as the windows keep them. */
export interface IncidentSamples {
  /** How many there are in all. */
  readonly count: number;
  /** All of them, or the first, the last and some between of each check, where they are too many to look at; by time. */
  readonly lookedAt: readonly Sample[];
}

/** How many samples of an incident are looked at. */
const MOST_SAMPLES = 20_000;
/** Of how many slots the bits are read at a time: a week at ten seconds. */
const SLOTS_A_TIME = 60_480;
/** How many slots are looked at together, where not all are. */
const SLOTS_A_STRETCH = 60;

/** The samples of an incident of these checks. What is read at once is bounded, however long it is. */
export async function incidentSamples(
  incident: Pick<Incident, 'fromMs' | 'toMs'>,
  checks: readonly Check[],
  { store, breathe }: SampleSources,
): Promise<IncidentSamples> {
  const lookedAt: Sample[] = [];
  let count = 0;
  for (const check of checks) {
    const stretches: Stretch[] = [];
    for (const range of rangesOf(incident, check)) {
      for (const bits of await store.read([range])) stretches.push(...stretchesOf(range, bits));
      await breathe();
    }
    const own = stretches.reduce((sum, stretch) => sum + stretch.count, 0);
    count += own;
    for (const range of chosen(stretches, own, MOST_SAMPLES / checks.length)) {
      for (const mark of await store.marks(range)) lookedAt.push(sampleOf(range, mark));
      await breathe();
    }
  }
  return { count, lookedAt: lookedAt.sort((a, b) => a.atMs - b.atMs) };
}

/** At most so many of a list, in its order: the first and the last quarter, and of what lies between as evenly as it goes. */
export function firstLastAndBetween<T>(all: readonly T[], most: number): readonly T[] {
  if (all.length <= most) return all;
  const end = Math.floor(most / 4);
  const between = all.slice(end, all.length - end);
  return [...all.slice(0, end), ...spread(between, most - 2 * end), ...all.slice(all.length - end)];
}

/** Slots in which so many samples were not good. */
interface Stretch extends SlotRange {
  readonly count: number;
}

function* rangesOf(
  { fromMs, toMs }: Pick<Incident, 'fromMs' | 'toMs'>,
  { id: check, intervalMs }: Check,
): Generator<SlotRange> {
  const end = Math.ceil(toMs / intervalMs);
  for (let fromSlot = Math.floor(fromMs / intervalMs); fromSlot < end; fromSlot += SLOTS_A_TIME)
    yield { check, intervalMs, fromSlot, toSlot: Math.min(end, fromSlot + SLOTS_A_TIME) };
}

function stretchesOf(
  { check, intervalMs, fromSlot, toSlot: end }: SlotRange,
  bits: SlotBits,
): readonly Stretch[] {
  const stretches: Stretch[] = [];
  for (let from = fromSlot; from < end; from += SLOTS_A_STRETCH) {
    const toSlot = Math.min(end, from + SLOTS_A_STRETCH);
    let count = 0;
    for (const vantage of bits.vantages)
      count += notGood(vantage, from - bits.baseSlot, toSlot - bits.baseSlot);
    if (count > 0) stretches.push({ check, intervalMs, fromSlot: from, toSlot, count });
  }
  return stretches;
}

function notGood({ bad, excluded }: VantageBits, from: number, to: number): number {
  let count = 0;
  for (let i = from; i < to; i++) if (getBit(bad, i) || getBit(excluded, i)) count++;
  return count;
}

/** What is looked at, so that at most `most` samples are, and at the least those at either end. */
function chosen(stretches: readonly Stretch[], count: number, most: number): readonly SlotRange[] {
  const [first, last] = [stretches.at(0), stretches.at(-1)];
  if (!first || !last) return [];
  if (count <= most) return [{ ...first, toSlot: last.toSlot }];
  const largest = stretches.reduce((size, stretch) => Math.max(size, stretch.count), 1);
  return spread(stretches, Math.max(2, Math.floor(most / largest)));
}

/** At most so many of a list as evenly as it goes; of two and more the first and the last are there. */
function spread<T>(all: readonly T[], most: number): readonly T[] {
  if (all.length <= most) return all;
  const step = (all.length - 1) / Math.max(1, most - 1);
  return Array.from({ length: most }, (_, i) => Math.round(i * step)).flatMap((i) => all.slice(i, i + 1));
}

function sampleOf({ check, intervalMs }: SlotRange, mark: Mark): Sample {
  return { ...mark, check, atMs: mark.slot * intervalMs };
}
