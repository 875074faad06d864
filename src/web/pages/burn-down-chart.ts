import { html, raw } from 'hono/html';
import type { Explanation } from '../../core/explanation.ts';
import { burnDown } from './burn-down.ts';
import { duration, type Html, type View } from './view.ts';

/** The budgets of all readings over the period, for the script that draws them; in words for who does not see it. */
export function burnDownChart(view: View, explanations: readonly [Explanation, ...Explanation[]]): Html {
  const { row } = view.texts;
  const [first] = explanations;
  const { period, budgetMs, remainingMs, at } = first.verdict;
  const lines = explanations.flatMap((one) => burnDown(one) ?? []);
  if (budgetMs === null || remainingMs === null || lines.length === 0) return html`<p>${row.noBurnDown}</p>`;
  const data = {
    zone: view.zone,
    language: view.language,
    from: Date.parse(period.from) / 1000,
    to: Date.parse(period.to) / 1000,
    now: Date.parse(at) / 1000,
    budget: budgetMs / 1000,
    evenPace: row.evenPace,
    time: row.chartTime,
    lines,
    exclusions: first.exclusions.map(spanSeconds),
    unknown: first.unknown.map(spanSeconds),
  };
  return html`<div class="chart-frame">
    ${dataBlock('burn-down-data', data)}
    <div
      class="chart"
      role="img"
      aria-label="${row.burnDownLabel(duration(view, remainingMs), duration(view, budgetMs))}"
    >
      <div class="plot" data-keep data-chart="burn-down"></div>
    </div>
    <noscript><p class="note">${row.chartNeedsScript}</p></noscript>
  </div>`;
}

function spanSeconds({
  from,
  to,
}: {
  readonly from: string;
  readonly to: string;
}): readonly [number, number] {
  return [Date.parse(from) / 1000, Date.parse(to) / 1000];
}

/** Data for a script. Nothing in it can end the element or begin another. */
export function dataBlock(id: string, data: unknown): Html {
  const text = JSON.stringify(data).replaceAll('<', String.raw`\u003c`);
  return html`<script type="application/json" id="${id}">
    ${raw(text)}
  </script>`;
}
