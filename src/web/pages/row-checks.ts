import { html } from 'hono/html';
import { dataTable, rowsInTurns } from './data-table.ts';
import type { ExplainedCheck, Explanation } from '../../core/explanation.ts';
import { duration, type Html, type View } from './view.ts';

/** The checks that a member is made of, and what each contributed. */
export async function checksTable(view: View, { checks }: Explanation): Promise<Html> {
  const { row } = view.texts;
  const columns = [
    row.check,
    row.probe,
    { number: row.every },
    row.quorum,
    { number: row.down },
    { number: row.excluded },
    { number: row.unknown },
    { number: row.contested },
  ];
  const rows = await rowsInTurns(checks, (check) => checkRow(view, check));
  return html`<section>
    <h2 id="checks">${row.checks}</h2>
    ${dataTable('checks', columns, rows)}
  </section>`;
}

function checkRow(view: View, one: ExplainedCheck): Html {
  const { row } = view.texts;
  const time = (ms: number): Html => html`<td class="number">${duration(view, ms)}</td>`;
  const believed =
    one.confirm === null ? row.quorumOf(one.quorum, one.vantages.length) : row.confirmOf(one.confirm);
  return html`<tr data-key="${one.check}">
    <th scope="row"><code>${one.check}</code></th>
    <td>${one.probe}</td>
    ${time(one.intervalMs)}
    <td>${believed}</td>
    ${[one.downMs, one.excludedMs, one.unknownMs, one.contestedMs].map(time)}
  </tr> `;
}

/** Time by cause, over all checks, the largest first. */
export async function causesTable(view: View, { checks }: Explanation): Promise<Html> {
  const { row, causes, outcomes } = view.texts;
  const all = checks.flatMap((check) => check.causes.map((cause) => ({ ...cause, check: check.check })));
  if (all.length === 0)
    return html`<section>
      <h2>${row.causes}</h2>
      <p>${row.noCauses}</p>
    </section>`;
  const columns = [row.causesOf, row.check, row.causeState, { number: row.causeTime }];
  const rows = await rowsInTurns(
    all.toSorted((a, b) => b.ms - a.ms),
    ({ cause, check, state, ms }) =>
      html`<tr data-key="${check} ${state} ${cause}">
        <th scope="row">${causes[cause]} <code>${cause}</code></th>
        <td><code>${check}</code></td>
        <td>${state === 'down' ? row.down : outcomes.excluded}</td>
        <td class="number">${duration(view, ms)}</td>
      </tr> `,
  );
  return html`<section>
    <h2 id="causes">${row.causes}</h2>
    ${dataTable('causes', columns, rows)}
  </section>`;
}
