import { html } from 'hono/html';
import { dataTable } from './data-table.ts';
import type { MemberVerdicts } from './overview-model.ts';
import { promiseTerms } from './overview-table.ts';
import { alarmBadge, stateBadge } from './icons.ts';
import type { PromiseFacts } from './page-sources.ts';
import { asGiven, duration, type Html, rowPath, time, type View } from './view.ts';

/** The page of a row that is promised for each of several members: all of them, the worst on top. */
export function membersContent(view: View, promise: PromiseFacts, members: readonly MemberVerdicts[]): Html {
  const { row, overview } = view.texts;
  const columns = [
    overview.member,
    overview.state,
    { number: row.counted },
    { number: row.remaining },
    { number: row.timeToBreach },
  ];
  return html`<div class="heading">
      <p class="crumbs"><a href="${view.href('/')}">${overview.title}</a> ›</p>
      <h1>${asGiven(view, promise.title)}</h1>
      <p class="sub">
        <span class="clause">${promise.clause}</span> <code>${promise.row}</code> ·
        ${promiseTerms(view, promise)}
      </p>
    </div>
    <section>
      <h2 id="members">${row.members} (${members.length})</h2>
      ${dataTable(
        'members',
        columns,
        members.map((member) => memberRow(view, member)),
      )}
    </section>`;
}

function memberRow(view: View, { scope, first }: MemberVerdicts): Html {
  const { row, state, openIncident, downtimeMs, remainingMs, timeToBreachMs } = first;
  const ms = (value: number | null): string => (value === null ? '–' : duration(view, value));
  return html`<tr data-key="${scope}">
    <th scope="row"><a href="${view.href(rowPath(row), { scope })}">${scope}</a></th>
    <td>
      ${stateBadge(view, state)}
      ${
        openIncident
          ? alarmBadge(html`${view.texts.overview.incidentSince} ${time(view, openIncident.from)}`)
          : ''
      }
    </td>
    <td class="number">${ms(downtimeMs.estimate)}</td>
    <td class="number">${ms(remainingMs)}</td>
    <td class="number">${ms(timeToBreachMs)}</td>
  </tr> `;
}
