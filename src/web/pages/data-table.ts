import { setImmediate } from 'node:timers/promises';
import { html } from 'hono/html';
import type { Html } from './view.ts';

/** So many rows are made in one turn of the event loop: less than a millisecond. */
const ROWS_A_TURN = 25;

/** The name of a column; numbers stand to the right, and so does theirs. */
export type Column = string | { readonly number: string };

/**
 * A table that scrolls by itself where there is no room for it, by the keyboard as well. `labelledBy` is the id of the
 * heading that names it.
 */
export function dataTable(labelledBy: string, columns: readonly Column[], rows: readonly Html[]): Html {
  return html`<div class="scroll" tabindex="0" role="region" aria-labelledby="${labelledBy}">
    <table>
      <thead>
        <tr>
          ${columns.map(headOf)}
        </tr>
      </thead>
      <tbody>
        ${rows}
      </tbody>
    </table>
  </div>`;
}

/** The rows of a table that may be long, probes having their turns between. */
export async function rowsInTurns<T>(
  items: readonly T[],
  rowOf: (item: T) => Html,
): Promise<readonly Html[]> {
  const rows: Html[] = [];
  for (const item of items) {
    rows.push(rowOf(item));
    if (rows.length % ROWS_A_TURN === 0) await setImmediate();
  }
  return rows;
}

function headOf(column: Column): Html {
  return typeof column === 'string'
    ? html`<th scope="col">${column}</th>`
    : html`<th scope="col" class="number">${column.number}</th>`;
}
