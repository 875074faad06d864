import { html } from 'hono/html';
import type { StatusEntryJson, StatusFeedJson } from './sources.ts';
import type { Html } from './status-tables.ts';

/** The latest are shown; all are in the JSON. */
const MOST_SHOWN = 10;

/** What the provider says of itself, beside what was measured. */
export function statusFeedTable(feed: StatusFeedJson): Html {
  return html`<div class="scroll">
    <table>
      <caption>
        What the provider says of itself
      </caption>
      <thead>
        <tr>
          <th scope="col">Entry</th>
          <th scope="col">Kind</th>
          <th scope="col">Status</th>
          <th scope="col">From</th>
          <th scope="col">To</th>
        </tr>
      </thead>
      <tbody>
        ${feed.entries.slice(0, MOST_SHOWN).map(entryRow)}
      </tbody>
    </table>
    <p>${asOf(feed)} No verdict is made of it.</p>
  </div>`;
}

function entryRow({ title, link, kind, status, from, to }: StatusEntryJson): Html {
  return html`<tr>
    <th scope="row">
      ${link === null ? title : html`<a href="${link}" rel="noreferrer noopener">${title}</a>`}
    </th>
    <td>${kind}</td>
    <td>${status ?? '–'}</td>
    <td>${from ?? '–'}</td>
    <td>${to ?? '–'}</td>
  </tr> `;
}

function asOf({ url, readAt, trouble }: StatusFeedJson): Html {
  const read = readAt === null ? html`Not read yet` : html`Read <time datetime="${readAt}">${readAt}</time>`;
  return trouble === null
    ? html`${read} from ${url}.`
    : html`${read} from ${url}; <span class="unsure">it can't be read now: ${trouble}</span>.`;
}
