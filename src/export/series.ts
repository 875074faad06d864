import type { Batch, SeriesDefinition } from './batch.ts';
import { CATALOGUE, type LabelsOf, type MetricName } from './catalogue.ts';
import type { MetricSpec } from './catalogue/metric-spec.ts';

/** One series, as the probe path sees it: a place to put a number. Only its table writes to it. */
export interface Series {
  readonly definition: SeriesDefinition;
  readonly type: MetricSpec['type'];
  /** Total of a counter, value of a gauge; of no meaning for a histogram. */
  value: number;
  /** What of `value` was handed over. */
  sent: number;
  isDirty: boolean;
  isOpen: boolean;
}

/**
 * All series of the process on the side of the probes: cheap to write to (no hashing, no text), handed over in
 * batches to where prom-client keeps and renders them.
 */
export interface SeriesTable {
  /** A new series. A counter is exported as 0 from now on, a histogram as empty, a gauge once it is set. */
  open<N extends MetricName>(metric: N, labels: LabelsOf<N>): Series;
  /** Adds to a counter. */
  add(series: Series, amount: number): void;
  /** Sets a gauge; null or NaN means not known: the series is not exported until it is. */
  set(series: Series, value: number | null): void;
  /** Takes one sample of a histogram. */
  observe(series: Series, sample: number): void;
  /** Ends a series: it is no longer exported. Writing to it afterwards does nothing. */
  drop(series: Series): void;
  /** What changed since the batches taken before, a few thousand values at most; undefined when nothing did. */
  take(): Batch | undefined;
  /** The receiver has lost everything: hand over all definitions, totals and values again. Samples are lost. */
  resend(): void;
}

const BATCH_VALUES = 4096;
/** A definition costs about a microsecond to post; a batch must not hold the loop for a whole millisecond. */
const BATCH_DEFINITIONS = 512;

/** An empty table. `onFull` is called when as much waits as goes into one batch: the moment to take it. */
export function createSeriesTable(onFull: () => void): SeriesTable {
  const open = new Set<Series>();
  let nextId = 0;
  let unannounced: Series[] = [];
  let dirty: Series[] = [];
  let dropped: number[] = [];
  const samples = createSampleBuffer();

  const touch = (series: Series): void => {
    if (series.isDirty) return;
    series.isDirty = true;
    dirty.push(series);
  };

  return {
    open(metric, labels) {
      const { type } = CATALOGUE[metric];
      const definition = { id: nextId++, metric, labels };
      const value = type === 'counter' ? 0 : Number.NaN;
      const series = { definition, type, value, sent: value, isDirty: false, isOpen: true };
      open.add(series);
      unannounced.push(series);
      if (unannounced.length >= BATCH_DEFINITIONS) onFull();
      return series;
    },
    add(series, amount) {
      series.value += amount;
      touch(series);
    },
    set(series, value) {
      const next = value ?? Number.NaN;
      if (Object.is(next, series.value)) return;
      series.value = next;
      touch(series);
    },
    observe(series, sample) {
      if (series.isOpen && samples.push(series.definition.id, sample)) onFull();
    },
    drop(series) {
      if (!open.delete(series)) return;
      series.isOpen = false;
      dropped.push(series.definition.id);
    },
    take() {
      if (dropped.length + unannounced.length + dirty.length + samples.length() === 0) return undefined;
      const gone = dropped;
      dropped = [];
      const defined = unannounced.splice(0, BATCH_DEFINITIONS).filter((series) => series.isOpen);
      const definitions = { dropped: gone, defined: defined.map((series) => series.definition) };
      // No value may arrive before the definition of its series.
      if (unannounced.length > 0) return { ...definitions, ...valuesOf([]) };
      if (samples.length() > 0) return { ...definitions, ...samples.take() };
      return { ...definitions, ...valuesOf(dirty.splice(-BATCH_VALUES)) };
    },
    resend() {
      unannounced = [...open];
      dirty = unannounced.filter((series) => series.type !== 'histogram');
      dropped = [];
      samples.take();
      for (const series of dirty) {
        series.isDirty = true;
        if (series.type === 'counter') series.sent = 0;
      }
    },
  };
}

function valuesOf(changed: readonly Series[]): Pick<Batch, 'ids' | 'values'> {
  const current = changed.filter((series) => series.isOpen);
  const ids = new Uint32Array(current.length);
  const values = new Float64Array(current.length);
  for (const [i, series] of current.entries()) {
    ids[i] = series.definition.id;
    values[i] = series.type === 'counter' ? series.value - series.sent : series.value;
    series.sent = series.value;
    series.isDirty = false;
  }
  return { ids, values };
}

interface SampleBuffer {
  length(): number;
  /** True when the buffer is full. A sample that finds it full is lost. */
  push(id: number, sample: number): boolean;
  take(): Pick<Batch, 'ids' | 'values'>;
}

function createSampleBuffer(): SampleBuffer {
  const ids = new Uint32Array(BATCH_VALUES);
  const values = new Float64Array(BATCH_VALUES);
  let length = 0;
  return {
    length: () => length,
    push(id, sample) {
      if (length < BATCH_VALUES) {
        ids[length] = id;
        values[length++] = sample;
      }
      return length === BATCH_VALUES;
    },
    take() {
      const taken = { ids: ids.slice(0, length), values: values.slice(0, length) };
      length = 0;
      return taken;
    },
  };
}
