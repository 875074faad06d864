import { describe, expect, it } from 'vitest';
import { holidaysMissing, holidaysSchema, holidayTest } from '../../src/contract/holidays.ts';
import { frenchHolidays } from '../../src/contract/french-holidays.ts';

/** Easter Sunday by Gauss's rule of 1816, another computation than the one under test. */
function gaussEaster(year: number): Temporal.PlainDate {
  const k = Math.floor(year / 100);
  const m = (15 + k - Math.floor((8 * k + 13) / 25) - Math.floor(k / 4)) % 30;
  const n = (4 + k - Math.floor(k / 4)) % 7;
  const d = (19 * (year % 19) + m) % 30;
  const e = (2 * (year % 4) + 4 * (year % 7) + 6 * d + n) % 7;
  const isExempt = (d === 29 && e === 6) || (d === 28 && e === 6 && (11 * m + 11) % 30 < 19);
  return Temporal.PlainDate.from({ year, month: 3, day: 22 }).add({ days: isExempt ? d + e - 7 : d + e });
}

const YEARS = Array.from({ length: 61 }, (_, i) => 2000 + i);

describe('French holidays, 2000 to 2060', () => {
  it.each(YEARS)('of %i are the eight fixed ones and three after Easter by Gauss', (year) => {
    const easter = gaussEaster(year);
    const fixed = ['01-01', '05-01', '05-08', '07-14', '08-15', '11-01', '11-11', '12-25'];
    const expected = [
      ...fixed.map((day) => `${year}-${day}`),
      ...[1, 39, 50].map((days) => easter.add({ days }).toString()),
    ];
    expect([...frenchHolidays(year)].sort()).toEqual([...new Set(expected)].sort());
  });

  it.each(YEARS)('of %i in Alsace and Moselle have Good Friday and 26 December besides', (year) => {
    const isHoliday = holidayTest({ country: 'fr', regional: ['alsace-moselle'] });
    const isPlain = holidayTest('fr');
    const days = Array.from({ length: 366 }, (_, i) =>
      Temporal.PlainDate.from({ year, month: 1, day: 1 }).add({ days: i }).toString(),
    ).filter((day) => day.startsWith(String(year)));
    const more = days.filter((day) => isHoliday(day) && !isPlain(day));
    const goodFriday = gaussEaster(year).subtract({ days: 2 }).toString();
    expect(more).toEqual([goodFriday, `${year}-12-26`]);
  });
});

describe('holidayTest', () => {
  it('adds and drops dates, and keeps what regions add', () => {
    const isHoliday = holidayTest({
      country: 'fr',
      regional: ['reunion'],
      also: ['2026-05-15'],
      except: ['2026-05-25'],
    });
    expect(['2026-05-14', '2026-05-15', '2026-05-25', '2026-12-20', '2027-05-17'].map(isHoliday)).toEqual([
      true,
      true,
      false,
      true,
      true,
    ]);
  });

  it('none and lists', () => {
    expect(holidayTest('none')('2026-12-25')).toBe(false);
    expect(['2026-06-24', '2026-12-25'].map(holidayTest(['2026-06-24']))).toEqual([true, false]);
  });
});

describe('holidaysSchema', () => {
  it('refuses an exception that is no holiday in its year, such as the Whit Monday of another', () => {
    const read = (date: string) => holidaysSchema.safeParse({ country: 'fr', except: [date] });
    expect(read('2026-05-25').success).toBe(true);
    expect(read('2027-05-25').error?.issues).toMatchObject([
      { path: ['except', 0], message: 'expected a date that is a holiday in its year' },
    ]);
  });
});

describe('holidaysMissing', () => {
  it('a list of other years alone is told; a list of the year, an empty one and a country are not', () => {
    expect(holidaysMissing(['2025-05-01', '2024-05-01'], 2026)).toBe(
      'lists dates of 2024, 2025 and none of 2026: its holidays count as working days',
    );
    expect(
      [['2026-05-01'], [], 'fr' as const, 'none' as const].map((list) => holidaysMissing(list, 2026)),
    ).toEqual([undefined, undefined, undefined, undefined]);
  });
});
