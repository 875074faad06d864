/** A value of a table. Numbers stay numbers; null is an empty cell. */
export type Cell = string | number | null;

/** A table as CSV (RFC 4180) in UTF-8. Texts that a spreadsheet would take for a formula are defused by an apostrophe. */
export function csvText(heading: readonly string[], rows: readonly (readonly Cell[])[]): string {
  return [heading, ...rows].map((row) => `${row.map(cellText).join(',')}\r\n`).join('');
}

function cellText(cell: Cell): string {
  if (cell === null) return '';
  if (typeof cell === 'number') return String(cell);
  const safe = /^[=+\-@\t\r\n]/.test(cell) ? `'${cell}` : cell;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
