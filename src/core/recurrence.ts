import type { Span } from './span.ts';

/** The days of the week, from Monday on, as configuration writes them. */
export const WEEKDAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
export type Weekday = (typeof WEEKDAYS)[number];

/** A day of the week; with `nth`, the nth such day of a month, counted from its end where negative (RFC 5545 BYDAY). */
export interface RecurringDay {
  readonly day: Weekday;
  readonly nth?: number;
}

/**
 * Something that comes back, in the terms of RFC 5545 §3.3.10. It begins at a time of day of a zone and lasts so many
 * real milliseconds, whatever the clocks of the zone do meanwhile.
 *
 * A time of day that a date skips is read by the offset before the gap (so 02:30 is 03:30 where the clocks went from 2 to
 * 3); one that a date shows twice means the first (RFC 5545 §3.3.5).
 */
export interface Recurrence {
  readonly every: 'day' | 'week' | 'month';
  /** 1: every one; 2: every other … counted from that of `from`; weeks begin on Monday. */
  readonly interval: number;
  /** Empty: every day, or the weekday or day of the month that `from` is. */
  readonly days: readonly RecurringDay[];
  /** Days of the month, counted from its end where negative; a month that lacks one has none for it. */
  readonly monthDays: readonly number[];
  /** When it begins, `22:00`. */
  readonly at: string;
  readonly forMs: number;
  /** IANA time zone. */
  readonly zone: string;
  /** The first date on which it may begin. */
  readonly from: string;
  /** The last date on which it may begin; null where it is bounded otherwise. */
  readonly until: string | null;
  /** The last instant at which it may begin, in milliseconds since the epoch; null where it is bounded otherwise. */
  readonly untilMs: number | null;
  /** How often it comes in all; null where it is bounded otherwise. */
  readonly count: number | null;
}

/** Nobody declares more than this one by one; what asks for more is a mistake. */
export const MOST_OCCURRENCES = 4_000;

/** Past this no occurrence is looked for, counted from `from`. */
const HORIZON_YEARS = 50;

/**
 * Its occurrences as spans, in order; one that begins before the one before it has ended overlaps it. At most
 * {@link MOST_OCCURRENCES} and one more, by which a caller sees that there are too many. Nothing is found later than
 * fifty years after `from`. The zone and the dates must exist.
 */
export function occurrences(recurrence: Recurrence): readonly Span[] {
  const { at, forMs, zone, until, untilMs, count } = recurrence;
  const time = Temporal.PlainTime.from(at);
  const most = Math.min(count ?? Infinity, MOST_OCCURRENCES + 1);
  const spans: Span[] = [];
  for (const date of datesOf(recurrence)) {
    if (until !== null && date.toString() > until) break;
    const shown = date.toZonedDateTime({ timeZone: zone, plainTime: time });
    const from = shown.epochMilliseconds;
    if (untilMs !== null && from > untilMs) break;
    spans.push({ from, to: from + forMs });
    if (spans.length >= most) break;
  }
  return spans;
}

/** The dates on which it begins, in order. */
function* datesOf(recurrence: Recurrence): Generator<Temporal.PlainDate, void, void> {
  const first = Temporal.PlainDate.from(recurrence.from);
  const last = first.add({ years: HORIZON_YEARS });
  for (let step = 0; ; step += recurrence.interval) {
    const dates = datesIn(recurrence, first, step);
    for (const date of dates) {
      if (Temporal.PlainDate.compare(date, last) > 0) return;
      if (Temporal.PlainDate.compare(date, first) >= 0) yield date;
    }
    if (Temporal.PlainDate.compare(stretchOf(recurrence, first, step), last) > 0) return;
  }
}

/** The first date of the day, week or month that is so many after that of `first`. */
function stretchOf({ every }: Recurrence, first: Temporal.PlainDate, step: number): Temporal.PlainDate {
  if (every === 'day') return first.add({ days: step });
  if (every === 'week') return first.subtract({ days: first.dayOfWeek - 1 }).add({ weeks: step });
  return first.with({ day: 1 }).add({ months: step });
}

function datesIn(
  recurrence: Recurrence,
  first: Temporal.PlainDate,
  step: number,
): readonly Temporal.PlainDate[] {
  const start = stretchOf(recurrence, first, step);
  const { every, days, monthDays } = recurrence;
  if (every === 'day') return isMeant(start, days, monthDays) ? [start] : [];
  if (every === 'week') {
    const wanted = days.length > 0 ? days : [{ day: weekdayOf(first) }];
    return datesFrom(start, 7).filter((date) => isMeant(date, wanted, []));
  }
  const wantedDays = days.length === 0 && monthDays.length === 0 ? [first.day] : monthDays;
  return datesFrom(start, start.daysInMonth).filter((date) => isMeant(date, days, wantedDays));
}

function datesFrom(start: Temporal.PlainDate, count: number): readonly Temporal.PlainDate[] {
  return Array.from({ length: count }, (_, days) => start.add({ days }));
}

/** Where both days and days of the month are named, both must hold. */
function isMeant(
  date: Temporal.PlainDate,
  days: readonly RecurringDay[],
  monthDays: readonly number[],
): boolean {
  const fromEnd = date.day - date.daysInMonth - 1;
  return (
    (days.length === 0 || days.some((wanted) => isThatDay(date, wanted))) &&
    (monthDays.length === 0 || monthDays.some((day) => day === date.day || day === fromEnd))
  );
}

function isThatDay(date: Temporal.PlainDate, { day, nth }: RecurringDay): boolean {
  if (weekdayOf(date) !== day) return false;
  if (nth === undefined) return true;
  return nth > 0
    ? Math.ceil(date.day / 7) === nth
    : Math.ceil((date.daysInMonth - date.day + 1) / 7) === -nth;
}

function weekdayOf(date: Temporal.PlainDate): Weekday {
  const day = WEEKDAYS[date.dayOfWeek - 1];
  if (!day) throw new Error(`no weekday ${date.dayOfWeek}`);
  return day;
}
