import { axis, colour, line, timeAxis, timeSeries, zoneDate } from './chart-look.js';

/**
 * What is left of a budget over its period; seconds, instants since the epoch.
 *
 * @typedef {{
 *   zone: string, language: string, from: number, to: number, now: number, budget: number, time: string, evenPace: string,
 *   lines: { reading: string, atSeconds: number[], leftSeconds: number[] }[],
 *   exclusions: [number, number][], unknown: [number, number][],
 * }} BurnDownData
 */

/** @typedef {import('uplot').AlignedData} AlignedData */

/** Seconds between the lines of the grid: round in the unit that they are written in. */
const STEPS = [
  0.1, 0.5, 1, 5, 10, 20, 30, 60, 120, 300, 600, 900, 1_200, 1_800, 3_600, 7_200, 14_400, 36_000, 86_400,
];

/** @type {import('./charts.js').ChartKind<BurnDownData>} */
export const burnDown = {
  isData: isBurnDownData,
  points({ lines, from, to, budget }) {
    /** @type {AlignedData[]} */
    const tables = lines.map(({ atSeconds, leftSeconds }) => [atSeconds, leftSeconds]);
    const evenPace = /** @type {const} */ ([
      [from, to],
      [budget, 0],
    ]);
    return uPlot.join([...tables, [[...evenPace[0]], [...evenPace[1]]]]);
  },
  options,
  lines: ({ lines }) => lines.map(({ reading }) => reading),
};

/**
 * @param {unknown} value
 * @returns {value is BurnDownData}
 */
function isBurnDownData(value) {
  return typeof value === 'object' && value !== null && 'lines' in value;
}

/**
 * @param {() => BurnDownData} latest the data as they are when the chart is drawn
 * @param {number} width
 * @returns {import('uplot').Options}
 */
function options(latest, width) {
  const { zone, language, lines, time, evenPace } = latest();
  const seconds = (/** @type {number | null} */ value) => durationText(value, language);
  return {
    width,
    height: 240,
    tzDate: zoneDate(zone),
    scales: {
      x: { range: () => [latest().from, latest().to] },
      y: { range: (_, least, most) => [Math.min(0, least), Math.max(latest().budget, most) * 1.05] },
    },
    axes: [
      timeAxis({ zone, language }),
      { ...axis(), size: 76, incrs: STEPS, values: (_, values) => values.map(seconds) },
    ],
    series: [
      timeSeries({ zone, language, label: time }),
      ...lines.map(({ reading }, i) => line(i, { label: reading, text: seconds })),
      { ...line(lines.length, { label: evenPace, text: seconds }), stroke: colour('--ink-3'), width: 1 },
    ],
    cursor: { drag: { x: false, y: false } },
    hooks: { drawClear: [(plot) => shadeAll(plot, latest())], draw: [(plot) => ruleAll(plot, latest())] },
  };
}

/**
 * What was not seen and what is excluded, behind the lines.
 *
 * @param {import('uplot')} plot
 * @param {BurnDownData} data
 */
function shadeAll(plot, { unknown, exclusions }) {
  for (const span of unknown) shade(plot, span, colour('--unknown'));
  for (const span of exclusions) shade(plot, span, colour('--excluded'));
}

/**
 * Now, and the end of the budget.
 *
 * @param {import('uplot')} plot
 * @param {BurnDownData} data
 */
function ruleAll(plot, { now }) {
  rule(plot, { scale: 'x', value: now, stroke: colour('--ink-2') });
  rule(plot, { scale: 'y', value: 0, stroke: colour('--bad') });
}

/**
 * @param {import('uplot')} plot
 * @param {[number, number]} span
 * @param {string} fill
 */
function shade(plot, [from, to], fill) {
  const { ctx, bbox } = plot;
  const left = Math.max(bbox.left, plot.valToPos(from, 'x', true));
  const right = Math.min(bbox.left + bbox.width, plot.valToPos(to, 'x', true));
  if (right < left) return;
  ctx.save();
  ctx.fillStyle = fill;
  ctx.fillRect(left, bbox.top, Math.max(2, right - left), bbox.height);
  ctx.restore();
}

/**
 * @param {import('uplot')} plot
 * @param {{ scale: 'x' | 'y', value: number, stroke: string }} where
 */
function rule(plot, { scale, value, stroke }) {
  const { ctx, bbox } = plot;
  const at = Math.round(plot.valToPos(value, scale, true)) + 0.5;
  const right = bbox.left + bbox.width;
  const bottom = bbox.top + bbox.height;
  const isInside = scale === 'x' ? at >= bbox.left && at <= right : at >= bbox.top && at <= bottom;
  if (!isInside) return;
  ctx.save();
  ctx.strokeStyle = stroke;
  ctx.lineWidth = 1;
  ctx.beginPath();
  ctx.moveTo(scale === 'x' ? at : bbox.left, scale === 'x' ? bbox.top : at);
  ctx.lineTo(scale === 'x' ? at : right, scale === 'x' ? bottom : at);
  ctx.stroke();
  ctx.restore();
}

/**
 * @param {number | null} seconds
 * @param {string} language
 */
function durationText(seconds, language) {
  if (seconds === null) return '–';
  const size = Math.abs(seconds);
  const number = new Intl.NumberFormat(language, { maximumFractionDigits: 2 });
  if (size >= 7_200) return `${number.format(seconds / 3_600)}\u00a0h`;
  if (size >= 120) return `${number.format(seconds / 60)}\u00a0min`;
  return `${number.format(seconds)}\u00a0s`;
}
