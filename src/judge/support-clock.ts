import type { PromisesAt, SeverityPromises, SupportPromise } from '../contract/support-promise.ts';
import { clip, normalized, type Span } from '../core/span.ts';
import type { SupportClock, TicketEvent, TicketVerdict } from '../core/ticket.ts';
import { type TicketHistory, ticketHistory, type TicketTrouble } from './ticket-history.ts';

/**
 * How a ticket stands at an instant (sla-math §8): its time to intervene, from the opening to the first answer, with
 * nothing taken out; and its time to recover, from when it was complete to its resolution, less the time in which
 * support waited for the client and that between a resolution and a reopening.
 *
 * A clock is judged as a whole by the severity in force when it ended, or now: a later change neither breaks nor mends
 * what has been kept or missed, an earlier one applies from the start of the clock, in its own kind of time.
 * What is promised of a severity is what the contract promised that held at the opening; a severity that it says nothing
 * of has no clocks. `events` are all of this ticket, at least one, and before `atMs`. An event that cannot have happened is
 * returned as trouble.
 */
export function judgeTicket(
  events: readonly TicketEvent[],
  promisesAt: PromisesAt,
  atMs: number,
): TicketVerdict | TicketTrouble {
  const history = ticketHistory(events);
  return 'trouble' in history ? history : judgeHistory(history, promisesAt, atMs);
}

/** The same of a history that was made before; of one that was resolved the verdict is the same from then on. */
export function judgeHistory(history: TicketHistory, promisesAt: PromisesAt, atMs: number): TicketVerdict {
  const { opened, completeMs, answeredMs, resolvedMs } = history;
  const promises = promisesAt(opened.atMs);
  const promisedAt = (endMs: number | null): SeverityPromises | undefined =>
    promises.get(severityAt(history, endMs ?? atMs));
  const gti = promisedAt(answeredMs)?.gti ?? null;
  const gtr = promisedAt(resolvedMs)?.gtr ?? null;
  return {
    ticket: opened.ticket,
    title: opened.title ?? null,
    severity: severityAt(history, atMs),
    openedMs: opened.atMs,
    completeMs,
    answeredMs,
    resolvedMs,
    gti: gti && clockOf(gti, interventionRun(history, atMs)),
    gtr: gtr && clockOf(gtr, recoveryRun(history, atMs)),
  };
}

function severityAt({ opened, severities }: TicketHistory, atMs: number): number {
  return (severities.findLast((change) => change.atMs <= atMs) ?? opened).severity;
}

/** What a clock ran through. */
interface Run {
  /** Null when it has not begun. */
  readonly startMs: number | null;
  /** Where it ended, or now. */
  readonly endMs: number;
  readonly ended: boolean;
  readonly frozen: boolean;
  /** Sorted, disjoint, within the run. */
  readonly pauses: readonly Span[];
}

function interventionRun({ opened, answeredMs }: TicketHistory, atMs: number): Run {
  const endMs = answeredMs ?? atMs;
  return { startMs: opened.atMs, endMs, ended: answeredMs !== null, frozen: false, pauses: [] };
}

function recoveryRun(history: TicketHistory, atMs: number): Run {
  const { completeMs, resolvedMs, waitingSinceMs } = history;
  const endMs = resolvedMs ?? atMs;
  const openWait = waitingSinceMs === null ? [] : [{ from: waitingSinceMs, to: endMs }];
  return {
    startMs: completeMs !== null && completeMs <= endMs ? completeMs : null,
    endMs,
    ended: resolvedMs !== null,
    frozen: waitingSinceMs !== null,
    pauses: completeMs === null ? [] : clip(normalized([...history.pauses, ...openWait]), completeMs, endMs),
  };
}

function clockOf({ row, limitMs, measure }: SupportPromise, run: Run): SupportClock {
  const { startMs, endMs, ended, frozen, pauses } = run;
  if (startMs === null)
    return { row, limitMs, elapsedMs: 0, deadlineMs: null, state: ended ? 'met' : 'running' };
  const pausedMs = pauses.reduce((sum, { from, to }) => sum + measure.work(from, to), 0);
  const elapsedMs = measure.work(startMs, endMs) - pausedMs;
  return {
    row,
    limitMs,
    elapsedMs,
    deadlineMs: deadlineOf({ limitMs, measure }, startMs, pauses),
    state: stateOf(elapsedMs > limitMs, ended, frozen),
  };
}

function stateOf(over: boolean, ended: boolean, frozen: boolean): SupportClock['state'] {
  if (over) return 'breached';
  if (ended) return 'met';
  return frozen ? 'frozen' : 'running';
}

/** A pause that began with the limit already passed does not move the deadline that was missed. */
function deadlineOf(
  { limitMs, measure }: Pick<SupportPromise, 'limitMs' | 'measure'>,
  startMs: number,
  pauses: readonly Span[],
): number | null {
  let pausedMs = 0;
  for (const { from, to } of pauses) {
    if (measure.work(startMs, from) - pausedMs > limitMs) break;
    pausedMs += measure.work(from, to);
  }
  return measure.addWork(startMs, limitMs + pausedMs);
}
