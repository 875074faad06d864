import { CASEWORK } from './catalogue/casework.ts';
import type { MetricFamily } from './catalogue/metric-spec.ts';
import { MONITOR } from './catalogue/monitor.ts';
import { PROBING } from './catalogue/probing.ts';
import { PROMISES } from './catalogue/promises.ts';

/**
 * Every metric of vigie. Names and labels are an interface that dashboards and rules rely on; a golden file holds
 * them. Seconds and ratios, never milliseconds or percent; what is not known has no series.
 */
export const CATALOGUE = {
  ...PROBING,
  ...PROMISES,
  ...CASEWORK,
  ...MONITOR,
} as const satisfies MetricFamily;

/** The name of a metric of vigie. */
export type MetricName = keyof typeof CATALOGUE;

/** The labels of a metric, all of them. */
export type LabelsOf<N extends MetricName> = Readonly<
  Record<(typeof CATALOGUE)[N]['labels'][number], string>
>;
