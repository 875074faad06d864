/** What a command may touch of the world around it, so that tests can stand in for it. */
export interface Io {
  /** The result of the command, and nothing else, goes here. */
  readonly out: (text: string) => void;
  /** Everything that is not the result. */
  readonly err: (text: string) => void;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Whether standard output is a terminal. */
  readonly isTerminal: boolean;
  /** The size of the terminal now, or of a plausible one. */
  readonly size: () => { readonly columns: number; readonly rows: number };
  /** Calls the listener with every key that is pressed, if there is a keyboard; returns how to stop that. */
  readonly onKey: (listener: (key: string) => void) => () => void;
  /** Whether there is a keyboard. */
  readonly hasKeys: boolean;
  /**
   * Calls the listener at every SIGHUP; returns how to stop that. Where the terminal is gone that it was started from, it is
   * asked to stop instead.
   */
  readonly onHangup: (listener: () => void) => () => void;
  /** Calls the listener when the program ends without more ado, such as when it is asked to stop twice; returns how to stop that. */
  readonly onExit: (listener: () => void) => () => void;
  /** What to type to reach this program again, such as `vigie` or `npm run --silent vigie --`. */
  readonly called: string;
  /** Ends when the user or the system asks the program to stop. */
  readonly stopped: AbortSignal;
}

/** Exit codes (design): fine; a finding such as a breach; wrong usage; bad configuration. */
export const EXIT = { fine: 0, finding: 1, usage: 2, configuration: 78 } as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** How results are printed. */
export type OutputFormat = 'text' | 'json';

/** What was asked for cannot be done as asked; the message says what was expected. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** A value as one JSON document with a line end. */
export function jsonText(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

/** Whether text may carry colour: a terminal, and nobody said NO_COLOR. */
export function mayColour(io: Io): boolean {
  return io.isTerminal && !io.env['NO_COLOR'];
}

/** How tables are printed. */
export function styleOf(io: Io) {
  return { width: io.size().columns, colour: mayColour(io), unicode: true };
}
