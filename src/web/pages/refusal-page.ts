import { html } from 'hono/html';
import { brand, languageLinks } from './layout.ts';
import { missingContent } from './missing-page.ts';
import type { Html, View } from './view.ts';

/** The refusals that people meet in a browser. */
export const REFUSALS_MET = [401, 403, 404, 429, 500] as const;
/** A status among them. */
export type RefusalMet = (typeof REFUSALS_MET)[number];

/** What is refused. */
export interface Refused {
  readonly status: RefusalMet;
  /** The path that was asked for, and its query without the language. */
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  /** When to come again, in seconds; undefined when that is not said. */
  readonly retryAfter?: string;
}

/** A whole document that says no. It tells nothing of what is watched, and is not read anew by itself. */
export function refusalDocument(view: View, refused: Refused): Html {
  const { path, query } = refused;
  return html`<!doctype html>
    <html lang="${view.language}">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>${titleOf(view, refused.status)} – vigie</title>
        <link rel="icon" href="${view.asset('icon.svg')}" type="image/svg+xml" />
        <link rel="stylesheet" href="${view.asset('vigie.css')}" />
        <script src="${view.asset('theme.js')}"></script>
      </head>
      <body>
        <header class="top">
          ${brand(view)}
          <div class="controls">${languageLinks(view, path, query)}</div>
        </header>
        <main id="main">${contentOf(view, refused)}</main>
      </body>
    </html> `;
}

function titleOf(view: View, status: RefusalMet): string {
  return status === 404 ? view.texts.missing.title : view.texts.refusal[status].title;
}

function contentOf(view: View, { status, path, retryAfter }: Refused): Html {
  if (status === 404) return missingContent(view, path);
  const { title, text, again } = { again: undefined, ...view.texts.refusal[status] };
  return html`<div class="heading"><h1>${title}</h1></div>
    <p>${text}</p>
    ${again && retryAfter !== undefined ? html`<p>${again(retryAfter)}</p>` : ''}`;
}
