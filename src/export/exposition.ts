import { readdirSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { OpenMetricsContentType, PrometheusContentType } from 'prom-client';
import type { Batch, Exposition, ExpositionFormat, SeriesDefinition } from './batch.ts';
import { CATALOGUE } from './catalogue.ts';
import type { MetricFamily, MetricSpec } from './catalogue/metric-spec.ts';

/** The prom-client side: applies batches and writes the text. Costly; lives in a thread of its own. */
export interface ExpositionRegistry {
  apply(batch: Batch): void;
  /** The text of all series. Calls must not overlap. */
  render(format: ExpositionFormat): Promise<Exposition>;
}

/** Where the values of one series go. */
interface Sink {
  put(value: number): void;
  drop(): void;
}

type AnyRegistry = Registry<PrometheusContentType | OpenMetricsContentType>;

const CONTENT_TYPES = {
  prometheus: Registry.PROMETHEUS_CONTENT_TYPE,
  openmetrics: Registry.OPENMETRICS_CONTENT_TYPE,
} as const;

const SPECS: MetricFamily = CATALOGUE;
const GZIP_LEVEL = 1;

/** A registry with every metric of the catalogue and no series yet but those of the process. */
export function createExposition(): ExpositionRegistry {
  const registry: AnyRegistry = new Registry<PrometheusContentType | OpenMetricsContentType>();
  const metrics = new Map<string, (labels: SeriesDefinition['labels']) => Sink>();
  for (const [name, spec] of Object.entries(SPECS)) metrics.set(name, declare(registry, name, spec));
  const names = registry.getMetricsAsArray().map((metric) => metric.name);
  const sinks = new Map<number, Sink>();

  return {
    apply({ dropped, defined, ids, values }) {
      for (const id of dropped) {
        sinks.get(id)?.drop();
        sinks.delete(id);
      }
      for (const { id, metric, labels } of defined) {
        const sink = metrics.get(metric)?.(labels);
        if (sink) sinks.set(id, sink);
      }
      for (const [i, id] of ids.entries()) sinks.get(id)?.put(values[i] ?? Number.NaN);
    },
    async render({ syntax, gzip }) {
      registry.setContentType(CONTENT_TYPES[syntax]);
      const text = await registry.metrics();
      // prom-client cuts "_total" off the names of counters for OpenMetrics, and leaves them so.
      for (const [i, metric] of registry.getMetricsAsArray().entries()) metric.name = names[i] ?? metric.name;
      const contentType = CONTENT_TYPES[syntax];
      return gzip
        ? { contentType, contentEncoding: 'gzip', body: compress(text) }
        : { contentType, body: new TextEncoder().encode(text) };
    },
  };
}

/** A copy in memory of its own, so that it can be transferred between threads. */
function compress(text: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(gzipSync(text, { level: GZIP_LEVEL }));
}

function declare(
  registry: AnyRegistry,
  name: string,
  spec: MetricSpec,
): (labels: SeriesDefinition['labels']) => Sink {
  const collect = PROCESS_FIGURES[name];
  const config = { name, help: spec.help, labelNames: spec.labels, registers: [registry] };
  switch (spec.type) {
    case 'counter':
      return counterSinks(new Counter({ ...config, ...(collect && { collect: increase(collect) }) }));
    case 'gauge':
      return gaugeSinks(new Gauge({ ...config, ...(collect && { collect: assign(collect) }) }));
    case 'histogram':
      return histogramSinks(new Histogram({ ...config, buckets: [...(spec.buckets ?? [])] }));
  }
}

function counterSinks(counter: Counter): (labels: SeriesDefinition['labels']) => Sink {
  return (labels) => {
    counter.inc(labels, 0);
    return { put: (value) => counter.inc(labels, value), drop: () => counter.remove(labels) };
  };
}

function gaugeSinks(gauge: Gauge): (labels: SeriesDefinition['labels']) => Sink {
  // A gauge without labels starts as 0 in prom-client; what is not known must not be exported.
  gauge.remove({});
  return (labels) => ({
    put: (value) => (Number.isNaN(value) ? gauge.remove(labels) : gauge.set(labels, value)),
    drop: () => gauge.remove(labels),
  });
}

function histogramSinks(histogram: Histogram): (labels: SeriesDefinition['labels']) => Sink {
  return (labels) => {
    histogram.zero(labels);
    return {
      put: (value) => histogram.observe(labels, value),
      drop: () => histogram.remove(labels),
    };
  };
}

/** Figures of the whole process that any of its threads can read, taken at the moment of the scrape. */
const PROCESS_FIGURES: Readonly<Record<string, () => number | undefined>> = {
  process_cpu_seconds_total: () => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1e6;
  },
  process_resident_memory_bytes: () => process.memoryUsage.rss(),
  process_open_fds: () => (process.platform === 'linux' ? readdirSync('/proc/self/fd').length : undefined),
};

function increase(total: () => number | undefined): (this: Counter) => void {
  let counted = 0;
  return function collect(): void {
    const now = total() ?? counted;
    this.inc(Math.max(0, now - counted));
    counted = Math.max(counted, now);
  };
}

function assign(value: () => number | undefined): (this: Gauge) => void {
  return function collect(): void {
    const now = value();
    if (now !== undefined) this.set(now);
  };
}
