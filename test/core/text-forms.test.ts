import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatDuration, parseDuration } from '../../src/core/duration.ts';
import { complement, floorOf, formatDecimal, parseDecimal, parsePercent } from '../../src/core/fraction.ts';
import { parseInstant } from '../../src/core/instant.ts';

describe('parseDuration', () => {
  it.each([
    ['10s', 10_000],
    ['1h30m', 5_400_000],
    ['500ms', 500],
    ['2d', 172_800_000],
    ['0s', 0],
    ['PT10S', 10_000],
    ['P1DT2H3M4.5S', 93_784_500],
    ['PT0.001S', 1],
  ])('reads %s', (text, ms) => {
    expect(parseDuration(text)).toBe(ms);
  });

  it.each(['', '10', 's', '1.5h', '-5s', '10 s', 'P', 'PT', 'P1Y', 'P1M', 'P1W', '1h ', 'PT1.2345S', '９s'])(
    'refuses %j',
    (text) => {
      expect(parseDuration(text)).toBeUndefined();
    },
  );

  it('reads back whatever formatDuration prints', () => {
    fc.assert(
      fc.property(fc.nat(2 ** 40), (ms) => {
        expect(parseDuration(formatDuration(ms))).toBe(ms);
      }),
    );
  });
});

describe('exact fractions', () => {
  it('parsePercent keeps what floating point loses', () => {
    expect(parsePercent('99.999')).toEqual({ num: 99_999n, den: 100_000n });
    expect(parsePercent('99.9999999999')).toEqual({ num: 999_999_999_999n, den: 1_000_000_000_000n });
  });

  it.each(['99,9', '', '1e2', '-1', '+1', ' 1', '1.', '.5', 'NaN'])('parseDecimal refuses %j', (text) => {
    expect(parseDecimal(text)).toBeUndefined();
  });

  it('floorOf the five-nines budget of 365 days is 315,360 ms', () => {
    const share = parsePercent('99.999');
    expect(share && floorOf(complement(share), 365 * 86_400_000)).toBe(315_360);
  });

  it('formatDecimal cuts instead of rounding, and shows all decimals of what is not exact', () => {
    expect(formatDecimal({ num: 999_999n, den: 1_000_000n }, 4)).toBe('0.9999');
    expect(formatDecimal({ num: 2n, den: 3n }, 8)).toBe('0.66666666');
    expect(formatDecimal({ num: 1n, den: 2n }, 8)).toBe('0.5');
    expect(formatDecimal({ num: 1n, den: 1n }, 8)).toBe('1');
    expect(formatDecimal({ num: -1n, den: 8n }, 3)).toBe('-0.125');
  });
});

describe('parseInstant', () => {
  it.each([
    ['2026-03-01T00:00:00Z', Date.UTC(2026, 2, 1)],
    ['2026-03-01T00:00:00.000+01:00', Date.UTC(2026, 1, 28, 23)],
    ['2026-03-01T00:00:00.1239Z', Date.UTC(2026, 2, 1) + 123],
  ])('reads %s', (text, ms) => {
    expect(parseInstant(text)).toBe(ms);
  });

  it.each([
    '2026-03-01',
    '2026-03-01T00:00:00',
    '2026-02-30T00:00:00Z',
    '2026-13-01T00:00:00Z',
    'yesterday',
    '',
  ])('refuses %j', (text) => {
    expect(parseInstant(text)).toBeUndefined();
  });
});
