import { frenchHolidays } from './french-holidays.ts';
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
 */
export function workingTime(calendar: SupportCalendar): WorkMeasure {
  const worksOn = workingDays(calendar);
  function* hoursFrom(fromMs: number): Generator<{ readonly fromMs: number; readonly toMs: number }> {
    let day = Temporal.Instant.fromEpochMilliseconds(fromMs).toZonedDateTimeISO(calendar.zone).toPlainDate();
    for (; ; day = day.add({ days: 1 })) {
      if (!worksOn(day)) continue;
      const startMs = firstAt(day, calendar.from, calendar.zone);
      yield { fromMs: Math.max(startMs, fromMs), toMs: firstAt(day, calendar.to, calendar.zone) };
    }
  }
  return {
    work(fromMs, toMs) {
      let total = 0;
      if (toMs <= fromMs) return total;
      for (const hours of hoursFrom(fromMs)) {
        if (hours.fromMs >= toMs) break;
        total += Math.max(0, Math.min(hours.toMs, toMs) - hours.fromMs);
      }
      return total;
    },
    addWork(fromMs, workMs) {
      let left = workMs;
      if (left <= 0) return fromMs;
      for (const hours of hoursFrom(fromMs)) {
        if (hours.fromMs - fromMs > HORIZON_MS) break;
        const length = Math.max(0, hours.toMs - hours.fromMs);
        if (length >= left) return hours.fromMs + left;
        left -= length;
      }
      return null;
    },
  };
}

const WEEK = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const satisfies SupportCalendar['days'];

function workingDays({ days, holidays }: SupportCalendar): (day: Temporal.PlainDate) => boolean {
  const isHoliday = holidaysOf(holidays);
  return (day) => days.some((name) => name === WEEK[day.dayOfWeek - 1]) && !isHoliday(day);
}

function holidaysOf(holidays: SupportCalendar['holidays']): (day: Temporal.PlainDate) => boolean {
  if (holidays === 'none') return () => false;
  if (holidays !== 'fr') {
    const dates = new Set(holidays);
    return (day) => dates.has(day.toString());
  }
  const years = new Map<number, ReadonlySet<string>>();
  return (day) => {
    const dates = years.get(day.year) ?? frenchHolidays(day.year);
    years.set(day.year, dates);
    return dates.has(day.toString());
  };
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
