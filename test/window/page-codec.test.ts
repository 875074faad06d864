import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DamagedBytes } from '../../src/window/bytes.ts';
import { decodePage, encodePage } from '../../src/window/page-codec.ts';
import { pageShape, VantagePage } from '../../src/window/page.ts';

const shape = pageShape(10_000);

const fills = fc.array(
  fc.record({
    from: fc.nat(shape.slots - 1),
    length: fc.oneof(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: shape.slots })),
    outcome: fc.constantFrom('good', 'bad', 'excluded'),
    cause: fc.constantFrom('timeout', 'reset', 'throttled'),
  }),
  { maxLength: 12 },
);

function pageOf(drawn: typeof fills extends fc.Arbitrary<infer Fills> ? Fills : never): VantagePage {
  const page = new VantagePage(shape);
  for (const { from, length, outcome, cause } of drawn) {
    page.fill(from, Math.min(shape.slots, from + length), outcome, outcome === 'good' ? undefined : cause);
  }
  return page;
}

function contents({ seen, bad, excluded, marks }: VantagePage): unknown {
  return [seen, bad, excluded, marks?.runs ?? []];
}

describe('page codec', () => {
  it('decodes what it encoded', () => {
    fc.assert(
      fc.property(fills, (drawn) => {
        const page = pageOf(drawn);
        expect(contents(decodePage(encodePage(page), shape))).toEqual(contents(page));
      }),
      { numRuns: 200 },
    );
  });

  it('decodes bitmaps too ragged for runs', () => {
    const page = new VantagePage(shape);
    for (let slot = 0; slot < shape.slots; slot += 2) page.fill(slot, slot + 1, 'good');
    const bytes = encodePage(page);
    expect(bytes.length).toBeLessThan(shape.slots / 8 + 10);
    expect(contents(decodePage(bytes, shape))).toEqual(contents(page));
  });

  it('writes a good day in a handful of bytes', () => {
    const page = new VantagePage(shape);
    page.fill(0, shape.slots, 'good');
    expect(encodePage(page).length).toBeLessThan(8);
  });

  it('refuses bytes that were cut, prolonged or of another version', () => {
    const bytes = encodePage(pageOf([{ from: 7, length: 99, outcome: 'bad', cause: 'timeout' }]));
    for (let length = 0; length < bytes.length; length++) {
      expect(() => decodePage(bytes.subarray(0, length), shape)).toThrow(DamagedBytes);
    }
    expect(() => decodePage(Uint8Array.of(...bytes, 0), shape)).toThrow(DamagedBytes);
    expect(() => decodePage(Uint8Array.of(9, ...bytes.subarray(1)), shape)).toThrow(DamagedBytes);
  });

  it('reads any bytes as a page or as damage, nothing else', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        try {
          decodePage(Uint8Array.of(1, ...bytes), shape);
        } catch (error) {
          if (!(error instanceof DamagedBytes)) throw error;
        }
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('VantagePage', () => {
  it('tells the first slot where a bit changed', () => {
    const page = new VantagePage(shape);
    expect(page.fill(10, 20, 'good')).toBe(10);
    expect(page.fill(10, 20, 'good')).toBeUndefined();
    expect(page.fill(5, 30, 'good')).toBe(5);
    expect(page.fill(5, 31, 'good')).toBe(30);
    expect(page.fill(12, 13, 'bad', 'timeout')).toBe(12);
    expect(page.fill(12, 14, 'bad', 'timeout')).toBe(13);
  });

  it('adds pages in any order to the same', () => {
    fc.assert(
      fc.property(fills, fills, (first, second) => {
        const whole = pageOf([...first, ...second]);
        const joined = pageOf(second);
        joined.absorb(pageOf(first));
        expect(contents(joined)).toEqual(contents(whole));
        expect(whole.firstBeyond(joined)).toBeUndefined();
      }),
    );
  });

  it('finds the first slot that another page lacks', () => {
    const page = pageOf([{ from: 100, length: 50, outcome: 'bad', cause: 'timeout' }]);
    expect(page.firstBeyond(new VantagePage(shape))).toBe(100);
    expect(page.firstBeyond(pageOf([{ from: 90, length: 20, outcome: 'good', cause: 'timeout' }]))).toBe(100);
    expect(page.firstBeyond(pageOf([{ from: 90, length: 20, outcome: 'bad', cause: 'timeout' }]))).toBe(110);
  });
});
