import { html } from 'hono/html';
import { dataTable } from './data-table.ts';
import { dataBlock } from './burn-down-chart.ts';
import { countText, latencyText } from './formats.ts';
import type { LatencySeries, LatencyStretch } from '../latency-source.ts';
import { duration, type Html, type View } from './view.ts';

/** Latency percentiles over time; the table has the last stretch of time. */
export function latencySection(view: View, all: readonly LatencySeries[]): Html {
  const { row } = view.texts;
  const known = all.filter(({ stretches }) => stretches.length > 0);
  return html`<section>
    <h2 id="latency">${row.latency}</h2>
    ${known.length === 0 ? html`<p>${row.noLatency}</p>` : latencies(view, known)}
  </section>`;
}

function latencies(view: View, known: readonly LatencySeries[]): Html {
  const lengths = known.flatMap(({ stretches }) => stretches.map(({ lengthMs }) => lengthMs));
  const longest = lengths.reduce((a, b) => Math.max(a, b), 0);
  return html`<p class="note">${view.texts.row.latencyNote(duration(view, longest))}</p>
    ${known.some(({ stretches }) => stretches.length > 1) ? chart(view, known) : ''}
    ${latencyTable(view, known)}`;
}

/** Of one stretch of time alone there is nothing to draw. */
function chart(view: View, known: readonly LatencySeries[]): Html {
  const { row } = view.texts;
  const data = {
    zone: view.zone,
    language: view.language,
    names: { time: row.chartTime, p50: row.p50, p99: row.p99 },
    series: known.map(({ check, vantage, stretches }) => {
      const points = pointsOf(stretches);
      return {
        name: `${check} · ${vantage}`,
        at: points.map(([at]) => at),
        p50: points.map(([, p50]) => p50),
        p99: points.map(([, , p99]) => p99),
      };
    }),
  };
  return html`<div class="chart-frame">
    ${dataBlock('latency-data', data)}
    <div class="chart" role="img" aria-label="${row.latency}">
      <div class="plot" data-keep data-chart="latency"></div>
    </div>
    <noscript><p class="note">${row.chartNeedsScript}</p></noscript>
  </div>`;
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

function latencyTable(view: View, known: readonly LatencySeries[]): Html {
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
  return dataTable(
    'latency',
    columns,
    known.map(({ check, vantage, stretches }) => latencyRow(view, check, vantage, stretches.at(-1))),
  );
}

function latencyRow(view: View, check: string, vantage: string, last: LatencyStretch | undefined): Html {
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
