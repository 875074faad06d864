/** What can happen to a support ticket (interfaces.md); a closed set. */
export const TICKET_EVENTS = [
  'opened',
  'completed',
  'responded',
  'waiting',
  'resumed',
  'resolved',
  'reopened',
  'severity',
] as const;
export type TicketEventKind = (typeof TICKET_EVENTS)[number];

/**
 * Something that happened to a ticket at an instant. `completed`: all obligatory information is there. `responded`:
 * support answered. `waiting`: support waits for the client; `resumed`: no longer.
 */
export type TicketEvent = { readonly ticket: string; readonly atMs: number } & (
  | {
      readonly event: 'opened';
      readonly severity: number;
      /** Whether all obligatory information was there from the beginning. */
      readonly complete: boolean;
      readonly title?: string;
    }
  | { readonly event: 'severity'; readonly severity: number }
  | { readonly event: Exclude<TicketEventKind, 'opened' | 'severity'> }
);

/** `running`: the limit is not reached; `frozen`: nor will it be while support waits for the client. */
export const SUPPORT_CLOCK_STATES = ['running', 'met', 'breached', 'frozen'] as const;
export type SupportClockState = (typeof SUPPORT_CLOCK_STATES)[number];

/** How one clock of a ticket stands (sla-math §8). */
export interface SupportClock {
  /** The contract row that it is judged by. */
  readonly row: string;
  readonly limitMs: number;
  /** The clock's own time: working time where the row counts in that, pauses left out. */
  readonly elapsedMs: number;
  /**
   * When the limit is, or was, reached; of a frozen clock, if the wait ended now. Null before the clock has begun, and
   * where it is more than a hundred years away.
   */
  readonly deadlineMs: number | null;
  readonly state: SupportClockState;
}

/** A ticket at an instant: what it has come to and how its clocks stand. */
export interface TicketVerdict {
  readonly ticket: string;
  readonly title: string | null;
  /** The severity in force. */
  readonly severity: number;
  readonly openedMs: number;
  /** Since when all obligatory information is there; null while it is not. */
  readonly completeMs: number | null;
  /** When support first answered. */
  readonly answeredMs: number | null;
  /** When it was resolved; null while it is open or open again. */
  readonly resolvedMs: number | null;
  /** Time to intervene; null where nothing is promised. */
  readonly gti: SupportClock | null;
  /** Time to recover; null where nothing is promised. */
  readonly gtr: SupportClock | null;
}
