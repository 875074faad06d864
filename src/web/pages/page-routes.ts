import type { Clock } from '../../core/clock.ts';
import { AnswerCache } from '../api/answer-cache.ts';
import { isRefusal } from '../api/answer.ts';
import { send } from '../api/send.ts';
import type { Asked, Routes } from '../environment.ts';
import { methodNotAllowed, problem } from '../problem.ts';
import type { Sources } from '../sources.ts';
import { viewOf } from './asked-view.ts';
import type { AssetStore } from './asset-store.ts';
import { incidentPage, type PageAnswer, rowPage } from './detail-pages.ts';
import { healthPage, missingPage, overviewPage, type PageBody, ticketsPage } from './list-pages.ts';
import { documentOf, type Liveness, type Page } from './layout.ts';
import { type PagedSources, pagedSources } from './paged-sources.ts';
import type { Html, View } from './view.ts';
import { PAGE_POLICY, sendRefusal, writtenPage } from './written-page.ts';

/** What the pages need besides what they show. */
export interface PageOptions {
  readonly clock: Clock;
  /** On every answer. */
  readonly headers: Readonly<Record<string, string>>;
  /** The address of server-sent events that tell of news; null where there are none. */
  readonly events: string | null;
  /** The files that pages need; undefined where there are no pages. */
  readonly assets: AssetStore | undefined;
}

/** A page that is asked for, before it is framed. */
type Make = (view: View, sources: PagedSources, asked: Asked) => PageAnswer | Promise<PageAnswer>;

const PAGES: Readonly<Record<string, Make>> = {
  '/': overviewPage,
  '/tickets': ticketsPage,
  '/health': healthPage,
  '/rows/:row': rowPage,
  '/incidents/:row/:scope/:from': incidentPage,
};

/** How often an open page is read anew where events tell of news, and where none do. */
const REREAD_MS = { withEvents: 5_000, without: 2_000 } as const;

/** What all pages are made with. */
interface Site {
  readonly sources: PagedSources;
  readonly assets: AssetStore;
  readonly cache: AnswerCache;
  readonly live: Liveness;
  readonly headers: Readonly<Record<string, string>>;
}

/** The pages for people: whole without a script, and kept up to date by one. None where there is nothing to show. */
export function addPages(app: Routes, sources: Sources, options: PageOptions): void {
  const paged = pagedSources(sources);
  const { clock, events, headers, assets } = options;
  if (!paged || !assets) return;
  const site: Site = {
    sources: paged,
    assets,
    cache: new AnswerCache(clock, () => paged.revision()),
    live: { events, everyMs: events === null ? REREAD_MS.without : REREAD_MS.withEvents },
    headers: { ...headers, 'Content-Security-Policy': PAGE_POLICY },
  };
  for (const [path, make] of Object.entries(PAGES)) {
    app.get(path, (asked) => show(site, make, asked));
    app.all(path, () => methodNotAllowed('GET, HEAD'));
  }
  addAssets(app, site.assets, headers);
}

/** Sends a page, made once for all who ask for the same in the same language; where there is none, one that says so. */
async function show(site: Site, make: Make, asked: Asked): Promise<Response> {
  const { sources, cache, live } = site;
  const view = viewOf(asked, site.assets, sources.contract().timezone);
  const { pathname, search } = new URL(asked.req.url);
  const whole = (page: PageBody): Html => documentOf(view, { ...page, ...placeOf(asked) }, live);
  const answer = await cache.answer(JSON.stringify([pathname, search, view.language]), async () => {
    const page = await make(view, sources, asked);
    return 'status' in page ? page : writtenPage(whole(page));
  });
  const headers = { ...site.headers, 'Content-Language': view.language };
  if (!isRefusal(answer)) return send(asked, answer, headers);
  const missing = whole(missingPage(view, sources, pathname, answer.detail));
  return sendRefusal(asked, answer.status, missing, headers);
}

/** Where a page stands, so that it can be asked for in another language. */
function placeOf(asked: Asked): Pick<Page, 'path' | 'query'> {
  const { lang: _, ...query } = asked.req.query();
  return { path: new URL(asked.req.url).pathname, query };
}

function addAssets(app: Routes, assets: AssetStore, headers: PageOptions['headers']): void {
  app.get('/ui/:version/:name', async (asked) => {
    const asset = assets.get(asked.req.param('name'));
    if (!asset) return problem(404, `there is nothing at ${asked.req.path}`);
    // Of another version is what an old page asks for: it gets what there is, and does not keep it.
    const isCurrent = asked.req.param('version') === assets.version;
    const kept = isCurrent ? 'public, max-age=31536000, immutable' : 'no-store';
    const answer = {
      headers: { 'Content-Type': asset.contentType, 'Cache-Control': kept },
      etag: `W/"${assets.version}"`,
      plain: asset.plain,
      compressed: () => Promise.resolve(asset.compressed()),
    };
    return send(asked, answer, headers);
  });
}
