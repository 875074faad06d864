import { holidayTest } from './holidays.ts';
import type { Contract } from './schema.ts';

/** The working hours of a contract: zone, days of the week, from and to as local time, holidays. */
export type SupportCalendar = NonNullable<Contract['support']>['calendar'];

/**
 * A way of counting time, in whole milliseconds. Laws, for a ≤ b ≤ c and any d ≥ 0:
 * - `work(a, c)` is `work(a, b) + work(b, c)`; `work(a, b)` is 0 where b ≤ a.
 * - `addWork(a, d)` is the earliest instant with `work(a, it)` equal to d; a itself where d is 0.
 */
export interface WorkMeasure {
  /** How much of the span [fromMs, toMs) counts. */
  readonly work: (fromMs: number, toMs: number) => number;
  /** When so much has been counted since `fromMs`; null where that is more than a hundred years away. */
  readonly addWork: (fromMs: number, workMs: number) => number | null;
}

/** Past this no deadline means anything, and no search for one may go on. */
const HORIZON_MS = 36_525 * 86_400_000;

/** Time as it passes: all of it counts. */
export const elapsedTime: WorkMeasure = {
  work: (fromMs, toMs) => Math.max(0, toMs - fromMs),
  addWork: (fromMs, workMs) => (workMs > HORIZON_MS ? null : fromMs + workMs),
};

/**
 * Time inside working hours (sla-math §8): on the calendar's days that are no holidays, from the first instant at
 * which the clocks of the zone have reached `from` until the first at which they have reached `to`. So an hour that
 * daylight saving skips is not worked, and one that it repeats is worked twice.
 *
 * The hours of a year are worked out once, when they are first asked for; from then on both measures cost a search.
 */
export function workingTime(calendar: SupportCalendar): WorkMeasure {
  const years = yearsOf(calendar);
  return {
    work(fromMs, toMs) {
      if (toMs <= fromMs) return 0;
      const first = years.at(fromMs);
      const last = years.at(toMs);
      let total = -workedBefore(first, fromMs);
      for (let { year } = first; year < last.year; year++) total += years.of(year).totalMs;
      return total + workedBefore(last, toMs);
    },
    addWork(fromMs, workMs) {
      if (workMs <= 0) return fromMs;
      let hours = years.at(fromMs);
      let left = workMs + workedBefore(hours, fromMs);
      while (left > hours.totalMs) {
        if (hours.endMs - fromMs > HORIZON_MS) return null;
        left -= hours.totalMs;
        hours = years.of(hours.year + 1);
      }
      const reachedMs = whenWorked(hours, left);
      return reachedMs - fromMs > HORIZON_MS ? null : reachedMs;
    },
  };
}

/** The working hours of the local days of one year, in order. */
interface YearHours {
  readonly year: number;
  /** The first instant of the next year. */
  readonly endMs: number;
  readonly fromMs: Float64Array;
  readonly toMs: Float64Array;
  /** What is worked before each of them, and in all of them at the end. */
  readonly beforeMs: Float64Array;
  readonly totalMs: number;
}

interface Years {
  readonly of: (year: number) => YearHours;
  /** Of the local year that an instant lies in. */
  readonly at: (instantMs: number) => YearHours;
}

function yearsOf(calendar: SupportCalendar): Years {
  const worksOn = workingDays(calendar);
  const known = new Map<number, YearHours>();
  const of = (year: number): YearHours => {
    const hours = known.get(year) ?? hoursOf(year, calendar, worksOn);
    known.set(year, hours);
    return hours;
  };
  let recent: YearHours | undefined;
  return {
    of,
    at(instantMs) {
      if (recent && instantMs < recent.endMs && instantMs >= of(recent.year - 1).endMs) return recent;
      const { year } = Temporal.Instant.fromEpochMilliseconds(instantMs).toZonedDateTimeISO(calendar.zone);
      recent = of(year);
      return recent;
    },
  };
}

function hoursOf(
  year: number,
  { zone, from, to }: SupportCalendar,
  worksOn: (day: Temporal.PlainDate) => boolean,
): YearHours {
  const spans: { readonly fromMs: number; readonly toMs: number }[] = [];
  const next = Temporal.PlainDate.from({ year: year + 1, month: 1, day: 1 });
  for (let day = next.subtract({ years: 1 }); day.year === year; day = day.add({ days: 1 })) {
    if (!worksOn(day)) continue;
    const span = { fromMs: firstAt(day, from, zone), toMs: firstAt(day, to, zone) };
    if (span.fromMs < span.toMs) spans.push(span);
  }
  const beforeMs = new Float64Array(spans.length + 1);
  for (const [i, { fromMs, toMs }] of spans.entries()) beforeMs[i + 1] = (beforeMs[i] ?? 0) + toMs - fromMs;
  return {
    year,
    endMs: firstAt(next, '00:00', zone),
    fromMs: Float64Array.from(spans, ({ fromMs }) => fromMs),
    toMs: Float64Array.from(spans, ({ toMs }) => toMs),
    beforeMs,
    totalMs: beforeMs.at(-1) ?? 0,
  };
}

/** What of a year's hours lies before an instant. */
function workedBefore({ fromMs, toMs, beforeMs, totalMs }: YearHours, instantMs: number): number {
  const i = firstAbove(toMs, instantMs);
  const begunMs = fromMs[i];
  if (begunMs === undefined) return totalMs;
  return (beforeMs[i] ?? 0) + Math.max(0, instantMs - begunMs);
}

/** The earliest instant at which so much of a year's hours, more than nothing and at most all, is worked. */
function whenWorked({ fromMs, beforeMs }: YearHours, workMs: number): number {
  const i = firstAbove(beforeMs, workMs - 1) - 1;
  return (fromMs[i] ?? 0) + workMs - (beforeMs[i] ?? 0);
}

/** The index of the first of sorted numbers that is more than `limit`; their count where none is. */
function firstAbove(sorted: Float64Array, limit: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] ?? 0) > limit) high = middle;
    else low = middle + 1;
  }
  return low;
}

const WEEK = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const satisfies SupportCalendar['days'];

function workingDays({ days, holidays }: SupportCalendar): (day: Temporal.PlainDate) => boolean {
  const isHoliday = holidayTest(holidays);
  return (day) => days.some((name) => name === WEEK[day.dayOfWeek - 1]) && !isHoliday(day.toString());
}

/** The first instant at which the clocks of a zone show a local time, `24:00` included, or have passed it by. */
function firstAt(day: Temporal.PlainDate, time: string, timeZone: string): number {
  const local =
    time === '24:00'
      ? day.add({ days: 1 }).toPlainDateTime()
      : day.toPlainDateTime(Temporal.PlainTime.from(time));
  const shown = local.toZonedDateTime(timeZone, { disambiguation: 'compatible' });
  if (shown.toPlainDateTime().equals(local)) return shown.epochMilliseconds;
  // A time that is skipped is shown later than asked for: it was passed by when the clocks were put forward.
  const skip = shown.add({ milliseconds: 1 }).getTimeZoneTransition('previous');
  return (skip ?? shown).epochMilliseconds;
}
