import { createHash } from 'node:crypto';
import { html, raw } from 'hono/html';
import type { CheckStatus, VerdictsJson } from './sources.ts';
import { checkTable, verdictTable, type Html } from './status-tables.ts';

/** What the status page tells. */
export interface StatusPage extends VerdictsJson {
  readonly checks: readonly CheckStatus[];
  readonly notReady: readonly string[];
  /** Whether the page reloads itself; a reader may want it to stand still. */
  readonly refreshes: boolean;
}

const REFRESH_SECONDS = 10;

const STYLE = `
:root { color-scheme: light dark; --line: #8886; --bad: #b3261e; --good: #1b6e3a; --unsure: #8a5a00; }
@media (prefers-color-scheme: dark) { :root { --bad: #ff8a80; --good: #7fd99a; --unsure: #ffce70; } }
body { font: 1rem/1.5 system-ui, sans-serif; margin: 1.5rem; }
table { border-collapse: collapse; margin-block: 1rem 2rem; }
caption { text-align: start; font-weight: 600; }
th, td { text-align: start; padding: .25rem .75rem; border-bottom: 1px solid var(--line); }
.number { text-align: end; font-variant-numeric: tabular-nums; }
.scroll { overflow-x: auto; }
.bad { color: var(--bad); font-weight: 600; } .good { color: var(--good); } .unsure { color: var(--unsure); }
`;

/** The source of the page's style sheet, for a Content-Security-Policy: nothing else on it is allowed. */
export const STATUS_PAGE_STYLE_SOURCE = `'sha256-${createHash('sha256').update(STYLE).digest('base64')}'`;

const STYLE_ELEMENT = raw(`<style>${STYLE}</style>`);

/** The status page: one HTML document with nothing to fetch and nothing to run. */
export function statusPage(page: StatusPage): Html {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        ${page.refreshes ? html`<meta http-equiv="refresh" content="${REFRESH_SECONDS}" />` : ''}
        <title>${title(page)}</title>
        ${STYLE_ELEMENT}
      </head>
      <body>
        <main>
          <h1>${title(page)}</h1>
          <p>As of <time datetime="${page.at}">${page.at}</time>. ${refreshNote(page.refreshes)}</p>
          ${page.notReady.length > 0 ? notReady(page.notReady) : ''} ${verdictTable(page.verdicts)}
          ${checkTable(page.checks)}
          <p>
            Elsewhere: <a href="/api/verdicts">verdicts as JSON</a>, <a href="/api/checks">checks as JSON</a>,
            <a href="/metrics">metrics</a>.
          </p>
        </main>
      </body>
    </html> `;
}

/** Counted under the first reading: the others speak of the same incidents. */
function title({ verdicts: all, readings, notReady }: StatusPage): string {
  const verdicts = all.filter(({ reading }) => reading === readings[0]);
  const breached = verdicts.filter(({ state }) => state === 'breached').length;
  const open = verdicts.filter(({ openIncident }) => openIncident !== null).length;
  if (notReady.length > 0) return 'vigie: not ready';
  if (breached + open === 0) return 'vigie: no breach, no open incident';
  return `vigie: ${breached} breached, ${open} with an open incident`;
}

function refreshNote(refreshes: boolean): Html {
  return refreshes
    ? html`Reloads every ${REFRESH_SECONDS} seconds; <a href="/?refresh=off">stop</a>.`
    : html`Does not reload by itself; <a href="/">start</a>.`;
}

function notReady(reasons: readonly string[]): Html {
  return html`<section aria-label="Not ready">
    <p class="bad">Not ready:</p>
    <ul>
      ${reasons.map((reason) => html`<li>${reason}</li>`)}
    </ul>
  </section>`;
}
