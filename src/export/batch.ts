import type { MetricName } from './catalogue.ts';

/** A new series and the number that stands for it from then on; numbers are never used twice. */
export interface SeriesDefinition {
  readonly id: number;
  readonly metric: MetricName;
  readonly labels: Readonly<Record<string, string>>;
}

/**
 * What changed since the batch before, applied in the order dropped, defined, values. A value is an increment of a
 * counter, the new value of a gauge (NaN: not known, so no series) or one sample of a histogram.
 */
export interface Batch {
  readonly dropped: readonly number[];
  readonly defined: readonly SeriesDefinition[];
  readonly ids: Uint32Array<ArrayBuffer>;
  readonly values: Float64Array<ArrayBuffer>;
}

/** How the text is to be written. */
export interface ExpositionFormat {
  /** `prometheus`: text format 0.0.4. `openmetrics`: OpenMetrics 1.0.0. */
  readonly syntax: 'prometheus' | 'openmetrics';
  readonly gzip: boolean;
}

/** A rendered exposition. */
export interface Exposition {
  readonly contentType: string;
  /** Present exactly when the body is compressed. */
  readonly contentEncoding?: 'gzip';
  readonly body: Uint8Array<ArrayBuffer>;
}

/** What the main thread sends to the exposition thread. Messages are handled in the order sent. */
export type ToExposition =
  | { readonly kind: 'batch'; readonly batch: Batch }
  | { readonly kind: 'render'; readonly request: number; readonly format: ExpositionFormat };

/** The answer to a `render`. */
export interface FromExposition {
  readonly request: number;
  readonly exposition: Exposition;
}
