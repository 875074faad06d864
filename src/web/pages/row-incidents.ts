import { html } from 'hono/html';
import { dataTable } from './data-table.ts';
import type { ExplainedIncident, Explanation } from '../../core/explanation.ts';
import { alarmBadge } from './icons.ts';
import { duration, type Html, incidentPath, time, type View } from './view.ts';

/** So many are listed, the latest first; all are in the JSON. */
const MOST_LISTED = 100;

/** The incidents of a period, the latest first. */
export function incidentTable(view: View, { incidents, verdict }: Explanation): Html {
  const { row } = view.texts;
  if (incidents.length === 0)
    return html`<section>
      <h2 id="incidents">${row.incidents}</h2>
      <p>${row.noIncidents}</p>
    </section>`;
  const columns = [
    row.from,
    row.to,
    { number: row.lasted },
    { number: row.deducted },
    { number: row.outside },
    { number: row.countedShort },
    row.causesOf,
  ];
  return html`<section>
    <h2 id="incidents">${row.incidents} (${incidents.length})</h2>
    ${dataTable(
      'incidents',
      columns,
      incidents
        .slice(-MOST_LISTED)
        .toReversed()
        .map((incident) => incidentRow(view, verdict, incident)),
    )}
  </section>`;
}

function incidentRow(view: View, verdict: Explanation['verdict'], incident: ExplainedIncident): Html {
  const { row, causes } = view.texts;
  const { from, to, badMs, deductedMs, outsideMs, countedMs, tooShort } = incident;
  const isOpen = verdict.openIncident?.from === from;
  return html`<tr data-key="${from}">
    <th scope="row">
      <a href="${view.href(incidentPath(verdict.row, verdict.scope, from))}">${time(view, from)}</a>
    </th>
    <td>${isOpen ? alarmBadge(row.goingOn) : time(view, to)}</td>
    <td class="number">${duration(view, badMs)}</td>
    <td class="number">${duration(view, deductedMs)}</td>
    <td class="number">${duration(view, outsideMs)}</td>
    <td class="number">${tooShort ? row.tooShort : duration(view, countedMs)}</td>
    <td>${incident.causes.map((cause) => causes[cause]).join(', ')}</td>
  </tr> `;
}
