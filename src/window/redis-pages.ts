import type { Cause } from '../core/cause.ts';
import { setBit, type SlotBits, type VantageBits } from '../core/slots.ts';
import { outcomeOfMark, parseMark } from './redis-mark.ts';
import { pageShape } from './page.ts';
import { asBytes, asInteger, asList, asText } from './redis-reply.ts';
import type { Mark, SlotRange } from './store.ts';

/** One vantage's page, or the part of it that was asked for. */
export interface ReadPage {
  readonly vantage: string;
  /** Slot of the first bit. */
  readonly baseSlot: number;
  readonly seen: Uint8Array;
  readonly bad: Uint8Array;
  readonly excluded: Uint8Array;
  /** By slot; marks as observe.lua keeps them. */
  readonly why: ReadonlyMap<number, string>;
}

/** Decodes one page of a reply of read.lua: what has a mark has its bit, too. */
export function readPage(
  reply: unknown,
  place: { readonly vantage: string; readonly pageSlot: number; readonly fromByte: number },
): ReadPage {
  const [seen, bad, excluded, why] = asList(reply);
  const pairs = asList(why);
  const marks = new Map<number, string>();
  for (let i = 0; i + 1 < pairs.length; i += 2) {
    marks.set(place.pageSlot + asInteger(pairs[i]), asText(pairs[i + 1]));
  }
  const baseSlot = place.pageSlot + place.fromByte * 8;
  const page = { seen: asBytes(seen), bad: asBytes(bad), excluded: asBytes(excluded) };
  if (marks.size > 0) {
    page.bad = withBits(page, 'bad', marks, baseSlot);
    page.excluded = withBits(page, 'excluded', marks, baseSlot);
  }
  return { vantage: place.vantage, baseSlot, ...page, why: marks };
}

function withBits(
  page: { readonly seen: Uint8Array; readonly bad: Uint8Array; readonly excluded: Uint8Array },
  kind: 'bad' | 'excluded',
  marks: ReadonlyMap<number, string>,
  baseSlot: number,
): Uint8Array {
  const bits = new Uint8Array(page.seen.length);
  bits.set(page[kind].subarray(0, bits.length));
  for (const [slot, text] of marks) {
    if (outcomeOfMark(text) === kind && slot - baseSlot < 8 * bits.length) setBit(bits, slot - baseSlot);
  }
  return bits;
}

/** The part of a page that holds slots of a range: bytes, inclusive. */
export function bytesWithin({ intervalMs, fromSlot, toSlot }: SlotRange, page: number) {
  const { slots } = pageShape(intervalMs);
  const base = page * slots;
  const from = Math.max(0, fromSlot - base);
  const to = Math.min(slots, toSlot - base);
  return { pageSlot: base, fromByte: from >> 3, toByte: (to - 1) >> 3 };
}

/** The bits of a range, put together from its pages. */
export function bitsFrom(range: SlotRange, pages: readonly ReadPage[]): SlotBits {
  const baseSlot = Math.floor(range.fromSlot / 8) * 8;
  const length = Math.max(0, Math.ceil((range.toSlot - baseSlot) / 8));
  const found = new Map<string, VantageBits>();
  for (const page of pages) {
    const bits = found.get(page.vantage) ?? blank(page.vantage, length);
    found.set(page.vantage, bits);
    const at = (page.baseSlot - baseSlot) >> 3;
    for (const kind of ['seen', 'bad', 'excluded'] as const) bits[kind].set(page[kind], at);
  }
  return {
    check: range.check,
    intervalMs: range.intervalMs,
    baseSlot,
    vantages: [...found.values()].sort((a, b) => (a.vantage < b.vantage ? -1 : 1)),
    causesAt: (slot, outcome) => causesAt(pages, slot, outcome),
  };
}

function blank(vantage: string, length: number): VantageBits {
  const empty = (): Uint8Array => new Uint8Array(length);
  return { vantage, seen: empty(), bad: empty(), excluded: empty() };
}

function causesAt(
  pages: readonly ReadPage[],
  slot: number,
  outcome: 'bad' | 'excluded' | undefined,
): readonly Cause[] {
  const causes = new Set<Cause>();
  for (const { why } of pages) {
    const text = why.get(slot);
    if (text === undefined) continue;
    const mark = parseMark(text);
    if ((outcome ?? mark.outcome) === mark.outcome) causes.add(mark.cause);
  }
  return [...causes].sort();
}

/** The marks of a range, by slot, then vantage. */
export function marksFrom({ fromSlot, toSlot }: SlotRange, pages: readonly ReadPage[]): readonly Mark[] {
  const marks: Mark[] = [];
  for (const { vantage, why } of pages) {
    for (const [slot, text] of why) {
      if (slot >= fromSlot && slot < toSlot) marks.push({ vantage, slot, ...parseMark(text) });
    }
  }
  return marks.sort((a, b) => a.slot - b.slot || (a.vantage < b.vantage ? -1 : 1));
}
