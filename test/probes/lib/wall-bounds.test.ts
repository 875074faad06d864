import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { wallBounds, wallLessMonotonic } from '../../../probes/lib/wall-bounds.ts';
import type { Clock } from '../../../src/core/clock.ts';

/** A clock whose wall is `aheadMs` before its monotonic one, shown in whole milliseconds; each look takes `lookMs`. */
function clockOf(aheadMs: number, startMs: number, lookMs = 0): Clock {
  let nowMs = startMs;
  const look = (): number => (nowMs += lookMs);
  return {
    monotonicMs: () => look(),
    wallMs: () => Math.floor(look() + aheadMs),
    after: () => () => undefined,
  };
}

const fraction = fc.double({ min: 0, max: 1, noNaN: true });

describe('wallBounds', () => {
  it('hold the true difference, however long the looks take', () => {
    fc.assert(
      fc.property(fraction, fraction, fc.double({ min: 0, max: 50, noNaN: true }), (ahead, start, lookMs) => {
        const { lowMs, highMs } = wallBounds(clockOf(1000 + ahead, start, lookMs));
        expect(lowMs).toBeLessThanOrEqual(1000 + ahead + 1e-9);
        expect(highMs).toBeGreaterThanOrEqual(1000 + ahead - 1e-9);
      }),
    );
  });
});

describe('wallLessMonotonic', () => {
  it('comes within 0.1 ms of the truth by ten looks a tenth of a millisecond apart in phase', () => {
    const looks = Array.from({ length: 10 }, (_, i) => wallBounds(clockOf(1000.37, i * 50.1)));
    expect(Math.abs((wallLessMonotonic(looks) ?? 0) - 1000.37)).toBeLessThan(0.1);
  });

  it.each([
    ['no look at all', [], undefined],
    ['one look: the middle', [{ lowMs: 10, highMs: 11 }], 10.5],
    [
      'the part that all agree on',
      [
        { lowMs: 10, highMs: 11 },
        { lowMs: 10.6, highMs: 11.6 },
      ],
      10.8,
    ],
    [
      'bounds that miss each other by rounding',
      [
        { lowMs: 10, highMs: 11 },
        { lowMs: 11.5, highMs: 12.5 },
      ],
      11.25,
    ],
    [
      'a step forward',
      [
        { lowMs: 10, highMs: 11 },
        { lowMs: 13, highMs: 14 },
      ],
      undefined,
    ],
    [
      'a step back',
      [
        { lowMs: 13, highMs: 14 },
        { lowMs: 10, highMs: 11 },
      ],
      undefined,
    ],
  ])('%s', (_, bounds, expected) => {
    expect(wallLessMonotonic(bounds)).toBe(expected);
  });
});
