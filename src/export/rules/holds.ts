import type { Verdict } from '../../core/verdict.ts';
import { VERDICT_COLUMNS } from '../verdict-columns.ts';
import type { Comparison, Condition, Figure, Firing, Operator } from './condition.ts';
import type { AlertThreshold } from './thresholds.ts';

/** What is known of a member when its alerts are decided within the process, as Prometheus knows it from a scrape. */
export interface MemberFacts {
  readonly verdict: Verdict;
  readonly isUnderMaintenance: boolean;
  readonly thresholds: readonly AlertThreshold[];
  /** Whether another alert of the member is firing, or was within its span. */
  readonly isFiring: (firing: Firing) => boolean;
}

/**
 * Whether a condition on the figures of a verdict holds: what its PromQL says, without Prometheus. Undefined where it is
 * about something else than a member of a row. A figure that is not known compares with nothing.
 */
export function holds(condition: Condition, facts: MemberFacts): boolean | undefined {
  if (condition.kind !== 'figures' || !condition.all[0].figure.by.includes('row')) return undefined;
  const { all, unless, unlessFiring, holds: held } = condition;
  const [first, ...others] = all;
  const isTrue = (comparison: Comparison): boolean => compare(comparison, facts);
  const goesOn = held !== undefined && valueOf(first.figure, facts) !== null && facts.isFiring(held);
  return (
    (isTrue(first) || goesOn) &&
    others.every(isTrue) &&
    !unless.some(isTrue) &&
    !(unlessFiring && facts.isFiring(unlessFiring))
  );
}

function compare({ figure, operator, limit }: Comparison, facts: MemberFacts): boolean {
  const value = valueOf(figure, facts);
  const against = typeof limit === 'number' ? limit : thresholdOf(limit, facts);
  return value !== null && against !== undefined && OPERATORS[operator](value, against);
}

const OPERATORS: Readonly<Record<Operator, (value: number, limit: number) => boolean>> = {
  '>=': (value, limit) => value >= limit,
  '<=': (value, limit) => value <= limit,
  '>': (value, limit) => value > limit,
  '<': (value, limit) => value < limit,
  '==': (value, limit) => value === limit,
};

function thresholdOf(
  { gauge, row, alert }: Exclude<Comparison['limit'], number>,
  { thresholds }: MemberFacts,
): number | undefined {
  return thresholds.find((one) => one.gauge === gauge && one.row === row && one.alert === alert)?.value;
}

function valueOf({ metric, where }: Figure, { verdict, isUnderMaintenance }: MemberFacts): number | null {
  if (metric === 'vigie_sla_maintenance') return isUnderMaintenance ? 1 : 0;
  if (metric === 'vigie_sla_info')
    return where['eligible'] === String(verdict.eligible ?? 'unknown') ? 1 : null;
  const rolling = verdict.rolling[where['window'] ?? ''];
  if (metric === 'vigie_sla_burn_rate') return rolling?.burnRate ?? null;
  if (metric === 'vigie_sla_coverage_ratio') return rolling?.coverage ?? null;
  const column = VERDICT_COLUMNS.find(
    (one) =>
      one.metric === metric && Object.entries(one.labels).every(([label, text]) => where[label] === text),
  );
  return column?.valueOf(verdict) ?? null;
}
