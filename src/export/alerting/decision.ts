import type { Comparison, Condition, Firing, Operator } from '../rules/condition.ts';
import { type AlertFacts, type Decided, type FigureReader, readerOf } from './facts.ts';

/** Whether another alert of the same subject is firing, or was within its span. */
export type IsFiring = (firing: Firing) => boolean;

/** What a condition comes to: whether it holds, and the value of its first figure, which is the alert's. */
export interface Decision {
  readonly holds: boolean;
  readonly value: number | null;
}

/** Decides a condition for a subject: what its PromQL says, without Prometheus. */
export type Decide = (facts: AlertFacts, decided: Decided, isFiring: IsFiring) => Decision;

type Test = (facts: AlertFacts, decided: Decided) => boolean;

/**
 * How a condition is decided within the process. Undefined where it looks at the process itself, of which only those
 * outside can tell. A figure that is not known compares with nothing.
 */
export function decisionOf(condition: Condition): Decide | undefined {
  if (condition.kind !== 'figures') return undefined;
  const { all, unless, unlessFiring, holds, frozen } = condition;
  const first = readerOf(all[0].figure);
  const [tests, exceptions, unknown] = [testsOf(all), testsOf(unless), testsOf(frozen?.while ?? [])];
  if (!first || !tests || !exceptions || !unknown) return undefined;
  return (facts, decided, isFiring) => {
    const value = first(facts, decided);
    const isTrue = (test: Test): boolean => test(facts, decided);
    const isHeld = (): boolean => holds !== undefined && value !== null && isFiring(holds);
    const isFrozen = (): boolean => frozen !== undefined && isFiring(frozen.firing) && unknown.every(isTrue);
    const isMet = tests.every((test, i) => isTrue(test) || (i === 0 && isHeld()));
    const isMuted = (): boolean =>
      exceptions.some(isTrue) || (unlessFiring !== undefined && isFiring(unlessFiring));
    return { value, holds: (isMet || isFrozen()) && !isMuted() };
  };
}

function testsOf(comparisons: readonly Comparison[]): readonly Test[] | undefined {
  const tests = comparisons.map(testOf);
  return tests.every((test) => test !== undefined) ? tests : undefined;
}

function testOf({ figure, operator, limit }: Comparison): Test | undefined {
  const read = readerOf(figure);
  if (!read) return undefined;
  const compare = OPERATORS[operator];
  const limitOf: FigureReader = typeof limit === 'number' ? () => limit : thresholdReader(limit);
  return (facts, decided) => {
    const value = read(facts, decided);
    if (value === null) return false;
    const against = limitOf(facts, decided);
    return against !== null && compare(value, against);
  };
}

const OPERATORS: Readonly<Record<Operator, (value: number, limit: number) => boolean>> = {
  '>=': (value, limit) => value >= limit,
  '<=': (value, limit) => value <= limit,
  '>': (value, limit) => value > limit,
  '<': (value, limit) => value < limit,
  '==': (value, limit) => value === limit,
};

function thresholdReader({ gauge, alert, row }: Exclude<Comparison['limit'], number>): FigureReader {
  return ({ thresholdOf }, { subject }) => thresholdOf(gauge, alert, row ?? subject['row'] ?? '') ?? null;
}
