import { html } from 'hono/html';
import type { StatusFeedJson, VerdictsJson } from '../sources.ts';
import { feedSection } from './feed-section.ts';
import { notices } from './notices.ts';
import { FILTERS, type PromiseStanding, standings, tally, type Wish, wished } from './overview-model.ts';
import { promiseTable } from './overview-table.ts';
import type { ContractJson } from '../contract-source.ts';
import type { PromiseFacts } from './page-sources.ts';
import type { TicketJson } from '../../core/ticket-json.ts';
import { asGiven, type Html, type View } from './view.ts';

/** What the contract's page tells. */
export interface Overview {
  readonly contract: ContractJson;
  readonly promises: readonly PromiseFacts[];
  readonly verdicts: VerdictsJson;
  readonly tickets: readonly TicketJson[];
  readonly notReady: readonly string[];
  /** The provider's own words; null where no feed is configured. */
  readonly feed: StatusFeedJson | null;
  readonly wish: Wish;
}

/** The contract as a table of its promises. */
export function overviewContent(view: View, overview: Overview): Html {
  const { contract, verdicts, tickets, wish, feed } = overview;
  const { texts } = view;
  const all = standings(overview.promises, verdicts, tickets);
  const shown = wished(all, wish);
  const first = contract.readings[0]?.reading ?? '';
  return html`<div class="heading">
      <h1>${asGiven(view, contract.title ?? contract.contract)}</h1>
      <p class="sub">${contract.region} · ${contract.contract} ${contract.version}</p>
    </div>
    <p class="headline" id="headline" role="status">${headline(view, all)}</p>
    ${notices(view, { notReady: overview.notReady, warnings: verdicts.warnings ?? [] })}
    ${filterForm(view, wish)}
    <p class="note" role="status">${texts.overview.shown(shown.length, all.length)}</p>
    ${shown.length === 0 ? html`<p>${texts.overview.nothing}</p>` : promiseTable(view, contract, shown)}
    <p class="note">${texts.overview.under(first)}</p>
    ${feed ? feedSection(view, feed) : ''}
    <p class="note"><a href="/api/verdicts">${texts.frame.json}</a></p>`;
}

/** The state of the whole contract in a few words. */
export function headline(view: View, all: readonly PromiseStanding[]): string {
  const { breached, open } = tally(all);
  return view.texts.overview.headline(breached, open);
}

function filterForm({ texts, language, href }: View, { filter, words }: Wish): Html {
  const { overview } = texts;
  const isNamed = href('/') !== '/';
  return html`<form class="filters" id="filters" action="/" method="get" role="search" data-keep>
    <label
      ><span>${overview.search}</span
      ><input type="search" name="q" value="${words}" maxlength="80" autocomplete="off"
    /></label>
    <label
      ><span>${overview.show}</span
      ><select name="show">
        ${FILTERS.map(
          (one) =>
            html`<option value="${one}" ${one === filter ? html` selected` : ''}>
              ${overview.filters[one]}
            </option>`,
        )}
      </select></label
    >
    ${isNamed ? html`<input type="hidden" name="lang" value="${language}" />` : ''}
    <button type="submit">${overview.apply}</button>
  </form>`;
}
