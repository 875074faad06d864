import { describe, expect, it } from 'vitest';
import { encodePage } from '../../src/window/page-codec.ts';
import { PageCache } from '../../src/window/page-cache.ts';
import { VantagePage } from '../../src/window/page.ts';
import { SeriesIndex } from '../../src/window/series-index.ts';
import { Series } from '../../src/window/series.ts';

/** A series whose page 10 is stored with slots 0 to 9 good, and a cache that counts its loads. */
function setUp() {
  const index = new SeriesIndex();
  const series = index.add(new Series(1, { check: 'dns', intervalMs: 3_600_000 }));
  const stored = new VantagePage(series.shape);
  stored.fill(0, 10, 'good');
  series.extend(10 * 24, 10 * 24 + 10);
  const loads: (readonly [number, number])[] = [];
  const changed: number[] = [];
  const failures: unknown[] = [];
  const cache = new PageCache(index, {
    load: async (_, fromPage, toPage) => {
      loads.push([fromPage, toPage]);
      return fromPage <= 10 && toPage > 10 ? [{ page: 10, vantage: 'a', body: encodePage(stored) }] : [];
    },
    changed: (_, slot) => changed.push(slot),
    failed: (error) => failures.push(error),
  });
  return { series, cache, loads, changed, failures };
}

describe('PageCache', () => {
  it('loads a page once, and only where something may be stored', async () => {
    const { series, cache, loads } = setUp();
    await cache.whole(series, 9 * 24, 12 * 24);
    expect(cache.whole(series, 10 * 24, 11 * 24)).toBeUndefined();
    expect(loads).toEqual([[10, 11]]);
    cache.page(series, 11);
    await cache.settled();
    expect(loads).toEqual([[10, 11]]);
  });

  it('adds what is stored to what was written meanwhile, and tells what of it is new', async () => {
    const { series, cache, changed } = setUp();
    const page = cache.page(series, 10);
    page.of('a', series.shape).fill(4, 5, 'good');
    page.of('a', series.shape).fill(12, 13, 'good');
    page.of('b', series.shape).fill(7, 8, 'good');
    expect(changed).toEqual([]);
    await cache.settled();
    expect(changed).toEqual([10 * 24 + 12, 10 * 24 + 7]);
    expect([...(page.vantages.get('a')?.seen ?? [])]).toEqual([0xff, 0b1100_1000, 0]);
    expect(page.loading).toBeUndefined();
  });

  it('takes no notice of a repetition of what is stored', async () => {
    const { series, cache, changed } = setUp();
    cache.page(series, 10).of('a', series.shape).fill(4, 5, 'good');
    await cache.settled();
    expect(changed).toEqual([]);
  });

  it('forgets a page that was not used for two turns, and loads it again', async () => {
    const { series, cache, loads } = setUp();
    await cache.whole(series, 240, 250);
    cache.sweep(0);
    expect(series.pages.size).toBe(1);
    cache.sweep(0);
    expect(series.pages.size).toBe(0);
    await cache.whole(series, 240, 250);
    expect(series.pages.get(10)?.vantages.get('a')?.seen[0]).toBe(0xff);
    expect(loads).toHaveLength(2);
  });

  it('keeps a page whose changes are not stored yet', async () => {
    const { series, cache } = setUp();
    await cache.whole(series, 240, 250);
    const page = cache.page(series, 10);
    page.changedBatch = 7;
    for (let turn = 0; turn < 3; turn++) cache.sweep(6);
    expect(series.pages.get(10)).toBe(page);
    cache.sweep(7);
    expect(series.pages.size).toBe(0);
  });

  it('keeps a page that is used', async () => {
    const { series, cache } = setUp();
    await cache.whole(series, 240, 250);
    for (let turn = 0; turn < 5; turn++) {
      cache.sweep(0);
      expect(cache.whole(series, 240, 250)).toBeUndefined();
    }
  });
});
