import { z } from 'zod';
import { easterSunday, frenchHolidays } from './french-holidays.ts';
import { dateSchema } from './quantity.ts';

/**
 * Public holidays that hold in a part of France alone: the local law of Alsace and Moselle (Code du travail, L3134-13),
 * and the day of the abolition of slavery in each overseas department (L3422-2).
 */
export const FRENCH_REGIONS = [
  'alsace-moselle',
  'guadeloupe',
  'guyane',
  'martinique',
  'mayotte',
  'reunion',
] as const;
type FrenchRegion = (typeof FRENCH_REGIONS)[number];

const REGIONAL: Readonly<Record<FrenchRegion, (year: number) => readonly string[]>> = {
  'alsace-moselle': (year) => [easterSunday(year).subtract({ days: 2 }).toString().slice(5), '12-26'],
  guadeloupe: () => ['05-27'],
  guyane: () => ['06-10'],
  martinique: () => ['05-22'],
  mayotte: () => ['04-27'],
  reunion: () => ['12-20'],
};

/** The holidays of a working calendar: `none`, those of a country, a list of dates, or a country's with local changes. */
export const holidaysSchema = z
  .union(
    [
      z.enum(['none', 'fr']),
      z.array(dateSchema),
      z.strictObject({
        country: z.literal('fr'),
        regional: z
          .array(z.enum(FRENCH_REGIONS))
          .min(1)
          .optional()
          .describe('Days that hold in these parts alone.'),
        also: z.array(dateSchema).min(1).optional().describe('Dates on which nobody works besides.'),
        except: z.array(dateSchema).min(1).optional().describe('Holidays on which people work.'),
      }),
    ],
    {
      error:
        'expected none, fr, a list of dates, or { country: fr, regional: [alsace-moselle], also: [...], except: [...] }',
    },
  )
  .superRefine((holidays, context) => {
    if (typeof holidays === 'string' || Array.isArray(holidays)) return;
    const { except = [], ...all } = holidays;
    const isHoliday = holidayTest(all);
    for (const [index, date] of except.entries()) {
      if (isHoliday(date)) continue;
      const message = 'expected a date that is a holiday in its year';
      context.addIssue({ code: 'custom', path: ['except', index], message });
    }
  });

/** What a calendar says of holidays. */
export type Holidays = z.output<typeof holidaysSchema>;

/** Whether a date, as `2026-05-01`, is a holiday. Remembers each year that it was asked of. */
export function holidayTest(holidays: Holidays): (date: string) => boolean {
  if (holidays === 'none') return () => false;
  if (Array.isArray(holidays)) {
    const dates = new Set(holidays);
    return (date) => dates.has(date);
  }
  const { regional = [], also = [], except = [] } = holidays === 'fr' ? {} : holidays;
  const years = new Map<string, ReadonlySet<string>>();
  return (date) => {
    const year = date.slice(0, -6);
    const known = years.get(year);
    if (known) return known.has(date);
    const dates = new Set(frenchHolidays(Number(year)));
    for (const region of regional)
      for (const day of REGIONAL[region](Number(year))) dates.add(`${year}-${day}`);
    for (const added of also) dates.add(added);
    for (const dropped of except) dates.delete(dropped);
    years.set(year, dates);
    return dates.has(date);
  };
}

/**
 * What is missing when working time of a year is counted by a list of dates of other years alone: then nobody keeps the
 * list any more, and every holiday of that year counts as a working day. Undefined when nothing is. Follows the name of
 * the list in a sentence.
 */
export function holidaysMissing(holidays: Holidays, year: number): string | undefined {
  if (!Array.isArray(holidays) || holidays.length === 0) return undefined;
  const years = [...new Set(holidays.map((date) => Number(date.slice(0, -6))))].sort((a, b) => a - b);
  if (years.includes(year)) return undefined;
  return `lists dates of ${years.join(', ')} and none of ${year}: its holidays count as working days`;
}
