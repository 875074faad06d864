import type { SupportCalendar } from '../../src/contract/working-calendar.ts';

export const MINUTE_MS = 60_000;

/**
 * Whether the minute that begins at an instant is worked: the slow and obvious way, by what the clocks on the wall
 * show. Says nothing reliable where an edge of the hours lies inside an hour that is repeated.
 */
export function minuteJudge(calendar: SupportCalendar): (atMs: number) => boolean {
  const wall = new Intl.DateTimeFormat('en-GB', {
    timeZone: calendar.zone,
    weekday: 'short',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  });
  const known = new Map<number, boolean>();
  return (atMs) => {
    const worked = known.get(atMs) ?? isWorked(partsOf(wall, atMs), calendar);
    known.set(atMs, worked);
    return worked;
  };
}

function isWorked(shown: Readonly<Record<string, string>>, calendar: SupportCalendar): boolean {
  const time = `${shown['hour']}:${shown['minute']}`;
  const date = `${shown['year']}-${shown['month']}-${shown['day']}`;
  return (
    calendar.days.some((day) => day === shown['weekday']?.toLowerCase()) &&
    !(Array.isArray(calendar.holidays) && calendar.holidays.includes(date)) &&
    time >= calendar.from &&
    time < calendar.to
  );
}

function partsOf(wall: Intl.DateTimeFormat, atMs: number): Readonly<Record<string, string>> {
  return Object.fromEntries(wall.formatToParts(atMs).map(({ type, value }) => [type, value]));
}
