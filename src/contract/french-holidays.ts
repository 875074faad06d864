const FIXED = ['01-01', '05-01', '05-08', '07-14', '08-15', '11-01', '11-11', '12-25'];

/** Easter Monday, Ascension and Whit Monday, in days after Easter Sunday. */
const AFTER_EASTER = [1, 39, 50];

/** Easter Sunday of a year of the Gregorian calendar, by the anonymous algorithm of 1876 (Butcher's computus). */
export function easterSunday(year: number): Temporal.PlainDate {
  const golden = year % 19;
  const century = Math.floor(year / 100);
  const yearOfCentury = year % 100;
  const moonCorrection = Math.floor((century - Math.floor((century + 8) / 25) + 1) / 3);
  const epact = (19 * golden + century - Math.floor(century / 4) - moonCorrection + 15) % 30;
  const weekday =
    (32 + 2 * (century % 4) + 2 * Math.floor(yearOfCentury / 4) - epact - (yearOfCentury % 4)) % 7;
  const lateMoon = Math.floor((golden + 11 * epact + 22 * weekday) / 451);
  const daysFromMarch = epact + weekday - 7 * lateMoon + 114;
  return Temporal.PlainDate.from({
    year,
    month: Math.floor(daysFromMarch / 31),
    day: (daysFromMarch % 31) + 1,
  });
}

/**
 * The public holidays of metropolitan France in a year, as `2026-05-01` (Code du travail, L3133-1): eight fixed ones
 * and three that follow Easter. Ten dates where two of the eleven fall together, as in 2008.
 */
export function frenchHolidays(year: number): ReadonlySet<string> {
  const easter = easterSunday(year);
  const years = String(year).padStart(4, '0');
  return new Set([
    ...FIXED.map((day) => `${years}-${day}`),
    ...AFTER_EASTER.map((days) => easter.add({ days }).toString()),
  ]);
}
