import { describe, expect, it } from 'vitest';
import { easterSunday, frenchHolidays } from '../../src/contract/french-holidays.ts';

/** Easter Sundays of 2000 to 2060, by the npm package date-holidays 3. */
const EASTERS =
  '04-23 04-15 03-31 04-20 04-11 03-27 04-16 04-08 03-23 04-12 04-04 04-24 04-08 03-31 04-20 04-05 ' +
  '03-27 04-16 04-01 04-21 04-12 04-04 04-17 04-09 03-31 04-20 04-05 03-28 04-16 04-01 04-21 04-13 ' +
  '03-28 04-17 04-09 03-25 04-13 04-05 04-25 04-10 04-01 04-21 04-06 03-29 04-17 04-09 03-25 04-14 ' +
  '04-05 04-18 04-10 04-02 04-21 04-06 03-29 04-18 04-02 04-22 04-14 03-30 04-18';

/** The public holidays of metropolitan France by the same package, those of type `public`. */
const HOLIDAYS = {
  2000: '01-01 04-24 05-01 05-08 06-01 06-12 07-14 08-15 11-01 11-11 12-25',
  2008: '01-01 03-24 05-01 05-08 05-12 07-14 08-15 11-01 11-11 12-25',
  2026: '01-01 04-06 05-01 05-08 05-14 05-25 07-14 08-15 11-01 11-11 12-25',
  2038: '01-01 04-26 05-01 05-08 06-03 06-14 07-14 08-15 11-01 11-11 12-25',
  2060: '01-01 04-19 05-01 05-08 05-27 06-07 07-14 08-15 11-01 11-11 12-25',
};

describe('easterSunday', () => {
  it.each(EASTERS.split(' ').map((day, index) => [2000 + index, day] as const))(
    'of %i is on %s',
    (year, day) => {
      expect(easterSunday(year).toString()).toBe(`${year}-${day}`);
    },
  );
});

describe('frenchHolidays', () => {
  it.each(Object.entries(HOLIDAYS))('of %s are those of the public calendar', (year, days) => {
    expect([...frenchHolidays(Number(year))].sort()).toEqual(days.split(' ').map((day) => `${year}-${day}`));
  });

  it('are ten days in 2008, when Ascension fell on the first of May', () => {
    expect(frenchHolidays(2008).size).toBe(10);
    expect(frenchHolidays(2026).size).toBe(11);
  });
});
