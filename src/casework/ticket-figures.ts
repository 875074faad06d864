import type { SupportClock, SupportClockState, TicketVerdict } from '../core/ticket.ts';

/** One kind of clock of one severity. */
export interface ClockKind {
  readonly clock: 'gti' | 'gtr';
  readonly severity: number;
}

/** What support clocks come to, by kind. */
export interface SupportFigures {
  /** The earliest deadline of the clocks that are going on, over or not; those that are frozen have none. */
  readonly deadlines: readonly (ClockKind & { readonly atMs: number })[];
  /** How many clocks there are of each state; those that have ended as well. */
  readonly clocks: readonly (ClockKind & { readonly state: SupportClockState; readonly count: number })[];
  /** The largest share of its limit that a clock has used which has not ended; past 1 it is breached. */
  readonly elapsed: readonly (ClockKind & { readonly ratio: number })[];
  /** How many clocks have not ended and have used so much of their limit that someone should act, the limit not yet. */
  readonly warnings: readonly (ClockKind & { readonly count: number })[];
}

/** From which share of its limit on a clock is a warning (design, "Alerts"). */
export const WARN_FROM: Readonly<Record<ClockKind['clock'], number>> = { gti: 0.8, gtr: 0.75 };

interface Tally extends ClockKind {
  deadlineMs: number;
  elapsed: number | undefined;
  warnings: number;
  readonly states: Map<SupportClockState, number>;
}

/** What all tickets come to. No ticket is named: ids never become labels. */
export function supportFigures(tickets: readonly TicketVerdict[]): SupportFigures {
  const tallies = new Map<string, Tally>();
  for (const { severity, gti, gtr, answeredMs, resolvedMs } of tickets) {
    if (gti) count(tallyOf(tallies, { clock: 'gti', severity }), gti, answeredMs !== null);
    if (gtr) count(tallyOf(tallies, { clock: 'gtr', severity }), gtr, resolvedMs !== null);
  }
  const all = [...tallies.values()];
  return {
    deadlines: all
      .filter(({ deadlineMs }) => deadlineMs < Infinity)
      .map(({ clock, severity, deadlineMs: atMs }) => ({ clock, severity, atMs })),
    clocks: all.flatMap(({ clock, severity, states }) =>
      [...states].map(([state, number]) => ({ clock, severity, state, count: number })),
    ),
    elapsed: all.flatMap(({ clock, severity, elapsed: ratio }) =>
      ratio === undefined ? [] : [{ clock, severity, ratio }],
    ),
    warnings: all.map(({ clock, severity, warnings: number }) => ({ clock, severity, count: number })),
  };
}

function tallyOf(tallies: Map<string, Tally>, { clock, severity }: ClockKind): Tally {
  const key = `${clock} ${severity}`;
  const known = tallies.get(key);
  if (known) return known;
  const tally: Tally = {
    clock,
    severity,
    deadlineMs: Infinity,
    elapsed: undefined,
    warnings: 0,
    states: new Map(),
  };
  tallies.set(key, tally);
  return tally;
}

function count(tally: Tally, { state, elapsedMs, limitMs, deadlineMs }: SupportClock, ended: boolean): void {
  tally.states.set(state, (tally.states.get(state) ?? 0) + 1);
  if (ended) return;
  const ratio = elapsedMs / limitMs;
  tally.elapsed = Math.max(tally.elapsed ?? 0, ratio);
  if (ratio >= WARN_FROM[tally.clock] && state !== 'breached') tally.warnings++;
  if (state !== 'frozen' && deadlineMs !== null) tally.deadlineMs = Math.min(tally.deadlineMs, deadlineMs);
}
