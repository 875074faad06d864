import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { phaseMs, stableFraction } from '../../src/schedule/phase.ts';

const check = { id: 'dns-internal', intervalMs: 10_000, vantages: ['az-a', 'az-b', 'az-c', 'outside'] };

const phases = fc.record({
  id: fc.string({ minLength: 1 }),
  intervalMs: fc.constantFrom(1_000, 1_500, 10_000, 60_000, 3_600_000),
  vantages: fc.uniqueArray(fc.string({ minLength: 1 }), { minLength: 1, maxLength: 8 }),
});

describe('phaseMs', () => {
  test('is the same in every process and version', () => {
    expect(check.vantages.map((vantage) => phaseMs(check, vantage))).toEqual(PHASES);
  });

  test('lies inside the slot, whole', () => {
    fc.assert(
      fc.property(phases, (phased) => {
        for (const vantage of phased.vantages) {
          const phase = phaseMs(phased, vantage);
          expect(Number.isInteger(phase) && phase >= 0 && phase < phased.intervalMs).toBe(true);
        }
      }),
    );
  });

  test('puts the vantages of a check T/V apart, around the slot', () => {
    fc.assert(
      fc.property(phases, (phased) => {
        const sorted = phased.vantages.map((vantage) => phaseMs(phased, vantage)).sort((a, b) => a - b);
        const apart = sorted.map(
          (phase, i) => (sorted[i + 1] ?? (sorted[0] ?? 0) + phased.intervalMs) - phase,
        );
        expect(Math.min(...apart)).toBeGreaterThanOrEqual(Math.floor(phased.intervalMs / sorted.length));
      }),
    );
  });

  test('does not depend on the order in which the vantages are named', () => {
    const turned = { ...check, vantages: [...check.vantages].reverse() };
    for (const vantage of check.vantages) expect(phaseMs(turned, vantage)).toBe(phaseMs(check, vantage));
  });

  test('spreads checks that differ in the last letter over the slot', () => {
    const tenths = Array.from({ length: 10 }, () => 0);
    for (let i = 0; i < 1_000; i++) {
      const tenth = Math.floor(phaseMs({ ...check, id: `check-${i}`, vantages: ['v'] }, 'v') / 1_000);
      tenths[tenth] = (tenths[tenth] ?? 0) + 1;
    }
    expect(Math.min(...tenths)).toBeGreaterThan(60);
    expect(Math.max(...tenths)).toBeLessThan(140);
  });

  test.each([
    { light: false, tickMs: 5 },
    { light: true, tickMs: 10 },
  ])('has several checks share an instant, a tick of $tickMs ms apart', ({ light, tickMs }) => {
    const phased = Array.from({ length: 5_000 }, (_, i) =>
      phaseMs({ id: `check-${i}`, intervalMs: 1_000, vantages: ['v'] }, 'v', { light }),
    );
    expect(phased.filter((phase) => phase % tickMs !== 0)).toEqual([]);
    expect(new Set(phased).size).toBe(1_000 / tickMs);
  });

  test('refuses a vantage that is not one of the check', () => {
    expect(() => phaseMs(check, 'az-z')).toThrow(RangeError);
  });
});

describe('stableFraction', () => {
  test('is in [0, 1)', () => {
    fc.assert(fc.property(fc.string(), (text) => stableFraction(text) >= 0 && stableFraction(text) < 1));
  });
});

/** What the first release computed; a change of these would move every run of every installation. */
const PHASES = [6_810, 4_310, 1_810, 9_310];
