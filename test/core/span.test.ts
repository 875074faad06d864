import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { covered, lengthOf, normalized, type Span, SpanList, subtract, union } from '../../src/core/span.ts';

const SIZE = 60;
const spans = fc
  .array(fc.tuple(fc.nat(SIZE), fc.nat(SIZE)), { maxLength: 8 })
  .map((pairs) => normalized(pairs.map(([a, b]) => ({ from: Math.min(a, b), to: Math.max(a, b) }))));

/** The milliseconds that the spans cover, one by one. */
const cells = (list: readonly Span[]): boolean[] =>
  Array.from({ length: SIZE }, (_, ms) => list.some((span) => ms >= span.from && ms < span.to));

const isTidy = (list: readonly Span[]): boolean =>
  list.every((span, i) => span.from < span.to && (i === 0 || (list[i - 1]?.to ?? Infinity) < span.from));

describe('span sets', () => {
  it('covered is the time in at least m lists, sorted, disjoint and joined', () => {
    fc.assert(
      fc.property(
        fc.array(spans, { minLength: 1, maxLength: 4 }),
        fc.integer({ min: 1, max: 4 }),
        (lists, quorum) => {
          const result = covered(lists, quorum);
          const counts = lists.map(cells);
          const expected = Array.from(
            { length: SIZE },
            (_, ms) => counts.filter((own) => own[ms]).length >= quorum,
          );
          expect(cells(result)).toEqual(expected);
          expect(isTidy(result)).toBe(true);
        },
      ),
    );
  });

  it('subtract is the time in the first and not in the second', () => {
    fc.assert(
      fc.property(spans, spans, (a, b) => {
        const result = subtract(a, b);
        const other = cells(b);
        expect(cells(result)).toEqual(cells(a).map((inside, ms) => inside && !other[ms]));
        expect(isTidy(result)).toBe(true);
      }),
    );
  });

  it('a quorum above the number of lists covers nothing', () => {
    expect(covered([[{ from: 0, to: 5 }]], 2)).toEqual([]);
  });
});

describe('SpanList', () => {
  it('sums, cuts and grows like the plain list', () => {
    fc.assert(
      fc.property(spans, spans, fc.nat(SIZE), fc.nat(SIZE), fc.nat(SIZE), (first, second, cut, a, b) => {
        const list = new SpanList();
        list.appendAll(first);
        list.truncate(cut);
        const rest = second.flatMap((span) =>
          span.to > cut ? [{ from: Math.max(cut, span.from), to: span.to }] : [],
        );
        list.appendAll(rest);
        const plain = union(
          first.flatMap((span) => (span.from < cut ? [{ from: span.from, to: Math.min(cut, span.to) }] : [])),
          rest,
        );
        expect(list.since(-Infinity)).toEqual(plain);
        expect(list.within(0, SIZE)).toBe(lengthOf(plain));
        const [from, to] = [Math.min(a, b), Math.max(a, b)];
        expect(list.within(from, to)).toBe(cells(plain).slice(from, to).filter(Boolean).length);
      }),
    );
  });

  it('refuses a span that begins before the last one ends', () => {
    const list = new SpanList();
    list.append(0, 10);
    expect(() => list.append(5, 12)).toThrow(RangeError);
  });
});
