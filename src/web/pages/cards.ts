import { html } from 'hono/html';
import type { Html } from './view.ts';

/** What a table of cards shows: `kind` is the class that it is styled by, each of `groups` a body of rows. */
export interface Cards {
  readonly kind: string;
  readonly caption: string;
  readonly columns: readonly string[];
  readonly groups: readonly Html[];
}

/** A table whose groups of rows become a card each on a phone; roles are said, for there it is laid out as blocks. */
export function cardTable({ kind, caption, columns, groups }: Cards): Html {
  return html`<table class="${kind} cards" role="table">
    <caption>
      ${caption}
    </caption>
    <thead role="rowgroup">
      <tr role="row">
        ${columns.map((name) => html`<th scope="col" role="columnheader">${name}</th>`)}
      </tr>
    </thead>
    ${groups}
  </table>`;
}
