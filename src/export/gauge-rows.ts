import type { LabelsOf, MetricName } from './catalogue.ts';
import type { Series, SeriesTable } from './series.ts';

/** One series of a gauge and its value. */
export interface GaugeRow<N extends MetricName> {
  readonly labels: LabelsOf<N>;
  readonly value: number;
}

/** A gauge whose series are known all at once: those given last are exported, and no others. */
export type ReplaceRows<N extends MetricName> = (rows: readonly GaugeRow<N>[]) => void;

/** The rows of one gauge in a table. Of two rows with equal labels the later one stands. */
export function createGaugeRows<N extends MetricName>(table: SeriesTable, metric: N): ReplaceRows<N> {
  let exported = new Map<string, Series>();
  return (rows) => {
    const next = new Map<string, Series>();
    for (const { labels, value } of rows) {
      const key = JSON.stringify(
        Object.entries(labels)
          .map((label) => label.join('='))
          .sort(),
      );
      const series = next.get(key) ?? exported.get(key) ?? table.open(metric, labels);
      table.set(series, value);
      next.set(key, series);
    }
    for (const [key, series] of exported) if (!next.has(key)) table.drop(series);
    exported = next;
  };
}
