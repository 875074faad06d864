import { html } from 'hono/html';
import { asGiven, type Html, type View } from './view.ts';

/** What somebody should know before the figures; nothing where there is nothing. */
export function notices(
  view: View,
  { notReady, warnings }: { readonly notReady: readonly string[]; readonly warnings: readonly string[] },
): Html {
  if (notReady.length + warnings.length === 0) return html``;
  return html`<section class="notices" aria-label="${view.texts.health.warnings}">
    <ul>
      ${notReady.map(
        (reason) => html`<li class="bad">${view.texts.frame.notReady}: ${asGiven(view, reason)}</li>`,
      )}
      ${warnings.map((warning) => html`<li class="unsure">${asGiven(view, warning)}</li>`)}
    </ul>
  </section>`;
}
