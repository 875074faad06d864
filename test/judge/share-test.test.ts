import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parsePercent } from '../../src/core/fraction.ts';
import { shareState, wilsonInterval } from '../../src/judge/share-test.ts';

const TARGET = parsePercent('90') ?? { num: 0n, den: 1n };

describe('wilsonInterval', () => {
  it('P: 3,910 of 4,320 tests are 0.8960 … 0.9135', () => {
    const { lower, upper } = wilsonInterval(3_910, 4_320);
    expect([lower.toFixed(4), upper.toFixed(4)]).toEqual(['0.8960', '0.9135']);
  });

  it('stays within 0 and 1, and is wide where there is little', () => {
    expect(wilsonInterval(0, 1)).toEqual({ lower: 0, upper: expect.closeTo(0.793_5, 4) });
    expect(wilsonInterval(1, 1)).toEqual({ lower: expect.closeTo(0.206_5, 4), upper: 1 });
  });
});

describe('shareState', () => {
  it.each([
    ['P, over', 3_910, 4_320, true, 'undecided'],
    ['no test at all', 0, 0, true, 'undecided'],
    ['all met, not over', 4_320, 4_320, false, 'undecided'],
    ['all met, over', 4_320, 4_320, true, 'met'],
    ['far below, not over', 3_700, 4_320, false, 'breached'],
    ['far below, over', 3_700, 4_320, true, 'breached'],
    // The upper bound of 34 of 34 met is 1, and the lower 0.8985; with 35 it is 0.9011.
    ['lower bound just below', 34, 34, true, 'undecided'],
    ['lower bound just above', 35, 35, true, 'met'],
  ] as const)('%s', (_, met, tests, over, state) => {
    expect(shareState({ met, tests }, TARGET, over)).toBe(state);
  });

  it('calls a lower bound that is the target exactly met, and an upper bound that is it not breached', () => {
    // With T = 2401/3026 all of one test met have z²·T(1 − T) = (1 − T)²: the target is the lower bound itself.
    const target = { num: 625n, den: 3_026n };
    expect(shareState({ met: 1, tests: 1 }, target, true)).toBe('met');
    expect(shareState({ met: 1, tests: 1 }, { ...target, num: 626n }, true)).toBe('undecided');
    const mirrored = { num: 2_401n, den: 3_026n };
    expect(shareState({ met: 0, tests: 1 }, mirrored, true)).toBe('undecided');
    expect(shareState({ met: 0, tests: 1 }, { ...mirrored, num: 2_402n }, true)).toBe('breached');
  });

  it('says what the interval says, away from its edges', () => {
    const sample = fc
      .integer({ min: 1, max: 20_000 })
      .chain((tests) =>
        fc.tuple(fc.integer({ min: Math.floor(tests * 0.8), max: tests }), fc.constant(tests)),
      );
    fc.assert(
      fc.property(sample, fc.boolean(), ([met, tests], over) => {
        const { lower, upper } = wilsonInterval(met, tests);
        fc.pre(Math.abs(upper - 0.9) > 1e-9 && Math.abs(lower - 0.9) > 1e-9);
        const unbroken = over && lower >= 0.9 ? 'met' : 'undecided';
        expect(shareState({ met, tests }, TARGET, over)).toBe(upper < 0.9 ? 'breached' : unbroken);
      }),
    );
  });
});
