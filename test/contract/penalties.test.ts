import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import type { Penalty } from '../../src/contract/penalty-schema.ts';
import { type PenaltyBasis, penaltiesDue } from '../../src/contract/penalties.ts';

const DAY_MS = 86_400_000;
const MONTH_MS = 30 * DAY_MS;

const TIERS: Penalty = {
  tiers: [
    { below: '95.0', credit: '30' },
    { below: '99.9', credit: '10' },
    { below: '90.0', credit: '100' },
    { below: '99.0', credit: '25' },
  ],
  claimWithin: 30 * DAY_MS,
};

function basis(downtimeMs: number, over: Partial<PenaltyBasis> = {}): PenaltyBasis {
  return {
    row: 'web.availability',
    target: '99.9',
    periodEndMs: Date.UTC(2026, 3, 1),
    lengthMs: MONTH_MS,
    downtimeMs: { best: downtimeMs, estimate: downtimeMs, worst: downtimeMs },
    ...over,
  };
}

const share = (percent: number) => Math.round((MONTH_MS * (100 - percent)) / 100);

describe('penaltiesDue: tiers', () => {
  it.each([
    ['exactly the promise', share(99.9), '0'],
    ['a millisecond below it', share(99.9) + 1, '10'],
    ['exactly the second edge', share(99), '10'],
    ['below the second edge', share(99) + 1, '25'],
    ['below the third', share(95) + 1, '30'],
    ['below the last', share(90) + 1, '100'],
    ['never up', MONTH_MS, '100'],
  ])('%s', (_, downtimeMs, credit) => {
    expect(penaltiesDue([TIERS], basis(downtimeMs))[0]?.estimate).toEqual({ credit, amount: null });
  });

  it('tells apart what is certain, likely and possible', () => {
    const downtimeMs = { best: share(99.9), estimate: share(99) + 1, worst: share(90) + 1 };
    expect(penaltiesDue([TIERS], basis(0, { downtimeMs }))[0]).toMatchObject({
      certain: { credit: '0' },
      estimate: { credit: '25' },
      atMost: { credit: '100' },
    });
  });

  it('counts the term of the claim from the end of the period', () => {
    expect(penaltiesDue([TIERS], basis(0))[0]?.claimByMs).toBe(Date.UTC(2026, 4, 1));
    expect(penaltiesDue([{ ...TIERS, claimWithin: undefined }], basis(0))[0]?.claimByMs).toBeNull();
  });
});

describe('penaltiesDue: promised less observed', () => {
  const formula: Penalty = { formula: 'promised-minus-observed', cap: '30', bill: '1000.00' };

  it.each([
    ['kept', share(99.9), '0', '0.00'],
    ['one percent point short', share(98.9), '1', '10.00'],
    ['an inexact shortfall, cut and not rounded', share(99.9) + 1, '0.000000', '0.00'],
    ['capped', MONTH_MS, '30', '300.00'],
  ])('%s', (_, downtimeMs, credit, amount) => {
    expect(penaltiesDue([formula], basis(downtimeMs))[0]?.estimate).toEqual({ credit, amount });
  });

  it('is cut to whole cents', () => {
    const odd: Penalty = { formula: 'promised-minus-observed', bill: '333.33' };
    expect(penaltiesDue([odd], basis(share(98.9)))[0]?.estimate.amount).toBe('3.33');
  });
});

describe('penaltiesDue', () => {
  it('invents nothing where the contract has none for the row', () => {
    expect(penaltiesDue([], basis(MONTH_MS))).toEqual([]);
    expect(penaltiesDue([{ ...TIERS, rows: ['other'] }], basis(MONTH_MS))).toEqual([]);
  });

  it('never owes less for more downtime, nor more than the cap', () => {
    const cap = 25;
    const penalties: readonly Penalty[] = [
      { ...TIERS, cap: String(cap) },
      { formula: 'promised-minus-observed', cap: String(cap) },
    ];
    const downtime = fc.integer({ min: 0, max: MONTH_MS });
    fc.assert(
      fc.property(downtime, downtime, (a, b) => {
        const less = penaltiesDue(penalties, basis(Math.min(a, b)));
        const more = penaltiesDue(penalties, basis(Math.max(a, b)));
        expect([less.length, more.length]).toEqual([2, 2]);
        for (const [i, due] of less.entries()) {
          const credit = Number(more[i]?.estimate.credit);
          expect(credit).toBeGreaterThanOrEqual(Number(due.estimate.credit));
          expect(credit).toBeLessThanOrEqual(cap);
        }
      }),
    );
  });
});
