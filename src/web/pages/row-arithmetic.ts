import { html } from 'hono/html';
import type { CountingSteps, Explanation } from '../../core/explanation.ts';
import { duration, type Html, type View } from './view.ts';

/** How the counted downtime came about, for each of the three bounds. */
export function arithmeticSection(view: View, { arithmetic }: Explanation): Html {
  const { row } = view.texts;
  const { best, estimate, worst } = arithmetic.bounds;
  const bounds = [best, estimate, worst];
  const line = (name: string, of: (steps: CountingSteps) => Html | string): Html =>
    html`<tr>
      <th scope="row">${name}</th>
      ${bounds.map((steps) => html`<td class="number">${of(steps)}</td>`)}
    </tr> `;
  const time = (ms: number): string => duration(view, ms);
  return html`<section>
    <h2 id="arithmetic">${row.arithmetic}</h2>
    ${rulesOf(view, arithmetic)}
    <div class="scroll" tabindex="0" role="region" aria-labelledby="arithmetic">
      <table>
        <thead>
          <tr>
            <th scope="col">${row.figures}</th>
            ${[row.best, row.estimate, row.worst].map((name) => html`<th scope="col" class="number">${name}</th>`)}
          </tr>
        </thead>
        <tbody>
          ${line(row.badTime, ({ badMs }) => time(badMs))}
          ${line(row.tooShortTime, ({ tooShortMs }) => time(tooShortMs))}
          ${line(row.deductedTime, ({ deductedMs }) => time(deductedMs))}
          ${line(row.outsideTime, ({ outsideMs }) => time(outsideMs))}
          ${line(row.countedTime, ({ countedMs }) => time(countedMs))}
          ${line(row.compared, ({ comparison }) => comparisonOf(view, comparison))}
        </tbody>
      </table>
    </div>
  </section>`;
}

function rulesOf(view: View, arithmetic: Explanation['arithmetic']): Html {
  const { row } = view.texts;
  const { lengthMs, borne, mergeGapMs, minimumMs, deductMs } = arithmetic;
  const share = borne && `1 − T* = ${borne.numerator}/${borne.denominator}`;
  return html`<dl class="facts">
    ${fact(row.length, `${duration(view, lengthMs)}${share === null ? '' : ` · ${share}`}`)}
    ${mergeGapMs > 0 ? fact(row.mergeGap, duration(view, mergeGapMs)) : ''}
    ${minimumMs > 0 ? fact(row.minimum, duration(view, minimumMs)) : ''}
    ${deductMs > 0 ? fact(row.deduct, duration(view, deductMs)) : ''}
  </dl>`;
}

function fact(name: string, value: string): Html {
  return html`<div>
    <dt>${name}</dt>
    <dd>${value}</dd>
  </div>`;
}

function comparisonOf(view: View, comparison: CountingSteps['comparison']): Html | string {
  if (!comparison) return '–';
  const { row } = view.texts;
  const { used, allowed, over } = comparison;
  return html`<code>${used} ${over ? '>' : '≤'} ${allowed}</code> ${over ? row.over : row.within}`;
}
