/** The samples of an exposition, by the whole name of their series. */
export type Samples = ReadonlyMap<string, number>;

/** Reads the metrics of a vigie. */
export async function readMetrics(origin: string): Promise<Samples> {
  const text = await (await fetch(`${origin}/metrics`)).text();
  const samples = new Map<string, number>();
  for (const line of text.split('\n')) {
    const at = line.lastIndexOf(' ');
    if (at > 0 && !line.startsWith('#')) samples.set(line.slice(0, at), Number(line.slice(at + 1)));
  }
  return samples;
}

/** The sum of all series of a metric that grew between two readings. */
export function growth(before: Samples, after: Samples, metric: string): number {
  const sumOf = (samples: Samples): number =>
    [...samples].reduce((sum, [name, value]) => (name.split('{')[0] === metric ? sum + value : sum), 0);
  return sumOf(after) - sumOf(before);
}

/** The share of a histogram's samples between two readings that were above a bound it has, from 0 to 1. */
export function shareAbove(before: Samples, after: Samples, histogram: string, bound: number): number {
  const grown = (name: string): number => (after.get(name) ?? 0) - (before.get(name) ?? 0);
  return 1 - grown(`${histogram}_bucket{le="${bound}"}`) / grown(`${histogram}_count`);
}
