import { burnDown } from './burn-down-chart.js';
import { latency } from './latency-chart.js';

/**
 * A kind of chart: what its data are, which of them are its points, and how it looks. Charts of the same `lines` differ
 * in their points alone.
 *
 * @template T
 * @typedef {{
 *   isData: (value: unknown) => value is T,
 *   points: (data: T) => import('uplot').AlignedData,
 *   options: (latest: () => T, width: number) => import('uplot').Options,
 *   lines: (data: T) => readonly string[],
 * }} ChartKind
 */

/**
 * A chart on the page: how it takes over the latest data, and how it is drawn anew.
 *
 * @typedef {{ update: () => void, redraw: () => void }} Drawn
 */

const LEAST_WIDTH = 240;

/** @type {Map<HTMLElement, Drawn>} */
const drawn = new Map();
/** @type {WeakMap<Element, number>} */
const widths = new WeakMap();
const resized = new ResizeObserver((entries) => {
  for (const { target } of entries) {
    if (!(target instanceof HTMLElement) || widths.get(target) === target.clientWidth) continue;
    widths.set(target, target.clientWidth);
    drawn.get(target)?.redraw();
  }
});

/**
 * The data beside a chart.
 *
 * @param {HTMLElement} element
 * @returns {unknown} undefined when there are none
 */
function dataOf({ dataset }) {
  const block = document.getElementById(`${dataset['chart'] ?? ''}-data`);
  return block?.textContent ? JSON.parse(block.textContent) : undefined;
}

/**
 * @template T
 * @param {HTMLElement} element
 * @param {ChartKind<T>} kind
 */
function draw(element, kind) {
  const first = dataOf(element);
  if (!kind.isData(first)) return;
  let latest = first;
  /** @type {import('uplot') | undefined} */
  let plot;
  const redraw = () => {
    plot?.destroy();
    const width = Math.max(LEAST_WIDTH, element.clientWidth);
    plot = new uPlot(
      kind.options(() => latest, width),
      kind.points(latest),
      element,
    );
  };
  const update = () => {
    const next = dataOf(element);
    if (!kind.isData(next)) return;
    const isAlike = kind.lines(next).join('\n') === kind.lines(latest).join('\n');
    latest = next;
    if (isAlike) plot?.setData(kind.points(latest));
    else redraw();
  };
  drawn.set(element, { update, redraw });
  resized.observe(element);
}

function drawAll() {
  for (const element of drawn.keys()) {
    if (element.isConnected) continue;
    resized.unobserve(element);
    drawn.delete(element);
  }
  for (const element of document.querySelectorAll('[data-chart]')) {
    if (!(element instanceof HTMLElement)) continue;
    const known = drawn.get(element);
    if (known) known.update();
    else if (element.dataset['chart'] === 'latency') draw(element, latency);
    else draw(element, burnDown);
  }
}

function redrawAll() {
  for (const chart of drawn.values()) chart.redraw();
}

drawAll();
document.addEventListener('vigie:refreshed', drawAll);
document.addEventListener('vigie:theme', redrawAll);
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', redrawAll);
