import type { Comparison, Condition, Figure } from './condition.ts';
import type { AlertThreshold } from './thresholds.ts';

/** Values of the labels that a figure may be broken down by. */
export type TestMember = Readonly<Record<string, string>>;

/** One series of a rule test as promtool reads it: a value a minute. */
export interface InputSeries {
  readonly series: string;
  readonly values: string;
}

/** Series under which a condition does not hold, for one reason alone. */
export interface QuietSeries {
  readonly reason: string;
  readonly series: readonly InputSeries[];
}

/** Longer than any test looks. */
const MINUTES = 90;
const MINUTE_SECONDS = 60;

type Figures = Extract<Condition, { kind: 'figures' }>;
/** The values of a series by its name; undefined: it must not be there. */
type Drafts = Map<string, string | undefined>;

/** Series under which a condition just holds. */
export function firingSeries(
  condition: Condition,
  member: TestMember,
  thresholds: readonly AlertThreshold[],
): readonly InputSeries[] {
  return condition.kind === 'figures' ? listed(draft(condition, member, thresholds)) : [];
}

/** Series under which a condition just fails to hold, one set for each of its parts. */
export function quietSeries(
  condition: Condition,
  member: TestMember,
  thresholds: readonly AlertThreshold[],
): readonly QuietSeries[] {
  switch (condition.kind) {
    case 'always':
      return [];
    case 'missing':
      return [{ reason: `${condition.metric} is there`, series: [constant(condition.metric, 1)] }];
    case 'silent': {
      const series = name(condition.metric, condition.where);
      return [{ reason: `${condition.metric} grows`, series: [{ series, values: growing(0, 1) }] }];
    }
    case 'figures':
      return [...condition.all, ...condition.unless].map((part) => ({
        reason: `${condition.unless.includes(part) ? '' : 'not '}${describe(part)}`,
        series: listed(draft(condition, member, thresholds, part)),
      }));
  }
}

/** Series of a condition that holds no more after two minutes, but for what keeps it: or not even that. */
export function endingSeries(
  condition: Figures,
  member: TestMember,
  thresholds: readonly AlertThreshold[],
  isOver: boolean,
): readonly InputSeries[] {
  const [{ figure, limit }] = condition.all;
  const at = limitOf(limit, member, thresholds);
  const after = isOver ? 'stale' : `${at / 2}+0x${MINUTES}`;
  return listed(draft(condition, member, thresholds).set(seriesName(figure, member), `${at} ${at} ${after}`));
}

function draft(
  { all, unless, hasMemberLabels }: Figures,
  member: TestMember,
  thresholds: readonly AlertThreshold[],
  flipped?: Comparison,
): Drafts {
  const drafts: Drafts = new Map(
    hasMemberLabels ? [[name('vigie_sla_member_info', infoOf(member)), growing(1, 0)]] : [],
  );
  const put = (comparison: Comparison, holds: boolean): void => {
    const { figure, limit } = comparison;
    const series = seriesName(figure, member);
    // Of two comparisons of one figure, the one that is told apart decides.
    if (!drafts.has(series))
      drafts.set(series, valuesOf(comparison, holds, limitOf(limit, member, thresholds)));
    if (typeof limit === 'number') return;
    const { gauge, row = rowOf(member), alert } = limit;
    drafts.set(name(gauge, { row, alert }), growing(limitOf(limit, member, thresholds), 0));
  };
  if (flipped) put(flipped, unless.includes(flipped));
  for (const comparison of all) put(comparison, true);
  for (const comparison of unless) put(comparison, false);
  return drafts;
}

function valuesOf(
  { figure: { as }, operator }: Comparison,
  holds: boolean,
  limit: number,
): string | undefined {
  const isMore = operator === '>' || operator === '>=';
  const wantsMore = holds === isMore;
  if (as === 'age') return wantsMore ? growing(-limit - 1, 0) : growing(0, MINUTE_SECONDS);
  if (as === 'time-left')
    return wantsMore ? growing(limit + MINUTE_SECONDS, MINUTE_SECONDS) : atMost(operator, limit);
  if (as) return growing(0, wantsMore ? limit + 1 : 0);
  // No figure can be less than nothing: what must be below it is not there.
  if (!holds && operator === '>=' && limit <= 0) return undefined;
  return growing(nearest(operator, holds, limit), 0);
}

/** An instant that stays the limit away, or, where the limit is excluded, is past. */
function atMost(operator: Comparison['operator'], limit: number): string {
  return operator === '<=' ? growing(limit, MINUTE_SECONDS) : growing(limit - MINUTE_SECONDS, 0);
}

function nearest(operator: Comparison['operator'], holds: boolean, limit: number): number {
  const step = Math.max(Math.abs(limit) / 100, 0.001);
  switch (operator) {
    case '==':
      return holds ? limit : limit === 0 ? 1 : 0;
    case '>=':
      return holds ? limit : limit - step;
    case '<=':
      return holds ? limit : limit + step;
    case '>':
      return holds ? limit + step : limit;
    case '<':
      return holds ? limit - step : limit;
  }
}

function infoOf({ row = '', scope = '', clause = '' }: TestMember) {
  return { row, scope, clause };
}

function rowOf({ row = '' }: TestMember): string {
  return row;
}

/** Whether a member's row has every threshold of a condition: where one is missing, it is not alerted by it. */
export function hasThresholds(
  condition: Condition,
  member: TestMember,
  thresholds: readonly AlertThreshold[],
): boolean {
  if (condition.kind !== 'figures') return true;
  return [...condition.all, ...condition.unless].every(
    ({ limit }) => typeof limit === 'number' || thresholdOf(limit, member, thresholds) !== undefined,
  );
}

function limitOf(
  limit: Comparison['limit'],
  member: TestMember,
  thresholds: readonly AlertThreshold[],
): number {
  if (typeof limit === 'number') return limit;
  const found = thresholdOf(limit, member, thresholds);
  if (!found) throw new Error(`no threshold ${limit.alert} of ${limit.row ?? rowOf(member)} is exported`);
  return found.value;
}

function thresholdOf(
  { gauge, row: whose, alert }: Exclude<Comparison['limit'], number>,
  member: TestMember,
  thresholds: readonly AlertThreshold[],
): AlertThreshold | undefined {
  const row = whose ?? rowOf(member);
  return thresholds.find((one) => one.gauge === gauge && one.row === row && one.alert === alert);
}

function describe({ figure: { metric, where }, operator, limit }: Comparison): string {
  const detail = where['bound'] ?? where['state'] ?? where['window'] ?? where['eligible'];
  const subject = detail === undefined ? metric : `${metric} ${detail}`;
  return `${subject} ${operator} ${typeof limit === 'number' ? limit : 'its threshold'}`;
}

function seriesName({ metric, where, by }: Figure, member: TestMember): string {
  return name(metric, { ...Object.fromEntries(by.map((label) => [label, member[label] ?? ''])), ...where });
}

function name(metric: string, labels: Readonly<Record<string, string>>): string {
  const texts = Object.entries(labels).map(([label, text]) => `${label}=${JSON.stringify(text)}`);
  return texts.length === 0 ? metric : `${metric}{${texts.sort().join(', ')}}`;
}

function constant(series: string, value: number): InputSeries {
  return { series, values: growing(value, 0) };
}

function growing(from: number, step: number): string {
  return `${from}+${step}x${MINUTES}`;
}

function listed(drafts: Drafts): readonly InputSeries[] {
  return [...drafts].flatMap(([series, values]) => (values === undefined ? [] : [{ series, values }]));
}
