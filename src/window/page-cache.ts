import { decodePage } from './page-codec.ts';
import { VantagePage } from './page.ts';
import type { SeriesIndex } from './series-index.ts';
import { DayPage, type Series } from './series.ts';
import type { StoredPage } from './sqlite-messages.ts';

/** What a cache needs of its owner. */
export interface PageSource {
  /** The stored pages [fromPage, toPage) of a series. */
  load(series: Series, fromPage: number, toPage: number): Promise<readonly StoredPage[]>;
  /** A slot was found to have changed, by a write that came before its page was here. */
  changed(series: Series, slot: number): void;
  /** Pages could not be had: what is in memory is not whole. */
  failed(error: unknown): void;
}

/**
 * The pages in use, in memory. A page may be written to before what is stored of it has come: bits only grow, so
 * the two are simply added. What is not used for two turns and is in the file as well is forgotten.
 */
export class PageCache {
  readonly #index: SeriesIndex;
  readonly #source: PageSource;
  readonly #loads = new Set<Promise<void>>();
  #turn = 0;

  constructor(index: SeriesIndex, source: PageSource) {
    this.#index = index;
    this.#source = source;
  }

  /** A page to write to; asked for before its slots are taken into {@link Series.seen}. */
  page(series: Series, number: number): DayPage {
    const page = series.pages.get(number) ?? this.#add(series, number);
    page.usedTurn = this.#turn;
    return page;
  }

  /** Makes slots [fromSlot, toSlot) whole in memory; undefined when they are already. */
  whole(series: Series, fromSlot: number, toSlot: number): Promise<unknown> | undefined {
    const first = Math.max(series.pageOf(fromSlot), series.pageOf(series.firstSlot));
    const last = Math.min(series.pageOf(toSlot - 1), series.pageOf(series.lastSlot));
    const missing: number[] = [];
    const loading = new Set<Promise<void>>();
    for (let number = first; number <= last; number++) {
      const page = series.pages.get(number);
      if (page) page.usedTurn = this.#turn;
      if (!page) missing.push(number);
      else if (page.loading) loading.add(page.loading);
    }
    const load = this.#load(series, missing);
    if (load) loading.add(load);
    return loading.size > 0 ? Promise.all(loading) : undefined;
  }

  /** Resolves when no page is on its way. */
  async settled(): Promise<void> {
    while (this.#loads.size > 0) await Promise.all(this.#loads);
  }

  /** Ends a turn: forgets the pages that were not used in it nor in the one before, and changed in no later batch. */
  sweep(storedBatch: number): void {
    for (const { pages } of this.#index.all()) {
      for (const [number, page] of pages) {
        const idle = page.usedTurn < this.#turn && !page.loading;
        if (idle && page.changedBatch <= storedBatch) pages.delete(number);
      }
    }
    this.#turn++;
  }

  #add(series: Series, number: number): DayPage {
    const { firstSlot, lastSlot } = series;
    if (number >= series.pageOf(firstSlot) && number <= series.pageOf(lastSlot)) {
      void this.#load(series, [number]);
    }
    const page = series.pages.get(number) ?? new DayPage();
    series.pages.set(number, page);
    return page;
  }

  #load(series: Series, numbers: readonly number[]): Promise<void> | undefined {
    const first = numbers[0];
    const last = numbers.at(-1);
    if (first === undefined || last === undefined) return undefined;
    const pages = new Map(numbers.map((number) => [number, new DayPage()]));
    const load = this.#fetch(series, pages, first, last + 1).finally(() => this.#loads.delete(load));
    this.#loads.add(load);
    for (const [number, page] of pages) {
      page.loading = load;
      page.usedTurn = this.#turn;
      series.pages.set(number, page);
    }
    return load;
  }

  async #fetch(
    series: Series,
    pages: ReadonlyMap<number, DayPage>,
    fromPage: number,
    toPage: number,
  ): Promise<void> {
    try {
      const stored = Map.groupBy(await this.#source.load(series, fromPage, toPage), ({ page }) => page);
      for (const [number, page] of pages) this.#join(series, number, page, stored.get(number) ?? []);
    } catch (error) {
      this.#source.failed(error);
    }
  }

  #join(series: Series, number: number, page: DayPage, rows: readonly StoredPage[]): void {
    const { shape } = series;
    const stored = new Map(rows.map(({ vantage, body }) => [vantage, decodePage(body, shape)]));
    for (const [vantage, written] of page.vantages) {
      const changed = written.firstBeyond(stored.get(vantage) ?? new VantagePage(shape));
      if (changed !== undefined) this.#source.changed(series, number * shape.slots + changed);
    }
    for (const [vantage, known] of stored) page.of(vantage, shape).absorb(known);
    page.loading = undefined;
  }
}
