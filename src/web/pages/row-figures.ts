import { html } from 'hono/html';
import type { Explanation } from '../../core/explanation.ts';
import type { VerdictJson } from '../../core/verdict-json.ts';
import { budgetBar } from './budget-bar.ts';
import { countText, coverageText, percentText } from './formats.ts';
import { stateBadge } from './icons.ts';
import { coverageOf } from './overview-table.ts';
import { duration, type Html, type View } from './view.ts';

type Line = readonly [name: string, of: (verdict: VerdictJson) => Html | string, meaning?: string];

/** The figures under each reading, side by side. */
export function readingsTable(view: View, explanations: readonly Explanation[]): Html {
  const { row } = view.texts;
  const verdicts = explanations.map(({ verdict }) => verdict);
  return html`<section>
    <h2 id="figures">${row.readings}</h2>
    <div class="scroll" tabindex="0" role="region" aria-labelledby="figures">
      <table class="figures">
        <thead>
          <tr>
            <th scope="col">${row.figures}</th>
            ${verdicts.map(({ reading }) => html`<th scope="col">${reading}</th>`)}
          </tr>
        </thead>
        <tbody>
          ${linesOf(view)
            .filter(([, of]) => verdicts.some((verdict) => of(verdict) !== '–'))
            .map(
              ([name, of, meaning]) =>
                html`<tr data-key="${name}">
                  <th scope="row" ${meaning === undefined ? '' : html` title="${meaning}"`}>${name}</th>
                  ${verdicts.map((verdict) => html`<td>${of(verdict)}</td>`)}
                </tr> `,
            )}
        </tbody>
      </table>
    </div>
  </section>`;
}

function linesOf(view: View): readonly Line[] {
  const { row, overview } = view.texts;
  const time = (ms: number | null): string => (ms === null ? '–' : duration(view, ms));
  const percent = (ratio: string | null): string =>
    ratio === null ? '–' : percentText(ratio, view.language);
  return [
    [overview.state, ({ state }) => stateBadge(view, state)],
    [row.counted, (verdict) => countedCell(view, verdict)],
    [row.raw, ({ downtimeMs }) => time(downtimeMs.raw)],
    [row.budget, (verdict) => budgetCell(view, verdict)],
    [row.remaining, ({ remainingMs, sample }) => time(sample ? null : remainingMs)],
    [row.timeToBreach, ({ timeToBreachMs }) => time(timeToBreachMs)],
    [row.final, ({ availability }) => percent(availability.final)],
    [row.toDate, ({ availability }) => percent(availability.toDate)],
    [row.bestAchievable, ({ availability }) => percent(availability.bestAchievable)],
    [view.texts.types['sampled-share'], (verdict) => sampleCell(view, verdict)],
    [row.excluded, ({ excludedMs }) => time(excludedMs)],
    [row.unknown, ({ unknownMs }) => time(unknownMs)],
    [row.contested, ({ contestedMs }) => time(contestedMs)],
    [overview.coverage, (verdict) => coverageText(coverageOf(verdict), view.language)],
    [row.pace, ({ pace }) => paceText(view, pace), row.paceMeaning],
  ];
}

function countedCell(view: View, { downtimeMs: { best, estimate, worst } }: VerdictJson): Html {
  const between = view.texts.row.between(duration(view, best), duration(view, worst));
  return html`<strong>${duration(view, estimate)}</strong> <span class="note">${between}</span>`;
}

/** Where a share of tests is promised, no time is borne. */
function budgetCell(view: View, { budgetMs, downtimeMs, sample }: VerdictJson): Html | string {
  if (budgetMs === null || sample) return '–';
  return html`${duration(view, budgetMs)}
  ${budgetBar(view, { budgetMs, estimateMs: downtimeMs.estimate, worstMs: downtimeMs.worst })}`;
}

function sampleCell(view: View, { sample }: VerdictJson): Html | string {
  if (!sample) return '–';
  const { tests, met, lower, upper } = sample;
  const count = (number: number): string => countText(number, view.language);
  const share = (number: number | null): string =>
    number === null ? '–' : percentText(number.toFixed(4), view.language);
  return html`${view.texts.overview.samples(count(met), count(tests))}
    <span class="note">${view.texts.row.between(share(lower), share(upper))}</span>`;
}

function paceText(view: View, pace: number | null): string {
  if (pace === null) return '–';
  return new Intl.NumberFormat(view.language, { maximumFractionDigits: 2 }).format(pace);
}
