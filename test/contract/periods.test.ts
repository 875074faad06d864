import { describe, expect, it } from 'vitest';
import { isNamed, periodAt, periodNamed } from '../../src/contract/periods.ts';
import { contractWith } from '../judge/make-judge.ts';

const paris = contractWith({}, { timezone: 'Europe/Paris' });
const hours = ({ fromMs, toMs }: { fromMs: number; toMs: number }): number => (toMs - fromMs) / 3_600_000;

describe('periodAt', () => {
  it('ends a month at midnight in the contract’s zone, and the next begins there', () => {
    const edge = Date.parse('2026-04-01T00:00:00+02:00');
    expect(periodAt(paris, 'month', edge - 1).name).toBe('2026-03');
    expect(periodAt(paris, 'month', edge)).toMatchObject({ name: '2026-04', fromMs: edge });
  });

  it.each([
    ['2026-03', 743],
    ['2026-10', 745],
    ['2026-02', 672],
    ['2028-02', 696],
  ])('gives %s its real length of %i h', (name, length) => {
    const named = periodNamed(paris, name);
    expect(named && hours(named.period)).toBe(length);
  });

  it('gives a leap year 366 days', () => {
    expect(hours(periodAt(paris, 'year', Date.parse('2028-06-01T00:00:00Z')))).toBe(366 * 24);
  });

  it('runs a year from anniversary to anniversary where the contract says so', () => {
    const signed = contractWith(
      {},
      { timezone: 'Europe/Paris', period: { year: { anniversary: '2024-09-15' } } },
    );
    const before = periodAt(signed, 'year', Date.parse('2026-09-14T23:59:59+02:00'));
    expect(before).toMatchObject({ name: '2025', toMs: Date.parse('2026-09-15T00:00:00+02:00') });
    expect(periodAt(signed, 'year', before.toMs)).toMatchObject({ name: '2026', fromMs: before.toMs });
  });

  it('begins the year of a 29 February on the 28th where there is none', () => {
    const leap = contractWith({}, { period: { year: { anniversary: '2024-02-29' } } });
    expect(periodNamed(leap, '2026')?.period.fromMs).toBe(Date.UTC(2026, 1, 28));
    expect(periodNamed(leap, '2028')?.period.fromMs).toBe(Date.UTC(2028, 1, 29));
  });
});

describe('periodNamed', () => {
  it.each(['2026-13', '2026-3', '26', '2026-03-01', 'march', ''])('refuses %j', (name) => {
    expect(periodNamed(paris, name)).toBeUndefined();
  });

  it('knows the part of a period by its first day, and the whole by all its parts', () => {
    const part = periodNamed(paris, '2026@2026-07-01');
    expect(part).toMatchObject({ kind: 'year', part: '2026@2026-07-01', period: { name: '2026' } });
    const whole = periodNamed(paris, '2026');
    const [first, second] = ['2026@2026-01-01', '2026@2026-07-01'].map((name, i) => ({
      name,
      fromMs: 0,
      toMs: 1,
      part: { of: '2026', index: i + 1, count: 2 },
    }));
    if (!part || !whole || !first || !second) throw new Error('unreadable names');
    expect([first, second].map((period) => [isNamed(period, part), isNamed(period, whole)])).toEqual([
      [false, true],
      [true, true],
    ]);
    expect(isNamed(whole.period, whole)).toBe(true);
    expect(isNamed({ ...whole.period, name: '2025' }, whole)).toBe(false);
  });
});
