import type { Cause } from '../core/cause.ts';
import type { CheckKey } from '../core/observation.ts';
import type { SlotBits, VantageBits } from '../core/slots.ts';
import { pageShape, VantagePage, type PageShape } from './page.ts';
import type { Mark, SeenRange } from './store.ts';

/** All vantages' pages of one check on one day, in memory. */
export class DayPage {
  /** Sorted by name. */
  vantages: ReadonlyMap<string, VantagePage> = new Map();
  /** Settles when what is stored of the day was added; undefined once it is all here. Never rejects. */
  loading: Promise<void> | undefined;
  /** When it was last asked for or written to, in turns of its owner. */
  usedTurn = 0;
  /** The number of the last batch that holds a change to it. */
  changedBatch = 0;

  /** A vantage's page, made when there is none. */
  of(vantage: string, shape: PageShape): VantagePage {
    const known = this.vantages.get(vantage);
    if (known) return known;
    const made = new VantagePage(shape);
    this.vantages = new Map(
      [...this.vantages, [vantage, made] as const].sort(([a], [b]) => (a < b ? -1 : 1)),
    );
    return made;
  }
}

/** What is remembered of one check at one interval. */
export class Series implements CheckKey {
  /** Short for the key in what is stored; from 1, in the order of first mention. */
  readonly id: number;
  readonly check: string;
  readonly intervalMs: number;
  readonly shape: PageShape;
  /** By day: slot number over {@link PageShape.slots}. */
  readonly pages = new Map<number, DayPage>();
  firstSlot = Infinity;
  lastSlot = -Infinity;
  /** The beginning (ms since the epoch) of the earliest slot that has changed and was not taken; Infinity when none. */
  changedMs = Infinity;

  constructor(id: number, { check, intervalMs }: CheckKey) {
    this.id = id;
    this.check = check;
    this.intervalMs = intervalMs;
    this.shape = pageShape(intervalMs);
  }

  /** The number of the page that holds a slot. */
  pageOf(slot: number): number {
    return Math.floor(slot / this.shape.slots);
  }

  /** The number of the page that an instant (ms since the epoch) lies in. */
  pageAt(instantMs: number): number {
    return this.pageOf(Math.floor(instantMs / this.intervalMs));
  }

  /** Forgets the pages in memory before one, and returns them. */
  dropPagesBefore(firstKept: number): readonly DayPage[] {
    const dropped: DayPage[] = [];
    for (const [number, page] of this.pages) {
      if (number >= firstKept) continue;
      this.pages.delete(number);
      dropped.push(page);
    }
    return dropped;
  }

  /** The first and last slot ever seen; undefined before the first. */
  get seen(): SeenRange | undefined {
    if (this.firstSlot > this.lastSlot) return undefined;
    return { firstSlot: this.firstSlot, lastSlot: this.lastSlot };
  }

  /** Takes slots [from, to) into the range ever seen. */
  extend(from: number, to: number): void {
    if (from < this.firstSlot) this.firstSlot = from;
    if (to - 1 > this.lastSlot) this.lastSlot = to - 1;
  }

  /** The blame of slots [from, to), by slot, then vantage; without evidence. Only of pages in memory. */
  marks(fromSlot: number, toSlot: number): Mark[] {
    const marks: Mark[] = [];
    for (const { page, base, from, to } of this.#parts(fromSlot, toSlot)) {
      for (const [vantage, { marks: runs }] of page.vantages) {
        for (const run of runs?.within(from, to) ?? []) {
          for (let slot = run.from; slot < run.to; slot++) {
            marks.push({ vantage, slot: base + slot, outcome: run.outcome, cause: run.cause });
          }
        }
      }
    }
    return marks.sort((a, b) => a.slot - b.slot || (a.vantage < b.vantage ? -1 : 1));
  }

