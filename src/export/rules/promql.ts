import { type Comparison, type Condition, type Figure, type Firing, type Limit } from './condition.ts';

/** A condition as a PromQL expression; every alert of it has the labels of its first figure and no others. */
export function promql(condition: Condition): string {
  switch (condition.kind) {
    case 'always':
      return 'vector(1)';
    case 'missing':
      return `absent(${condition.metric})`;
    case 'silent':
      return `absent(sum(increase(${condition.metric}${selector(condition.where)}[${condition.overMinutes}m])) > 0)`;
    case 'figures':
      return figures(condition);
  }
}

function figures({ all, unless, unlessFiring, holds }: Extract<Condition, { kind: 'figures' }>): string {
  const [first, ...others] = all;
  const { by } = first.figure;
  const lines = [
    ...(holds ? held(first, holds) : [comparison(first)]),
    ...others.map((other) => `and ${matching(by, other.figure.by)} ${comparison(other)}`),
    ...unless.map((other) => `unless ${matching(by, other.figure.by)} ${comparison(other)}`),
    ...(unlessFiring ? [`unless ${on(by)} ${firing(unlessFiring, by)}`] : []),
  ];
  return lines.join('\n');
}

function held(first: Comparison, holds: Firing): readonly string[] {
  const { by } = first.figure;
  return [
    '(',
    `  ${comparison(first)}`,
    'or',
    `  ${value(first.figure)} and ${on(by)} ${firing(holds, by)}`,
    ')',
  ];
}

function comparison({ figure, operator, limit }: Comparison): string {
  if (typeof limit === 'number') return `${value(figure)} ${operator} ${limit}`;
  return `${value(figure)} ${operator} ${join(figure, limit)}`;
}

/** A threshold of one row joins the figures of its members, one of all rows whatever figures there are. */
function join({ by }: Figure, { gauge, row, alert }: Exclude<Limit, number>): string {
  const series = `(${gauge}${selector({ row, alert })})`;
  if (by.length === 0) return `max ${series}`;
  const isOfRow = row !== '' && by.includes('row');
  return isOfRow ? `on (row) group_left () max by (row) ${series}` : `on () group_left () max ${series}`;
}

function value(figure: Figure): string {
  const { metric, where, by, fold, as } = figure;
  const series = `${metric}${selector(where)}`;
  const folding = by.length === 0 ? fold : `${fold} by (${by.join(', ')})`;
  if (as === 'age') return `time() - ${folding} (${series})`;
  if (as === 'time-left') return `${folding} (${series}) - time()`;
  return as ? `${folding} (increase(${series}[${as.growthOverMinutes}m]))` : `${folding} (${series})`;
}

function firing({ alert, labels, withinMs }: Firing, by: readonly string[]): string {
  const series = `ALERTS${selector({ alertname: alert, alertstate: 'firing', ...labels })}`;
  if (withinMs === undefined) return series;
  return `max by (${by.join(', ')}) (max_over_time(${series}[${promDuration(withinMs)}]))`;
}

function matching(left: readonly string[], right: readonly string[]): string {
  return on(left.filter((label) => right.includes(label)));
}

function on(labels: readonly string[]): string {
  return `on (${labels.join(', ')})`;
}

function selector(labels: Readonly<Record<string, string>>): string {
  const matchers = Object.entries(labels).map(([name, text]) => `${name}=${JSON.stringify(text)}`);
  return matchers.length === 0 ? '' : `{${matchers.join(',')}}`;
}

/** A duration as Prometheus writes it, in whole seconds, rounded up. */
export function promDuration(ms: number): string {
  const seconds = Math.ceil(ms / 1000);
  return seconds % 60 === 0 && seconds > 0 ? `${seconds / 60}m` : `${seconds}s`;
}
