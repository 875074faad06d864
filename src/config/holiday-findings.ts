import { type Finding, warningAt } from '../contract/finding.ts';
import { holidaysMissing } from '../contract/holidays.ts';
import type { Contract } from '../contract/schema.ts';

/** A warning when nobody keeps a contract's list of holidays any more: it has none of the year of an instant. */
export function holidayFindings(support: Contract['support'], nowMs: number | undefined): readonly Finding[] {
  if (!support || nowMs === undefined) return [];
  const { zone, holidays } = support.calendar;
  const { year } = Temporal.Instant.fromEpochMilliseconds(nowMs).toZonedDateTimeISO(zone);
  const missing = holidaysMissing(holidays, year);
  return missing === undefined ? [] : [warningAt(['support', 'calendar', 'holidays'], missing)];
}
