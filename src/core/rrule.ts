import { type RecurringDay, type Recurrence, WEEKDAYS } from './recurrence.ts';

/** What a rule says; when it begins, how long it lasts and in which zone are told beside it. */
export type RuleText = Pick<
  Recurrence,
  'every' | 'interval' | 'days' | 'monthDays' | 'until' | 'untilMs' | 'count'
>;

const FREQUENCIES: Readonly<Record<string, Recurrence['every']>> = {
  DAILY: 'day',
  WEEKLY: 'week',
  MONTHLY: 'month',
};
const PARTS = ['FREQ', 'INTERVAL', 'BYDAY', 'BYMONTHDAY', 'COUNT', 'UNTIL'];
const DAY = /^([+-]?[1-5])?(MO|TU|WE|TH|FR|SA|SU)$/;
const DAYS = ['MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU'];

/**
 * Reads a rule of RFC 5545 §3.3.10: FREQ of DAILY, WEEKLY or MONTHLY with INTERVAL, BYDAY, BYMONTHDAY, and COUNT or
 * UNTIL, of which one is needed: nothing is declared for ever. UNTIL is a date, meant in the zone of the rule, or an
 * instant in UTC. Any other part is refused by name. `wrong` says what was expected, for people.
 */
export function parseRule(text: string): RuleText | { readonly wrong: string } {
  const parts = partsOf(text.replace(/^RRULE:/i, ''));
  if ('wrong' in parts) return parts;
  const every = FREQUENCIES[parts.get('FREQ') ?? ''];
  if (!every)
    return { wrong: `expected FREQ of DAILY, WEEKLY or MONTHLY, got ${parts.get('FREQ') ?? 'none'}` };
  const interval = wholeNumber(parts.get('INTERVAL') ?? '1');
  if (interval === undefined) return { wrong: 'expected INTERVAL to be a whole number of 1 or more' };
  const days = daysOf(parts.get('BYDAY'), every);
  if ('wrong' in days) return days;
  const monthDays = monthDaysOf(parts.get('BYMONTHDAY'), every);
  if ('wrong' in monthDays) return monthDays;
  const end = endOf(parts.get('COUNT'), parts.get('UNTIL'));
  if ('wrong' in end) return end;
  return { every, interval, days, monthDays, ...end };
}

function partsOf(text: string): ReadonlyMap<string, string> | { readonly wrong: string } {
  const parts = new Map<string, string>();
  for (const part of text.toUpperCase().split(';')) {
    const [name = '', value = ''] = part.split('=', 2);
    if (!PARTS.includes(name) || value === '')
      return {
        wrong: `${part === '' ? 'an empty part' : part} is not understood; there are ${PARTS.join(', ')}`,
      };
    if (parts.has(name)) return { wrong: `expected ${name} only once` };
    parts.set(name, value);
  }
  return parts;
}

function wholeNumber(text: string): number | undefined {
  return /^[1-9]\d{0,3}$/.test(text) ? Number(text) : undefined;
}

function daysOf(
  text: string | undefined,
  every: Recurrence['every'],
): readonly RecurringDay[] | { readonly wrong: string } {
  const days: RecurringDay[] = [];
  for (const word of text?.split(',') ?? []) {
    const match = DAY.exec(word);
    const day = WEEKDAYS[DAYS.indexOf(match?.[2] ?? '')];
    if (!match || !day) return { wrong: `expected BYDAY of MO … SU or like 2TU and -1FR, got ${word}` };
    const nth = match[1] === undefined ? undefined : Number(match[1]);
    if (nth !== undefined && every !== 'month')
      return { wrong: `expected BYDAY without a number where FREQ is not MONTHLY, got ${word}` };
    days.push({ day, ...(nth !== undefined && { nth }) });
  }
  return days;
}

function monthDaysOf(
  text: string | undefined,
  every: Recurrence['every'],
): readonly number[] | { readonly wrong: string } {
  if (text === undefined) return [];
  if (every === 'week') return { wrong: 'expected no BYMONTHDAY where FREQ is WEEKLY' };
  const words = text.split(',');
  const wrong = words.find((word) => !/^[+-]?(?:[1-9]|[12]\d|3[01])$/.test(word));
  return wrong === undefined
    ? words.map(Number)
    : { wrong: `expected BYMONTHDAY from 1 to 31 or from -31 to -1, got ${wrong}` };
}

type End = Pick<RuleText, 'until' | 'untilMs' | 'count'>;

function endOf(count: string | undefined, until: string | undefined): End | { readonly wrong: string } {
  if ((count === undefined) === (until === undefined))
    return { wrong: 'expected either COUNT or UNTIL: nothing is declared for ever' };
  if (count !== undefined) {
    const times = wholeNumber(count);
    return times === undefined
      ? { wrong: `expected COUNT to be a whole number of 1 or more, got ${count}` }
      : { count: times, until: null, untilMs: null };
  }
  return untilOf(until ?? '');
}

const UNTIL = /^(\d{4})(\d{2})(\d{2})(?:T(\d{2})(\d{2})(\d{2})Z)?$/;

function untilOf(text: string): End | { readonly wrong: string } {
  const [, year = '', month = '', day = '', hour, minute, second] = UNTIL.exec(text) ?? [];
  const date = `${year}-${month}-${day}`;
  const wrong = {
    wrong: `expected UNTIL as a date like 20261231, or in UTC like 20261231T220000Z, got ${text}`,
  };
  try {
    if (hour === undefined)
      return { until: Temporal.PlainDate.from(date).toString(), untilMs: null, count: null };
    const instant = Temporal.Instant.from(`${date}T${hour}:${minute}:${second}Z`);
    return { until: null, untilMs: instant.epochMilliseconds, count: null };
  } catch {
    return wrong;
  }
}
