import { oneLine, pad, type Piece, renderLine, type ScreenStyle, widthOf } from './style.ts';

/** One column of a table over things of type T. */
export interface Column<T> {
  readonly title: string;
  readonly align: 'left' | 'right';
  /** Columns with a higher number are left out first when there is no room; those without one never are. */
  readonly spare?: number;
  readonly cell: (thing: T) => Piece;
}

/** A table that fits, laid out. */
export interface Layout<T> {
  readonly heading: string;
  /** One line per thing, in their order. */
  readonly lineOf: (thing: T) => string;
}

const GAP = 2;

/** Lays out a table: as many of the columns as fit, each as wide as its widest cell. */
export function layOut<T>(
  columns: readonly Column<T>[],
  things: readonly T[],
  style: ScreenStyle,
): Layout<T> {
  const widths = new Map(columns.map((column) => [column, columnWidth(column, things)]));
  const fitting = fit(columns, widths, style.width);
  const line = (cellOf: (column: Column<T>) => Piece): string =>
    renderLine(
      fitting.map((column, index) => {
        const { text, tone } = cellOf(column);
        const padded = pad(oneLine(text), widths.get(column) ?? 0, column.align);
        const spaced = index === 0 ? padded : ' '.repeat(GAP) + padded;
        return { text: spaced, ...(tone ? { tone } : {}) };
      }),
      style,
    );
  return {
    heading: line(({ title }) => ({ text: title, tone: 'quiet' })),
    lineOf: (thing) => line((column) => column.cell(thing)),
  };
}

function columnWidth<T>({ title, cell }: Column<T>, things: readonly T[]): number {
  return Math.max(widthOf(title), ...things.map((thing) => widthOf(oneLine(cell(thing).text))));
}

function fit<T>(
  columns: readonly Column<T>[],
  widths: ReadonlyMap<Column<T>, number>,
  width: number,
): readonly Column<T>[] {
  const taken = columns.reduce((sum, column) => sum + (widths.get(column) ?? 0) + GAP, -GAP);
  const spare = Math.max(...columns.map((column) => column.spare ?? 0));
  if (taken <= width || spare === 0) return columns;
  const fewer = columns.filter((column) => column.spare !== spare);
  return fit(fewer, widths, width);
}
