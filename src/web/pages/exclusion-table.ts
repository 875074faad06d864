import { html } from 'hono/html';
import { dataTable } from './data-table.ts';
import type { ExplainedExclusion } from '../../core/explanation.ts';
import { asGiven, duration, type Html, time, type View } from './view.ts';

/** Declared exclusions, and whether they are taken out. `labelledBy` is the id of the heading above. */
export function exclusionTable(
  view: View,
  exclusions: readonly ExplainedExclusion[],
  labelledBy: string,
): Html {
  const { row } = view.texts;
  if (exclusions.length === 0) return html`<p>${row.noExclusions}</p>`;
  const columns = [row.kind, row.from, row.to, row.covers, row.reason, row.author];
  return dataTable(
    labelledBy,
    columns,
    exclusions.map((exclusion) => exclusionRow(view, exclusion)),
  );
}

function exclusionRow(view: View, exclusion: ExplainedExclusion): Html {
  const { row, kinds } = view.texts;
  const { id, kind, from, to, coversMs, honoured, reason, author } = exclusion;
  return html`<tr data-key="${id} ${from}">
    <th scope="row">${kinds[kind]} <code>${id}</code></th>
    <td>${time(view, from)}</td>
    <td>${time(view, to)}</td>
    <td>
      <span class="number">${duration(view, coversMs)}</span>
      <span class="note">${honoured ? row.honoured : row.notHonoured}</span>
    </td>
    <td>${asGiven(view, reason)}</td>
    <td>${author}</td>
  </tr> `;
}
