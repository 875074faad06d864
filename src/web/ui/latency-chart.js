import { axis, line, timeAxis, timeSeries, zoneDate } from './chart-look.js';

/**
 * Latencies in milliseconds at seconds since the epoch; null where there are none.
 *
 * @typedef {{
 *   zone: string, language: string, names: { time: string, p50: string, p99: string },
 *   series: { name: string, at: number[], p50: (number | null)[], p99: (number | null)[] }[],
 * }} LatencyData
 */

/** @type {import('./charts.js').ChartKind<LatencyData>} */
export const latency = {
  isData: isLatencyData,
  points: ({ series }) => uPlot.join(series.map(({ at, p50, p99 }) => [at, p50, p99])),
  options,
  lines: ({ series }) => series.map(({ name }) => name),
};

/**
 * @param {unknown} value
 * @returns {value is LatencyData}
 */
function isLatencyData(value) {
  return typeof value === 'object' && value !== null && 'series' in value;
}

/**
 * @param {() => LatencyData} latest
 * @param {number} width
 * @returns {import('uplot').Options}
 */
function options(latest, width) {
  const { zone, language, names, series } = latest();
  const number = new Intl.NumberFormat(language, { maximumSignificantDigits: 3 });
  const text = (/** @type {number | null} */ ms) => (ms === null ? '–' : `${number.format(ms)}\u00a0ms`);
  const points = { show: true, size: 4 };
  return {
    width,
    height: 220,
    tzDate: zoneDate(zone),
    scales: { y: { range: (_, _least, most) => [0, Math.max(1, most * 1.1)] } },
    axes: [timeAxis({ zone, language }), { ...axis(), size: 66, values: (_, values) => values.map(text) }],
    series: [
      timeSeries({ zone, language, label: names.time }),
      ...series.flatMap(({ name }, i) => [
        { ...line(2 * i, { label: `${name}, ${names.p50}`, text }), points },
        { ...line(2 * i + 1, { label: `${name}, ${names.p99}`, text }), points },
      ]),
    ],
    cursor: { drag: { x: false, y: false } },
  };
}
