/** The series of an exposition by `name{label="value",…}` with labels sorted, as numbers. */
export function seriesOf(text: string): ReadonlyMap<string, number> {
  const series = new Map<string, number>();
  for (const line of text.split('\n')) {
    if (line === '' || line.startsWith('#')) continue;
    const [, name = '', labels = '', value = ''] = /^([a-z_]+)(?:\{(.*)\})? (\S+)$/.exec(line) ?? [];
    if (!name) throw new Error(`not a series: ${line}`);
    const sorted = [...labels.matchAll(/[a-z_]+="[^"]*"/g)].map(String).sort().join(',');
    const key = sorted ? `${name}{${sorted}}` : name;
    if (series.has(key)) throw new Error(`twice: ${key}`);
    series.set(key, Number(value));
  }
  return series;
}

/** Name, type, help and label names of every metric that has a series, one metric a line, sorted. */
export function describeMetrics(text: string): string {
  const help = new Map(
    [...text.matchAll(/^# HELP (\S+) (.*)$/gm)].map(([, name = '', words]) => [name, words]),
  );
  const lines: string[] = [];
  for (const [, name = '', type = ''] of text.matchAll(/^# TYPE (\S+) (\S+)$/gm)) {
    const own = [...seriesOf(text).keys()].filter((key) =>
      new RegExp(`^${name}${type === 'histogram' ? '_bucket' : ''}(\\{|$)`).test(key),
    );
    if (own.length === 0) continue;
    const labels = new Set(own.flatMap((key) => [...key.matchAll(/([a-z_]+)="/g)].map(([, label]) => label)));
    lines.push(`${name} ${type} {${[...labels].map(String).sort().join(',')}} ${help.get(name) ?? ''}`);
  }
  return `${lines.sort().join('\n')}\n`;
}
