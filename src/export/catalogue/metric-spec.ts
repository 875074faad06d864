/** What a metric is: its Prometheus type, its one-line help and the names of its labels. */
export interface MetricSpec {
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly help: string;
  readonly labels: readonly string[];
  /** Upper bounds of a histogram's buckets, ascending; +Inf is added. */
  readonly buckets?: readonly number[];
}

/** A family of metrics: what each is, by its name. */
export type MetricFamily = Readonly<Record<string, MetricSpec>>;
