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

/** A period that was named. */
export interface NamedPeriod {
  readonly kind: PeriodKind;
  /** The whole, even where a part of it was named. */
  readonly period: Period;
  /** The name of the part that was named, if one was; whether there is such a part, the rules of a row say. */
  readonly part?: string;
}

/**
 * The period with a name: `2026-03` is a month, `2026` the contract's year that begins in 2026, and `2026@2026-07-01` the
 * part of it that begins on that day. Undefined when the name is none of these.
 */
export function periodNamed(contract: Contract, name: string): NamedPeriod | undefined {
  const match = /^(\d{4})(?:-(0[1-9]|1[0-2]))?(@\d{4}-\d{2}-\d{2})?$/.exec(name);
  if (!match) return undefined;
  const year = Number(match[1]);
  const part = match[3] === undefined ? {} : { part: name };
  if (match[2] === undefined) return { kind: 'year', period: yearPeriod(contract, year), ...part };
  return { kind: 'month', period: monthPeriod(contract.timezone, year, Number(match[2])), ...part };
}

/** Whether a period is the named one, or a part of it. */
export function isNamed({ name, part }: Period, named: NamedPeriod): boolean {
  return named.part === undefined ? (part?.of ?? name) === named.period.name : name === named.part;
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
