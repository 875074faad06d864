import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const GOLDEN = readFileSync(join(import.meta.dirname, '../golden/metrics.txt'), 'utf8');

/** Metrics that Prometheus itself makes, and their labels. */
const OF_PROMETHEUS: readonly (readonly [string, readonly string[]])[] = [
  ['ALERTS', ['alertname', 'alertstate', 'severity', 'row', 'scope', 'kind', 'window']],
  ['up', ['job', 'instance']],
];

const METRICS: ReadonlyMap<string, readonly string[]> = new Map([...OF_PROMETHEUS, ...goldenMetrics()]);

function goldenMetrics(): readonly (readonly [string, readonly string[]])[] {
  return GOLDEN.trim()
    .split('\n')
    .flatMap((line) => {
      const [, name = '', type, labels = ''] = /^(\S+) (\S+) \{([^}]*)\}/.exec(line) ?? [];
      const all = [...labels.split(',').filter(Boolean), 'instance', 'job'];
      if (type !== 'histogram') return [[name, all] as const];
      const withoutBuckets = all.filter((label) => label !== 'le');
      return [
        [`${name}_bucket`, all],
        [`${name}_sum`, withoutBuckets],
        [`${name}_count`, withoutBuckets],
      ] as const;
    });
}

/** The metrics of a query that the golden catalogue lacks, and the labels that its metrics do not have. */
export function unknownIn(query: string): readonly string[] {
  const found: string[] = [];
  const labels = new Set<string>();
  for (const [, name = '', matchers = ''] of query.matchAll(
    /\b((?:vigie|process)_\w+|ALERTS|up)\b(?:\{([^}]*)\})?/g,
  )) {
    const known = METRICS.get(name);
    if (!known) found.push(name);
    for (const label of known ?? []) labels.add(label);
    for (const [, label = ''] of matchers.matchAll(/(\w+)\s*(?:=~|!~|!=|=)/g))
      if (known && !known.includes(label)) found.push(`${name}{${label}}`);
  }
  for (const [, list = ''] of query.matchAll(
    /\b(?:by|on|without|ignoring|group_left|group_right)\s*\(([^)]*)\)/g,
  ))
    for (const label of list.split(',').map((text) => text.trim()))
      if (label !== '' && !labels.has(label)) found.push(`by ${label}`);
  return found;
}
