import { widthOf } from './style.ts';

/** One picture of the live view. */
export interface LiveFrame {
  readonly lines: readonly string[];
  /** Equal for pictures between which nothing happened; see liveGist. */
  readonly gist: string;
}

/** Where the live view goes. */
export interface ScreenOptions {
  readonly write: (text: string) => void;
  /** The size of the terminal at this moment; undefined when the output is none. */
  readonly size: () => { readonly columns: number; readonly rows: number } | undefined;
  /** Where the output is no terminal, the least time between two pictures. */
  readonly quietMs: number;
}

/**
 * Shows one picture after the other. On a terminal each replaces the one before, in place; elsewhere a picture is
 * written only when something happened since the last one, and not too often.
 */
export class LiveScreen {
  readonly #options: ScreenOptions;
  #painted: readonly string[] = [];
  #written: { readonly gist: string; readonly atMs: number } | undefined;

  constructor(options: ScreenOptions) {
    this.#options = options;
  }

  /** Shows a picture; `nowMs` is monotonic. */
  show(frame: LiveFrame, nowMs: number): void {
    const size = this.#options.size();
    if (size) this.#paint(frame.lines.slice(0, Math.max(1, size.rows - 1)), size.columns);
    else this.#append(frame, nowMs);
  }

  /** Leaves the last picture where it is; what is shown next begins below it. */
  release(): void {
    this.#painted = [];
  }

  #paint(lines: readonly string[], columns: number): void {
    const up = this.#painted.reduce((rows, line) => rows + rowsOf(line, columns), 0);
    const home = up === 0 ? '' : `\u001b[${up}A`;
    const text = lines.map((line) => `\u001b[2K${line}\n`).join('');
    this.#options.write(`${home}\r${text}\u001b[J`);
    this.#painted = lines;
  }

  #append({ lines, gist }: LiveFrame, nowMs: number): void {
    const last = this.#written;
    if (last && (last.gist === gist || nowMs - last.atMs < this.#options.quietMs)) return;
    this.#options.write(`${lines.join('\n')}\n\n`);
    this.#written = { gist, atMs: nowMs };
  }
}

/** A terminal that became narrower has broken the lines that it showed. */
function rowsOf(line: string, columns: number): number {
  return Math.max(1, Math.ceil(widthOf(line) / Math.max(1, columns)));
}