  /** The bits of slots [fromSlot, toSlot). Only of pages in memory; a view where they lie in one page. */
  bits(fromSlot: number, toSlot: number): SlotBits {
    const baseSlot = Math.floor(fromSlot / 8) * 8;
    return {
      check: this.check,
      intervalMs: this.intervalMs,
      baseSlot,
      vantages: fromSlot < toSlot ? this.#vantages(baseSlot, toSlot) : [],
      causesAt: (slot, outcome) => this.#causesAt(slot, outcome),
    };
  }

  #vantages(baseSlot: number, toSlot: number): readonly VantageBits[] {
    const pageNumber = this.pageOf(baseSlot);
    if (pageNumber !== this.pageOf(toSlot - 1)) return this.#gathered(baseSlot, toSlot);
    const page = this.pages.get(pageNumber);
    if (!page) return [];
    const start = (baseSlot - pageNumber * this.shape.slots) >> 3;
    const end = (toSlot - pageNumber * this.shape.slots + 7) >> 3;
    return Array.from(page.vantages, ([vantage, { seen, bad, excluded }]) => ({
      vantage,
      seen: seen.subarray(start, end),
      bad: bad.subarray(start, end),
      excluded: excluded.subarray(start, end),
    }));
  }

  #gathered(baseSlot: number, toSlot: number): readonly VantageBits[] {
    const length = Math.ceil((toSlot - baseSlot) / 8);
    const found = new Map<string, VantageBits>();
    for (const { page, base, from, to } of this.#parts(baseSlot, toSlot)) {
      const at = (base + from - baseSlot) >> 3;
      for (const [vantage, source] of page.vantages) {
        const target = found.get(vantage) ?? blank(vantage, length);
        found.set(vantage, target);
        for (const kind of ['seen', 'bad', 'excluded'] as const) {
          if (source[kind] === this.shape.none) continue;
          target[kind].set(source[kind].subarray(from >> 3, (to + 7) >> 3), at);
        }
      }
    }
    return [...found.values()].sort((a, b) => (a.vantage < b.vantage ? -1 : 1));
  }

  #causesAt(slot: number, outcome?: 'bad' | 'excluded'): readonly Cause[] {
    const page = this.pages.get(this.pageOf(slot));
    if (!page) return [];
    const at = slot - this.pageOf(slot) * this.shape.slots;
    const causes = new Set<Cause>();
    for (const { marks } of page.vantages.values()) {
      const blame = marks?.at(at);
      if (blame && (outcome ?? blame.outcome) === blame.outcome) causes.add(blame.cause);
    }
    return [...causes].sort();
  }

  *#parts(fromSlot: number, toSlot: number): Generator<PagePart> {
    if (fromSlot >= toSlot) return;
    const { slots } = this.shape;
    const first = Math.max(this.pageOf(fromSlot), this.pageOf(this.firstSlot));
    const last = Math.min(this.pageOf(toSlot - 1), this.pageOf(this.lastSlot));
    for (let number = first; number <= last; number++) {
      const page = this.pages.get(number);
      const base = number * slots;
      if (!page) continue;
      yield { page, base, from: Math.max(0, fromSlot - base), to: Math.min(slots, toSlot - base) };
    }
  }
}

interface PagePart {
  readonly page: DayPage;
  /** Slot number of the page's first slot. */
  readonly base: number;
  /** The part asked for, counted from the start of the page. */
  readonly from: number;
  readonly to: number;
}

function blank(vantage: string, length: number): VantageBits {
  const empty = (): Uint8Array => new Uint8Array(length);
  return { vantage, seen: empty(), bad: empty(), excluded: empty() };
}

/** Splits slots [from, to) at the ends of pages: the page's number, and the span counted from its start. */
export function splitByPage(
  series: Series,
  from: number,
  to: number,
  each: (pageNumber: number, from: number, to: number) => void,
): void {
  const { slots } = series.shape;
  for (let at = from; at < to;) {
    const pageNumber = series.pageOf(at);
    const end = Math.min(to, (pageNumber + 1) * slots);
    each(pageNumber, at - pageNumber * slots, end - pageNumber * slots);
    at = end;
  }
}
