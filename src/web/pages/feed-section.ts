import { html } from 'hono/html';
import { dataTable } from './data-table.ts';
import type { StatusEntryJson, StatusFeedJson } from '../sources.ts';
import { asGiven, type Html, time, type View } from './view.ts';

/** The latest are shown; all are in the JSON. */
const MOST_SHOWN = 10;

/** What the provider says of itself, beside what was measured. */
export function feedSection(view: View, feed: StatusFeedJson): Html {
  const { texts } = view;
  const title = texts.feed.title;
  return html`<section>
    <h2 id="feed">${title}</h2>
    ${feed.entries.length === 0 ? html`<p>${texts.feed.nothing}</p>` : entryTable(view, feed)}
    <p class="note">
      ${
        feed.readAt === null
          ? texts.feed.notRead(feed.url)
          : html`${texts.feed.read(feed.url)} ${texts.frame.asOf} ${time(view, feed.readAt)}.`
      }
      ${
        feed.trouble === null
          ? ''
          : html`<strong class="unsure">${texts.feed.trouble}</strong> ${asGiven(view, feed.trouble)}`
      }
    </p>
  </section>`;
}

function entryTable(view: View, { entries }: StatusFeedJson): Html {
  const { feed } = view.texts;
  return dataTable(
    'feed',
    [feed.entry, feed.kind, feed.status, feed.from, feed.to],
    entries.slice(0, MOST_SHOWN).map((entry) => entryRow(view, entry)),
  );
}

function entryRow(view: View, { id, title, link, kind, status, from, to }: StatusEntryJson): Html {
  return html`<tr data-key="${id}">
    <th scope="row">
      ${link === null ? title : html`<a href="${link}" rel="noreferrer noopener">${title}</a>`}
    </th>
    <td>${kind}</td>
    <td>${status ?? '–'}</td>
    <td>${from === null ? '–' : time(view, from)}</td>
    <td>${to === null ? '–' : time(view, to)}</td>
  </tr> `;
}
