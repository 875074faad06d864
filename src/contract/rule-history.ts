import type { Period } from '../core/verdict.ts';
import type { NamedPeriod, PeriodKind } from './periods.ts';
import { type RowRules, rulesOf, sameRules } from './rules.ts';
import type { Contract } from './schema.ts';

/** A contract and those that it replaced, the latest first; none when absent. A configuration has them. */
export interface ContractHistory {
  readonly contract: Contract;
  readonly formerContracts?: readonly Contract[];
}

/** A contract and the instant from which it holds; −Infinity for the first. */
export interface ContractVersion {
  readonly contract: Contract;
  readonly fromMs: number;
}

/** Rules that hold in [fromMs, toMs), which may be unbounded on either side. */
export interface RulePhase {
  readonly rules: RowRules;
  readonly fromMs: number;
  readonly toMs: number;
}

/** What is promised of one row under one reading, as it changed over time. */
export interface RowPromise {
  readonly row: string;
  readonly reading: string;
  /** In the order of time, at least one; no two that touch are alike. */
  readonly phases: readonly RulePhase[];
}

/** A period, or the part of one, that is judged by one set of rules. */
export interface RuledPeriod {
  readonly rules: RowRules;
  readonly period: Period;
}

/** Where a contract says that it takes effect: the start of that day in its own zone. */
export function effectiveMs({ effective, timezone }: Contract): number {
  if (!effective) return -Infinity;
  return Temporal.PlainDate.from(effective.from).toZonedDateTime(timezone).epochMilliseconds;
}

/** The contracts of a history in the order of time, each until the next. */
export function versionsOf({ contract, formerContracts = [] }: ContractHistory): readonly ContractVersion[] {
  const versions = [contract, ...formerContracts].map((one) => ({ contract: one, fromMs: effectiveMs(one) }));
  return versions.reverse();
}

/** The contract that holds at an instant. Of what {@link versionsOf} returned. */
export function contractAt(versions: readonly ContractVersion[], atMs: number): Contract {
  const version = versions.findLast(({ fromMs }) => fromMs <= atMs) ?? versions[0];
  if (!version) throw new Error('a contract of no version');
  return version.contract;
}

/** All promises, those of the latest contract in its order first, then what it no longer has. */
export function promisesOf(versions: readonly ContractVersion[]): readonly RowPromise[] {
  const ruled = versions.map(({ contract, fromMs }, i) => ({
    fromMs,
    toMs: versions[i + 1]?.fromMs ?? Infinity,
    rules: new Map(rulesOf(contract).map((rules) => [keyOf(rules), rules])),
  }));
  const keys = new Set(ruled.toReversed().flatMap(({ rules }) => [...rules.keys()]));
  return [...keys].flatMap((key) => {
    const phases = ruled.flatMap(({ rules: all, fromMs, toMs }) => {
      const rules = all.get(key);
      return rules ? [{ rules, fromMs, toMs }] : [];
    });
    const [first] = phases;
    return first ? [{ row: first.rules.row, reading: first.rules.reading, phases: joined(phases) }] : [];
  });
}

function keyOf({ row, reading }: RowRules): string {
  return JSON.stringify([row, reading]);
}

function joined(phases: readonly RulePhase[]): readonly RulePhase[] {
  const result: RulePhase[] = [];
  for (const phase of phases) {
    const last = result.at(-1);
    if (last?.toMs === phase.fromMs && sameRules(last.rules, phase.rules))
      result[result.length - 1] = { ...last, toMs: phase.toMs };
    else result.push(phase);
  }
  return result;
}

/** The whole period of a kind, in the zone of its name; undefined to judge none of that kind. */
export type WholePeriods = (kind: PeriodKind) => Period | undefined;

/**
 * The periods that a promise is judged in, one for each phase that has any of the whole. One that is cut is named for
 * the whole and its own first day, so that the name stays right whatever is changed later.
 */
export function ruledPeriods(
  { phases }: RowPromise,
  wholeOf: WholePeriods,
  timezone: string,
): readonly RuledPeriod[] {
  const [only, ...others] = phases;
  if (only && others.length === 0 && only.fromMs === -Infinity && only.toMs === Infinity) {
    const period = wholeOf(only.rules.period);
    return period ? [{ rules: only.rules, period }] : [];
  }
  const cut = phases.flatMap(({ rules, fromMs, toMs }) => {
    const whole = wholeOf(rules.period);
    if (!whole) return [];
    const span = { fromMs: Math.max(fromMs, whole.fromMs), toMs: Math.min(toMs, whole.toMs) };
    return span.fromMs < span.toMs ? [{ rules, whole, ...span }] : [];
  });
  return cut.map(({ rules, whole, fromMs, toMs }): RuledPeriod => {
    if (fromMs === whole.fromMs && toMs === whole.toMs) return { rules, period: whole };
    const siblings = cut.filter((other) => other.whole.name === whole.name);
    const index = siblings.findIndex((other) => other.fromMs === fromMs) + 1;
    const name = `${whole.name}@${localDate(fromMs, timezone)}`;
    return { rules, period: { name, fromMs, toMs, part: { of: whole.name, index, count: siblings.length } } };
  });
}

/** The parts that a period of a kind is cut into by contracts that change rows in it, by name; none where none does. */
export function partsOf(
  history: ContractHistory,
  kind: PeriodKind,
  whole: Period,
): ReadonlyMap<string, Period> {
  const parts = new Map<string, Period>();
  if (!history.formerContracts?.length) return parts;
  for (const promise of promisesOf(versionsOf(history))) {
    const ruled = ruledPeriods(promise, (of) => (of === kind ? whole : undefined), history.contract.timezone);
    for (const { period } of ruled) {
      const known = parts.get(period.name);
      // Rows that begin a part together may end it apart: it is over when it is over for all.
      if (period.part && (!known || known.toMs < period.toMs)) parts.set(period.name, period);
    }
  }
  return parts;
}

/** What a name means under these contracts: the whole, or the part; undefined when they make no such part. */
export function spanNamed(history: ContractHistory, { kind, period, part }: NamedPeriod): Period | undefined {
  return part === undefined ? period : partsOf(history, kind, period).get(part);
}

function localDate(atMs: number, timezone: string): string {
  return Temporal.Instant.fromEpochMilliseconds(atMs).toZonedDateTimeISO(timezone).toPlainDate().toString();
}
