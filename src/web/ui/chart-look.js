/** The lines of a chart, told apart by their dashes as well. */
export const LINES = /** @type {const} */ ([
  { colour: '--line-1', dash: [] },
  { colour: '--line-2', dash: [7, 4] },
  { colour: '--line-3', dash: [2, 3] },
  { colour: '--line-4', dash: [9, 3, 2, 3] },
]);

/**
 * The value of a colour of the style sheet in the theme in force.
 *
 * @param {string} name such as `--line-1`
 */
export function colour(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name);
}

const DAY = 86_400;

/**
 * How an axis looks, whatever it measures.
 *
 * @returns {import('uplot').Axis}
 */
export function axis() {
  return {
    stroke: colour('--ink-2'),
    grid: { stroke: colour('--rule'), width: 1 },
    ticks: { stroke: colour('--rule'), width: 1 },
    font: '12px system-ui, sans-serif',
  };
}

/**
 * The axis of time, as the wall clocks of a zone show it.
 *
 * @param {{ zone: string, language: string }} where
 * @returns {import('uplot').Axis}
 */
export function timeAxis({ zone: timeZone, language }) {
  const days = new Intl.DateTimeFormat(language, { timeZone, day: 'numeric', month: 'short' });
  const minutes = new Intl.DateTimeFormat(language, {
    timeZone,
    hour: '2-digit',
    minute: '2-digit',
    hour12: false,
  });
  return {
    ...axis(),
    values: (_, splits, _axis, _space, step) =>
      splits.map((at) => (step >= DAY ? days : minutes).format(at * 1_000)),
  };
}

/**
 * How instants read in the legend.
 *
 * @param {{ zone: string, language: string, label: string }} where
 * @returns {import('uplot').Series}
 */
export function timeSeries({ zone: timeZone, language, label }) {
  const format = new Intl.DateTimeFormat(language, { timeZone, dateStyle: 'medium', timeStyle: 'medium' });
  return { label, value: (_, at) => (at === null ? '–' : format.format(at * 1_000)) };
}

/**
 * The look of the line with a number, and how its values read.
 *
 * @param {number} i
 * @param {{ label: string, text: (value: number | null) => string }} words
 * @returns {import('uplot').Series}
 */
export function line(i, { label, text }) {
  const { colour: name, dash } = LINES[i % LINES.length] ?? LINES[0];
  return {
    label,
    value: (_, value) => text(value),
    stroke: colour(name),
    width: 2,
    dash: [...dash],
    points: { show: false },
    spanGaps: true,
  };
}

/**
 * Seconds as the wall clocks of a zone show them.
 *
 * @param {string} zone
 * @returns {(seconds: number) => Date}
 */
export function zoneDate(zone) {
  return (seconds) => uPlot.tzDate(new Date(seconds * 1_000), zone);
}
