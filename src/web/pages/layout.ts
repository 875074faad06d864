import { html } from 'hono/html';
import { LANGUAGES } from './language.ts';
import { TEXTS } from './texts/texts.ts';
import { type Html, time, type View } from './view.ts';

/** Which entry of the navigation a page belongs to. */
export type Section = 'contract' | 'tickets' | 'health';

/** One page inside the frame. */
export interface Page {
  readonly title: string;
  readonly section: Section;
  /** When what it shows was so, RFC 3339. */
  readonly at: string;
  /** The path that it stands at, its query left out. */
  readonly path: string;
  /** The query that it was asked for with, the language left out. */
  readonly query: Readonly<Record<string, string>>;
  readonly content: Html;
  /** Whether a chart is on it. */
  readonly hasChart?: boolean;
}

/** How a page stays up to date. */
export interface Liveness {
  /** The address of server-sent events that tell of news; null where there are none. */
  readonly events: string | null;
  /** How often it is read anew in any case. */
  readonly everyMs: number;
}

const PATHS: Readonly<Record<Section, string>> = { contract: '/', tickets: '/tickets', health: '/health' };
const SECTIONS: readonly Section[] = ['contract', 'tickets', 'health'];

/** A whole document. What is inside `main` is all that changes while it is open. */
export function documentOf(view: View, page: Page, live: Liveness): Html {
  const { texts } = view;
  return html`<!doctype html>
    <html lang="${view.language}">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>${page.title} – vigie</title>
        <link rel="icon" href="${view.asset('icon.svg')}" type="image/svg+xml" />
        <link rel="stylesheet" href="${view.asset('vigie.css')}" />
        ${page.hasChart ? html`<link rel="stylesheet" href="${view.asset('uplot.css')}" />` : ''}
        <script src="${view.asset('theme.js')}"></script>
        ${page.hasChart ? html`<script src="${view.asset('uplot.js')}" defer></script>` : ''}
        <script type="module" src="${view.asset('live.js')}"></script>
        ${page.hasChart ? html`<script type="module" src="${view.asset('charts.js')}"></script>` : ''}
      </head>
      <body data-events="${live.events ?? ''}" data-every="${live.everyMs}">
        <a class="skip" href="#main">${texts.frame.skip}</a>
        ${topBar(view, page)}
        <p class="offline" id="offline" role="status" data-words="${texts.frame.offline}"></p>
        <main id="main" tabindex="-1">${page.content}</main>
        <footer>
          <p id="as-of">${texts.frame.asOf} ${time(view, page.at)}. ${texts.frame.zone(view.zone)}</p>
        </footer>
      </body>
    </html> `;
}

function topBar(view: View, { section, path, query }: Page): Html {
  const { frame } = view.texts;
  return html`<header class="top">
    ${brand(view)}
    <nav aria-label="${frame.navigation}">
      <ul>
        ${SECTIONS.map(
          (one) =>
            html`<li>
              <a href="${view.href(PATHS[one])}" ${one === section ? html` aria-current="true"` : ''}
                >${frame[one]}</a
              >
            </li>`,
        )}
      </ul>
    </nav>
    <div class="controls">
      <span class="connection" id="connection" data-live="${frame.live}" data-paused="${frame.paused}" hidden
        ><span class="dot" aria-hidden="true"></span><span class="word">${frame.loading}</span></span
      >
      <button
        type="button"
        id="theme"
        hidden
        data-auto="${frame.themes.auto}"
        data-light="${frame.themes.light}"
        data-dark="${frame.themes.dark}"
      >
        ${frame.themes.auto}
      </button>
      ${languageLinks(view, path, query)}
    </div>
  </header>`;
}

/** The name of the house, which leads to the contract. */
export function brand(view: View): Html {
  return html`<a class="brand" href="${view.href('/')}"
    ><svg class="icon" viewBox="0 0 16 16" aria-hidden="true">
      <path d="M1.5 8C3.5 4.8 5.7 3.5 8 3.5S12.5 4.8 14.5 8C12.5 11.2 10.3 12.5 8 12.5S3.5 11.2 1.5 8z" />
      <path d="M8 6a2 2 0 1 0 .01 0" /></svg
    ><span>vigie</span></a
  >`;
}

/** The same page in every language. */
export function languageLinks(view: View, path: string, query: Page['query']): Html {
  return html`<ul class="languages" aria-label="${view.texts.frame.language}">
    ${LANGUAGES.map((language) => {
      const { languageName } = TEXTS[language];
      const target = view.href(path, { ...query, lang: language });
      return html`<li>
        ${
          language === view.language
            ? html`<span lang="${language}" aria-current="true">${languageName}</span>`
            : html`<a href="${target}" lang="${language}" hreflang="${language}">${languageName}</a>`
        }
      </li>`;
    })}
  </ul>`;
}
