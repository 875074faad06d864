import { html } from 'hono/html';
import { asGiven, type Html, type View } from './view.ts';

/** The page that says that there is nothing, and why where that is known. */
export function missingContent(view: View, path: string, detail?: string): Html {
  const { missing } = view.texts;
  return html`<div class="heading"><h1>${missing.title}</h1></div>
    <p>${missing.text(path)}</p>
    ${detail === undefined ? '' : html`<p>${asGiven(view, detail)}</p>`}
    <p><a href="${view.href('/')}">${missing.back}</a></p>`;
}
