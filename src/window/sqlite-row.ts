import type { SQLOutputValue } from 'node:sqlite';
import { DamagedBytes } from './bytes.ts';

/** A row as SQLite gives it. */
export type Row = Readonly<Record<string, SQLOutputValue>> | undefined;

/** A whole number in a row. Like its siblings, throws {@link DamagedBytes} when the column holds anything else. */
export function integer(row: Row, column: string): number {
  const value = row?.[column];
  if (typeof value !== 'number') throw new DamagedBytes(`${column} is no number`);
  return value;
}

/** A whole number or null. */
export function integerOrNull(row: Row, column: string): number | null {
  return row?.[column] === null ? null : integer(row, column);
}

/** A text in a row. */
export function text(row: Row, column: string): string {
  const value = row?.[column];
  if (typeof value !== 'string') throw new DamagedBytes(`${column} is no text`);
  return value;
}

/** Bytes in a row. */
export function bytes(row: Row, column: string): Uint8Array {
  const value = row?.[column];
  if (!(value instanceof Uint8Array)) throw new DamagedBytes(`${column} is no blob`);
  return value;
}
