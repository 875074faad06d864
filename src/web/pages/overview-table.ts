import { html } from 'hono/html';
import type { VerdictJson } from '../../core/verdict-json.ts';
import { budgetBar } from './budget-bar.ts';
import { cardTable } from './cards.ts';
import { countText, coverageText, percentText, targetText } from './formats.ts';
import { alarmBadge, clockBadge, stateBadge } from './icons.ts';
import type { MemberVerdicts, PromiseStanding } from './overview-model.ts';
import type { ContractJson } from '../contract-source.ts';
import type { PromiseFacts } from './page-sources.ts';
import { asGiven, duration, type Html, incidentPath, rowPath, time, type View } from './view.ts';

/** Of a promise with many members so many are shown, the worst; its own page has them all. */
const MOST_MEMBERS = 4;

/** The promises, one a group of rows, its worst member on top. */
export function promiseTable(view: View, contract: ContractJson, all: readonly PromiseStanding[]): Html {
  const { overview } = view.texts;
  const others = contract.readings.slice(1);
  const columns = [
    overview.promise,
    overview.member,
    overview.state,
    ...others.map(({ reading }) => overview.stateUnder(reading)),
    overview.availability,
    overview.budget,
    overview.timeToBreach,
    overview.coverage,
  ];
  const groups = all.map((standing) => promiseGroup(view, contract, standing));
  return cardTable({ kind: 'promises', caption: overview.caption, columns, groups });
}

function promiseGroup(view: View, contract: ContractJson, standing: PromiseStanding): Html {
  const { promise, members } = standing;
  const shown = members.slice(0, MOST_MEMBERS);
  const left = members.length - shown.length;
  const lines = Math.max(1, shown.length) + (left > 0 ? 1 : 0);
  const head = html`<th scope="rowgroup" role="rowheader" rowspan="${lines}" class="promise">
    ${promiseHead(view, promise, members.length > 0)}
  </th>`;
  const width = 6 + contract.readings.length - 1;
  return html`<tbody role="rowgroup" data-key="${promise.row}">
    ${
      members.length === 0
        ? html`<tr role="row" class="unwatched">
            ${head}
            <td role="cell" colspan="${width}">${unmeasured(view, standing)}</td>
          </tr>`
        : shown.map((member, i) => memberRow(view, contract, member, i === 0 ? head : ''))
    }
    ${
      left > 0
        ? html`<tr role="row" class="more">
            <td role="cell" colspan="${width}">
              <a href="${view.href(rowPath(promise.row))}">${view.texts.overview.more(left)}</a>
            </td>
          </tr>`
        : ''
    }
  </tbody>`;
}

/** What a promise is, with a link to its page where it has one. */
function promiseHead(view: View, promise: PromiseFacts, isJudged: boolean): Html {
  const { overview } = view.texts;
  const title = asGiven(view, promise.title);
  return html`<span class="clause">${promise.clause}</span>
    ${isJudged ? html`<a href="${view.href(rowPath(promise.row))}">${title}</a>` : html`<span>${title}</span>`}
    <span class="terms"
      ><code>${promise.row}</code> ${promiseTerms(view, promise)}
      ${promise.requires !== null ? html`<abbr title="${overview.starred}">*</abbr>` : ''}</span
    >`;
}

/** The figure that is promised, in words. */
export function promiseTerms(view: View, { target, period, limitMs }: PromiseFacts): string {
  const { overview } = view.texts;
  if (target !== null) {
    const figure = targetText(target, view.language);
    return period === null ? figure : overview.target(figure, overview.periods[period]);
  }
  return limitMs === null ? '' : overview.bound(duration(view, limitMs, 'h'));
}

function unmeasured(view: View, { promise, clocks }: PromiseStanding): Html {
  const { overview } = view.texts;
  if (promise.type === 'none') return stateBadge(view, 'no-commitment');
  if (clocks === null)
    return html`${stateBadge(view, 'not-watched')} <span class="note">${overview.noCheck}</span>`;
  const { running, breached } = clocks;
  if (running + breached === 0) return html`<span class="note">${overview.noTickets}</span>`;
  return html`${clockBadge(view, breached > 0 ? 'breached' : 'running')}
    <a href="${view.href('/tickets')}">${overview.ticketsOf(running, breached)}</a>`;
}

function memberRow(
  view: View,
  { readings }: ContractJson,
  { scope, first, others }: MemberVerdicts,
  head: Html | '',
): Html {
  const { overview } = view.texts;
  const { row, openIncident, timeToBreachMs } = first;
  const name = (text: string): Html => html` data-label="${text}"`;
  const under = readings.slice(1).map(({ reading }) => ({
    reading,
    verdict: others.find((one) => one.reading === reading),
  }));
  return html`<tr role="row" data-key="${scope}" class="${first.state}${openIncident ? ' open' : ''}">
    ${head}
    <td role="cell" ${name(overview.member)}>
      <a href="${view.href(rowPath(row), { scope })}">${scope}</a>
    </td>
    <td role="cell" ${name(overview.state)}>
      ${stateBadge(view, first.state)} ${openIncident ? openSince(view, first) : ''}
    </td>
    ${under.map(
      ({ reading, verdict }) =>
        html`<td role="cell" ${name(overview.stateUnder(reading))}>
          ${verdict ? stateBadge(view, verdict.state) : '–'}
        </td>`,
    )}
    <td role="cell" class="number" ${name(overview.availability)}>${availability(view, first)}</td>
    <td role="cell" class="budget" ${name(overview.budget)}>${budgetCell(view, first)}</td>
    <td role="cell" class="number" ${name(overview.timeToBreach)}>
      ${timeToBreachMs === null ? '–' : duration(view, timeToBreachMs)}
    </td>
    <td role="cell" class="number" ${name(overview.coverage)}>
      ${coverageText(coverageOf(first), view.language)}
    </td>
  </tr> `;
}

function openSince(view: View, { row, scope, openIncident }: VerdictJson): Html {
  if (!openIncident) return html``;
  return html`<a class="open-incident" href="${view.href(incidentPath(row, scope, openIncident.from))}"
    >${alarmBadge(html`${view.texts.overview.incidentSince} ${time(view, openIncident.from)}`)}</a
  >`;
}

function availability({ language }: View, { availability: { final, toDate } }: VerdictJson): string {
  const ratio = final ?? toDate;
  return ratio === null ? '–' : percentText(ratio, language);
}

function budgetCell(view: View, { budgetMs, downtimeMs, sample }: VerdictJson): Html {
  const { overview } = view.texts;
  if (sample) {
    const count = (number: number): string => countText(number, view.language);
    return html`${overview.samples(count(sample.met), count(sample.tests))}`;
  }
  if (budgetMs === null) return html`<span class="note">${overview.noBudget}</span>`;
  return html`${budgetBar(view, { budgetMs, estimateMs: downtimeMs.estimate, worstMs: downtimeMs.worst })}
    <span>${overview.usedOf(duration(view, downtimeMs.estimate), duration(view, budgetMs))}</span>`;
}

/** Share of the elapsed period that was seen. */
export function coverageOf({ at, period, unknownMs, sample }: VerdictJson): number {
  if (sample) return sample.coverage;
  const elapsedMs = Math.min(Date.parse(at), Date.parse(period.to)) - Date.parse(period.from);
  return elapsedMs > 0 ? Math.max(0, 1 - unknownMs / elapsedMs) : 0;
}
