import type { Comparison, Condition, Figure, Firing, Limit } from './condition.ts';
import { MEMBER_LABELS } from './member-labels.ts';
import { type ExtraLabels, selector } from './selector.ts';

type Figures = Extract<Condition, { kind: 'figures' }>;

/**
 * A condition as a PromQL expression; every alert of it has the labels of its first figure, those of the member where
 * the condition says so, and no others. `extra`: labels that the series of this vigie have in Prometheus, and its
 * alerts.
 */
export function promql(condition: Condition, extra: ExtraLabels = {}): string {
  const write = writer(extra);
  switch (condition.kind) {
    case 'always':
      return 'vector(1)';
    case 'missing':
      return `absent(${write.series(condition.metric, {})})`;
    case 'silent': {
      const series = write.series(condition.metric, condition.where);
      return `absent(sum(increase(${series}[${condition.overMinutes}m])) > 0)`;
    }
    case 'figures':
      return write.figures(condition);
  }
}

/** What writes the parts of an expression over the series that have these labels. */
function writer(extra: ExtraLabels) {
  const series = (
    metric: string,
    where: Readonly<Record<string, string>>,
    rows?: readonly string[],
  ): string => metric + selector({ ...where, ...extra }, rows && { row: rows });

  function figures({ all, unless, unlessFiring, holds, frozen, hasMemberLabels }: Figures): string {
    const [first, ...others] = all;
    const { by } = first.figure;
    const holding = [
      ...(holds ? held(first, holds) : [comparison(first)]),
      ...others.map((other) => and(by, other)),
    ];
    const lines = [
      ...(frozen ? grouped([...holding, 'or', ...goingOn(by, frozen)]) : holding),
      ...unless.map((other) => `unless ${matching(by, other.figure.by)} ${comparison(ofAnyRow(other))}`),
      ...(unlessFiring ? [`unless ${on(by)} ${firing(unlessFiring, by)}`] : []),
    ];
    return (hasMemberLabels ? [...grouped(lines), withMemberLabels()] : lines).join('\n');
  }

  function and(by: readonly string[], other: Comparison): string {
    return `and ${matching(by, other.figure.by)} ${comparison(ofAnyRow(other))}`;
  }

  function goingOn(
    by: readonly string[],
    { firing: told, while: unknown }: NonNullable<Figures['frozen']>,
  ): readonly string[] {
    return [`max by (${by.join(', ')}) (${firing(told, by)})`, ...unknown.map((other) => and(by, other))];
  }

  /** Every member has one set of labels; while two processes tell two, one of them stands. */
  function withMemberLabels(): string {
    const info = series('vigie_sla_member_info', {});
    return `* on (row, scope) group_left (${MEMBER_LABELS.join(', ')}) topk by (row, scope) (1, ${info})`;
  }

  function held(first: Comparison, holds: Firing): readonly string[] {
    const { by } = first.figure;
    return grouped([comparison(first), 'or', `${value(first.figure)} and ${on(by)} ${firing(holds, by)}`]);
  }

  function comparison({ figure, operator, limit }: Comparison): string {
    if (typeof limit === 'number') return `${value(figure)} ${operator} ${limit}`;
    return `${value(figure)} ${operator} ${join(figure, limit)}`;
  }

  /** A threshold of each row joins the figures of its members, one of all rows whatever figures there are. */
  function join({ by }: Figure, { gauge, row, alert }: Exclude<Limit, number>): string {
    if (row === undefined) return `on (row) group_left () max by (row) (${series(gauge, { alert })})`;
    const one = `max (${series(gauge, { row, alert })})`;
    return by.length === 0 ? one : `on () group_left () ${one}`;
  }

  function value({ metric, where, rows, by, fold, as }: Figure): string {
    const selected = series(metric, where, rows);
    const folding = by.length === 0 ? fold : `${fold} by (${by.join(', ')})`;
    if (as === 'age') return `time() - ${folding} (${selected})`;
    if (as === 'time-left') return `${folding} (${selected}) - time()`;
    return as ? `${folding} (increase(${selected}[${as.growthOverMinutes}m]))` : `${folding} (${selected})`;
  }

  function firing({ alerts, labels, withinMs }: Firing, by: readonly string[]): string {
    const where = { alertstate: 'firing', ...labels, ...extra };
    const told = `ALERTS${selector(where, { alertname: alerts })}`;
    if (withinMs === undefined) return told;
    return `max by (${by.join(', ')}) (max_over_time(${told}[${promDuration(withinMs)}]))`;
  }

  return { series, figures };
}

/** What is matched with members whose rows are selected need not select them again. */
function ofAnyRow({ figure, ...comparison }: Comparison): Comparison {
  const { metric, where, by, fold, as } = figure;
  return { ...comparison, figure: { metric, where, by, fold, ...(as !== undefined && { as }) } };
}

function grouped(lines: readonly string[]): readonly string[] {
  return ['(', ...lines.flatMap((line) => line.split('\n')).map((line) => `  ${line}`), ')'];
}

function matching(left: readonly string[], right: readonly string[]): string {
  return on(left.filter((label) => right.includes(label)));
}

function on(labels: readonly string[]): string {
  return `on (${labels.join(', ')})`;
}

/** A duration as Prometheus writes it, in whole seconds, rounded up. */
export function promDuration(ms: number): string {
  const seconds = Math.ceil(ms / 1000);
  return seconds % 60 === 0 && seconds > 0 ? `${seconds / 60}m` : `${seconds}s`;
}
