import type { Config } from '../config/config.ts';
import { type NamedPeriod, periodAt, type PeriodKind } from '../contract/periods.ts';
import { partsOf } from '../contract/rule-history.ts';
import type { Contract } from '../contract/schema.ts';
import type { Period } from '../core/verdict.ts';

const DEFAULT_GRACE_MS = 7_200_000;
const KINDS: readonly PeriodKind[] = ['month', 'year'];

/** A period that can be closed, or a part of one: the part then has its own name and end. */
export interface EndedPeriod {
  readonly named: NamedPeriod;
  /** What is closed: the whole, or the part. */
  readonly period: Period;
}

/** What the periods of a contract are told by. */
export interface PeriodQuestion {
  readonly contract: Contract;
  readonly formerContracts: readonly Contract[];
  /** Nothing was seen before. */
  readonly sinceMs: number;
  readonly nowMs: number;
}

/**
 * The periods that have ended by `nowMs` and in which something may have been seen, and their parts: where the rules of a
 * row change within a period, the part before the change ends with it. In the order of their ends.
 */
export function endedPeriods(question: PeriodQuestion): readonly EndedPeriod[] {
  const { contract, nowMs } = question;
  const ended: EndedPeriod[] = [];
  for (const kind of KINDS) {
    for (const whole of wholesOf(question, kind)) {
      ended.push(...endedParts(question, kind, whole));
      if (whole.toMs <= nowMs) ended.push({ named: { kind, period: whole }, period: whole });
    }
  }
  return ended.sort((a, b) => a.period.toMs - b.period.toMs);

  function* wholesOf({ sinceMs }: PeriodQuestion, kind: PeriodKind): Generator<Period> {
    for (let period = periodAt(contract, kind, nowMs); period.toMs > sinceMs;) {
      yield period;
      period = periodAt(contract, kind, period.fromMs - 1);
    }
  }
}

/** How long after its end a period is closed, in milliseconds. */
export function graceOf({ evidence }: Pick<Config, 'evidence'>): number {
  return evidence?.graceMs ?? DEFAULT_GRACE_MS;
}

function endedParts(question: PeriodQuestion, kind: PeriodKind, whole: Period): readonly EndedPeriod[] {
  return [...partsOf(question, kind, whole).values()]
    .filter(({ toMs }) => toMs < whole.toMs && toMs <= question.nowMs)
    .map((period) => ({ named: { kind, period: whole, part: period.name }, period }));
}
