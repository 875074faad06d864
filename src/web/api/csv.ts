/** A value of a cell. Lists are joined by blanks; null is an empty cell. */
export type Cell = string | number | boolean | null | readonly string[];

/** A row of a table, by the names of its columns. */
export type TableRow = Readonly<Record<string, Cell>>;

/** What a spreadsheet would take for a formula, at the beginning of a cell. */
const FORMULA = /^[=+\-@\t\r\n]/;
const QUOTED = /[",\r\n]/;

/**
 * A table as CSV (RFC 4180): a line of names, CRLF after each line, quotes where they are needed. Text that a spreadsheet
 * would run as a formula gets an apostrophe before it; numbers are left as they are.
 */
export function csvOf(columns: readonly string[], rows: readonly TableRow[]): string {
  const lines = [columns, ...rows.map((row) => columns.map((column) => row[column] ?? null))];
  return lines.map((cells) => `${cells.map(cellText).join(',')}\r\n`).join('');
}

function cellText(cell: Cell): string {
  if (cell === null) return '';
  if (typeof cell === 'number' || typeof cell === 'boolean') return String(cell);
  const text = typeof cell === 'string' ? cell : cell.join(' ');
  const harmless = FORMULA.test(text) ? `'${text}` : text;
  return QUOTED.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}
