import { z } from 'zod';
import {
  MOST_OCCURRENCES,
  occurrences,
  type Recurrence,
  type RecurringDay,
  WEEKDAYS,
  type Weekday,
} from '../core/recurrence.ts';
import { parseRule } from '../core/rrule.ts';
import { dateSchema, durationSchema, timeOfDaySchema, zoneSchema } from './quantity.ts';

const timing = {
  at: timeOfDaySchema
    .refine((time) => time !== '24:00', { error: 'expected a time of day before 24:00' })
    .describe('When it begins, by the clocks of the zone.'),
  for: durationSchema
    .refine((ms) => ms > 0 && ms <= 31 * 86_400_000, { error: 'expected more than 0s and at most 31d' })
    .describe('How long it lasts, whatever the clocks do meanwhile.'),
  zone: zoneSchema,
  from: dateSchema.describe('The first date on which it may begin.'),
};

const ON_EXPECTED = 'expected a day like tue, 2tue or -1fri, or a day of the month from 1 to 31 or -31 to -1';
const onSchema = z.union(
  [
    z.string().regex(/^(?:[+-]?[1-5])?(?:mon|tue|wed|thu|fri|sat|sun)$/),
    z
      .int()
      .min(-31)
      .max(31)
      .refine((day) => day !== 0),
  ],
  { error: ON_EXPECTED },
);

const plainSchema = z.strictObject({
  every: z.enum(['day', 'week', 'month']),
  on: z
    .array(onSchema)
    .min(1)
    .optional()
    .describe('Days of the week; for a month also 2tue, -1fri, 15 or -1. That of `from` when absent.'),
  ...timing,
  until: z.iso
    .date({ error: 'expected its last date, like "2026-12-31": nothing is declared for ever' })
    .describe('The last date on which it may begin.'),
});

const ruleSchema = z.strictObject({
  rrule: z
    .string()
    .describe('RFC 5545: FREQ=DAILY, WEEKLY or MONTHLY, INTERVAL, BYDAY, BYMONTHDAY, COUNT, UNTIL.'),
  ...timing,
});

type Words = z.output<typeof plainSchema> | z.output<typeof ruleSchema>;

/** What comes back, in plain words or as a rule of RFC 5545; never for ever, and at least once. */
export const recurrenceSchema = z
  .union([plainSchema, ruleSchema], {
    error: 'expected { every, on, at, for, zone, from, until } or { rrule, at, for, zone, from }',
  })
  .transform((words, context): Recurrence => {
    const read = 'rrule' in words ? fromRule(words) : fromWords(words);
    const found = 'wrong' in read ? read : { ...read.recurrence, ...timingOf(words) };
    const trouble = 'wrong' in found ? found : troubleOf(found);
    if (!trouble && !('wrong' in found)) return found;
    context.addIssue({ code: 'custom', path: [...(trouble?.path ?? [])], message: trouble?.wrong ?? '' });
    return z.NEVER;
  });

interface Wrong {
  readonly path: readonly string[];
  readonly wrong: string;
}
type Rule = Omit<Recurrence, keyof ReturnType<typeof timingOf>>;

function timingOf({ at, for: forMs, zone, from }: Words) {
  return { at, forMs, zone, from };
}

function fromRule({ rrule }: z.output<typeof ruleSchema>): { readonly recurrence: Rule } | Wrong {
  const rule = parseRule(rrule);
  return 'wrong' in rule ? { path: ['rrule'], wrong: rule.wrong } : { recurrence: rule };
}

function fromWords({
  every,
  on = [],
  until,
}: z.output<typeof plainSchema>): { readonly recurrence: Rule } | Wrong {
  const wrong = (text: string): Wrong => ({ path: ['on'], wrong: text });
  if (every === 'day' && on.length > 0) return wrong('expected no `on` where it is every day');
  const days = on.filter((word) => typeof word === 'string').map(dayOf);
  const monthDays = on.filter((word) => typeof word === 'number');
  if (every === 'week' && (monthDays.length > 0 || days.some(({ nth }) => nth !== undefined)))
    return wrong('expected days like tue where it is every week');
  if (days.length > 0 && monthDays.length > 0)
    return wrong('expected either days of the week or of the month');
  const bounds = { until, untilMs: null, count: null };
  return { recurrence: { every, interval: 1, days, monthDays, ...bounds } };
}

function dayOf(word: string): RecurringDay {
  const name = WEEKDAYS.find((day): day is Weekday => word.endsWith(day)) ?? 'mon';
  const nth = word.slice(0, -name.length);
  return { day: name, ...(nth !== '' && { nth: Number(nth) }) };
}

function troubleOf(recurrence: Recurrence): Wrong | undefined {
  const { length } = occurrences(recurrence);
  if (length === 0) return { path: [], wrong: 'expected at least one occurrence; this never comes' };
  if (length <= MOST_OCCURRENCES) return undefined;
  return {
    path: [],
    wrong: `expected at most ${MOST_OCCURRENCES} occurrences; declare it for a shorter time`,
  };
}
