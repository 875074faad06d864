import type { Asked } from '../environment.ts';
import { healthContent } from './health-page.ts';
import type { Page } from './layout.ts';
import { missingContent } from './missing-page.ts';
import { isFilter, standings } from './overview-model.ts';
import { headline, overviewContent } from './overview-page.ts';
import { type PagedSources, promisesOf } from './paged-sources.ts';
import { ticketsContent } from './tickets-page.ts';
import type { View } from './view.ts';

/** A page that does not know yet where it stands. */
export type PageBody = Omit<Page, 'path' | 'query'>;

const LONGEST_SEARCH = 80;

/** The contract. Its title says how things stand, for who has many pages open. */
export function overviewPage(view: View, sources: PagedSources, asked: Asked): PageBody {
  const { show, q = '' } = asked.req.query();
  const verdicts = sources.verdicts();
  const promises = promisesOf(sources);
  const tickets = sources.pages.tickets();
  const content = overviewContent(view, {
    contract: sources.contract(),
    promises,
    verdicts,
    tickets,
    notReady: sources.notReady(),
    feed: sources.statusFeed?.() ?? null,
    wish: { filter: isFilter(show) ? show : 'all', words: q.slice(0, LONGEST_SEARCH) },
  });
  const title = headline(view, standings(promises, verdicts, tickets));
  return { title, section: 'contract', at: verdicts.at, content };
}

/** The support tickets. */
export function ticketsPage(view: View, sources: PagedSources): PageBody {
  const { at } = sources.verdicts();
  const content = ticketsContent(view, sources.pages.tickets(), Date.parse(at));
  return { title: view.texts.tickets.title, section: 'tickets', at, content };
}

/** The monitor's own health. */
export function healthPage(view: View, sources: PagedSources): PageBody {
  const facts = sources.health();
  const content = healthContent(view, { facts, checks: sources.checks() });
  return { title: view.texts.health.title, section: 'health', at: facts.at, content };
}

/** What is shown where there is no page. */
export function missingPage(view: View, sources: PagedSources, path: string, detail?: string): PageBody {
  const { at } = sources.verdicts();
  return {
    title: view.texts.missing.title,
    section: 'contract',
    at,
    content: missingContent(view, path, detail),
  };
}
