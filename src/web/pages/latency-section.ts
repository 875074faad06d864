import { setImmediate } from 'node:timers/promises';
import { html } from 'hono/html';
import { dataTable, rowsInTurns } from './data-table.ts';
import { dataBlock } from './burn-down-chart.ts';
import { countText, latencyText } from './formats.ts';
import type { LatencySeries, LatencyStretch, ShownLatencies } from '../latency-source.ts';
import { duration, type Html, type View } from './view.ts';

/** So many curves are made in one turn of the event loop: less than a millisecond. */
const CURVES_A_TURN = 8;

/** Latency percentiles over time of the checks that are drawn; the table has the last stretch of time of each. */
export async function latencySection(view: View, { drawn, listed, checks }: ShownLatencies): Promise<Html> {
  const { row } = view.texts;
  const curves = drawn.filter(isKnown);
  const known = [...curves, ...listed.filter(isKnown)];
  const hasChart = curves.some(({ stretches }) => stretches.length > 1);
  return html`<section>
    <h2 id="latency">${row.latency}</h2>
    ${known.length === 0 ? html`<p>${row.noLatency}</p>` : lengthNote(view, known)}
    ${partNote(view, checks, hasChart)} ${hasChart ? await chart(view, curves) : ''}
    ${known.length === 0 ? '' : await latencyTable(view, known)}
  </section>`;
}

function isKnown({ stretches }: LatencySeries): boolean {
  return stretches.length > 0;
}

function lengthNote(view: View, known: readonly LatencySeries[]): Html {
  let longest = 0;
  for (const { stretches } of known)
    for (const { lengthMs } of stretches) longest = Math.max(longest, lengthMs);
  return html`<p class="note">${view.texts.row.latencyNote(duration(view, longest))}</p>`;
}

/** Of which checks the page does not tell all, or tells nothing. */
function partNote(
  { texts: { row }, language }: View,
  { drawn, told, all }: ShownLatencies['checks'],
  hasChart: boolean,
): Html {
  const text = (count: number): string => countText(count, language);
  const notes = [
    ...(told < all ? [row.latencyShown(text(told), text(all))] : []),
    ...(hasChart && drawn < told ? [row.latencyDrawn(text(drawn), text(told))] : []),
  ];
  return html`${notes.map((note) => html`<p class="note">${note}</p>`)}`;
}

/** Of one stretch of time alone there is nothing to draw. */
async function chart(view: View, curves: readonly LatencySeries[]): Promise<Html> {
  const { row } = view.texts;
  const series: Curve[] = [];
  for (const curve of curves) {
    series.push(curveOf(curve));
    if (series.length % CURVES_A_TURN === 0) await setImmediate();
  }
  const data = {
    zone: view.zone,
    language: view.language,
    names: { time: row.chartTime, p50: row.p50, p99: row.p99 },
    series,
  };
  await setImmediate();
  return html`<div class="chart-frame">
    ${dataBlock('latency-data', data)}
    <div class="chart" role="img" aria-label="${row.latency}">
      <div class="plot" data-keep data-chart="latency"></div>
    </div>
    <noscript><p class="note">${row.chartNeedsScript}</p></noscript>
  </div>`;
}

/** What the script draws of a check and a vantage: see src/web/ui/latency-chart.js. */
interface Curve {
  readonly name: string;
  readonly at: readonly number[];
  readonly p50: readonly (number | null)[];
  readonly p99: readonly (number | null)[];
}

function curveOf({ check, vantage, stretches }: LatencySeries): Curve {
  const points = pointsOf(stretches);
  return {
    name: `${check} · ${vantage}`,
    at: points.map(([at]) => at),
    p50: points.map(([, p50]) => p50),
    p99: points.map(([, , p99]) => p99),
  };
}

/** Seconds since the epoch with median and 99th percentile, to a microsecond; nothing where a stretch is missing. */
function pointsOf(
  stretches: readonly LatencyStretch[],
): readonly (readonly [at: number, p50: number | null, p99: number | null])[] {
  return stretches.flatMap(({ fromMs, lengthMs, p50, p99 }, i) => {
    const next = stretches[i + 1];
    const endMs = fromMs + lengthMs;
    const gap = next && next.fromMs > endMs ? [[endMs / 1_000, null, null] as const] : [];
    return [[fromMs / 1_000, micro(p50), micro(p99)] as const, ...gap];
  });
}

function micro(ms: number): number {
  return Math.round(ms * 1_000) / 1_000;
}

async function latencyTable(view: View, known: readonly LatencySeries[]): Promise<Html> {
  const { row } = view.texts;
  const columns = [
    row.check,
    row.vantage,
    { number: row.p50 },
    { number: row.p90 },
    { number: row.p99 },
    { number: row.max },
    { number: row.answers },
  ];
  const rows = await rowsInTurns(known, (series) => latencyRow(view, series));
  return dataTable('latency', columns, rows);
}

function latencyRow(view: View, { check, vantage, stretches }: LatencySeries): Html {
  const last = stretches.at(-1);
  if (!last) return html``;
  const { language } = view;
  return html`<tr data-key="${check} ${vantage}">
    <th scope="row"><code>${check}</code></th>
    <td>${vantage}</td>
    ${[last.p50, last.p90, last.p99, last.max].map(
      (ms) => html`<td class="number">${latencyText(ms, language)}</td>`,
    )}
    <td class="number">${countText(last.count, language)}</td>
  </tr> `;
}
