import type { Period } from '../core/verdict.ts';
import type { Contract } from './schema.ts';

export type PeriodKind = 'month' | 'year';

/** The period of a kind that an instant lies in, in the contract's zone (sla-math §6). */
export function periodAt(contract: Contract, kind: PeriodKind, instantMs: number): Period {
  const local = Temporal.Instant.fromEpochMilliseconds(instantMs)
    .toZonedDateTimeISO(contract.timezone)
    .toPlainDate();
  if (kind === 'month') return monthPeriod(contract.timezone, local.year, local.month);
  const began = Temporal.PlainDate.compare(local, yearStart(contract, local.year)) >= 0;
  return yearPeriod(contract, began ? local.year : local.year - 1);
}

/**
 * The period with a name: `2026-03` is a month, `2026` the contract's year that begins in 2026. Undefined when the
 * name is neither.
 */
export function periodNamed(
  contract: Contract,
  name: string,
): { kind: PeriodKind; period: Period } | undefined {
  const match = /^(\d{4})(?:-(0[1-9]|1[0-2]))?$/.exec(name);
  if (!match) return undefined;
  const year = Number(match[1]);
  if (match[2] === undefined) return { kind: 'year', period: yearPeriod(contract, year) };
  return { kind: 'month', period: monthPeriod(contract.timezone, year, Number(match[2])) };
}

function monthPeriod(zone: string, year: number, month: number): Period {
  const first = Temporal.PlainDate.from({ year, month, day: 1 });
  return {
    name: first.toPlainYearMonth().toString(),
    fromMs: startOf(zone, first),
    toMs: startOf(zone, first.add({ months: 1 })),
  };
}

function yearPeriod(contract: Contract, year: number): Period {
  return {
    name: String(year).padStart(4, '0'),
    fromMs: startOf(contract.timezone, yearStart(contract, year)),
    toMs: startOf(contract.timezone, yearStart(contract, year + 1)),
  };
}

/** First day of the contract's year that begins in `year`; 29 February becomes the 28th where there is none. */
function yearStart(contract: Contract, year: number): Temporal.PlainDate {
  const kind = contract.period.year;
  if (kind === 'calendar') return Temporal.PlainDate.from({ year, month: 1, day: 1 });
  const { month, day } = Temporal.PlainDate.from(kind.anniversary);
  return Temporal.PlainDate.from({ year, month, day });
}

function startOf(zone: string, date: Temporal.PlainDate): number {
  return date.toZonedDateTime(zone).epochMilliseconds;
}
