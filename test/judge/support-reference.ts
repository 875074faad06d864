import type { SupportClock, TicketEvent } from '../../src/core/ticket.ts';
import { MINUTE_MS } from '../contract/working-minutes.ts';

type Figures = Pick<SupportClock, 'elapsedMs' | 'deadlineMs' | 'state'>;

/**
 * GTR the slow and obvious way: goes through the minutes one by one, with nothing but what was last told of the ticket,
 * and counts. Everything must happen on whole minutes, at different ones, and nothing twice in a row. `isWorked` says
 * which minutes count at all.
 */
export function slowRecovery(
  events: readonly TicketEvent[],
  limitMs: number,
  isWorked: (minuteMs: number) => boolean,
  atMs: number,
): Figures {
  const last = standingIn(events, atMs - MINUTE_MS);
  const endMs = last.resolved ? Math.max(...events.map(endingOf)) : atMs;
  const startMs = Math.min(...events.map(completionOf));
  if (startMs > endMs) return { elapsedMs: 0, deadlineMs: null, state: last.resolved ? 'met' : 'running' };
  let usedMs = 0;
  let elapsedMs = 0;
  let workedUntilMs = startMs;
  for (let minuteMs = startMs; ; minuteMs += MINUTE_MS) {
    if (!isWorked(minuteMs)) continue;
    const { waiting, resolved } = standingIn(events, minuteMs);
    if (minuteMs >= endMs || !(waiting || resolved)) {
      if (usedMs === limitMs) break;
      usedMs += MINUTE_MS;
    }
    workedUntilMs = minuteMs + MINUTE_MS;
  }
  for (let minuteMs = startMs; minuteMs < endMs; minuteMs += MINUTE_MS) {
    const { waiting, resolved } = standingIn(events, minuteMs);
    if (isWorked(minuteMs) && !waiting && !resolved) elapsedMs += MINUTE_MS;
  }
  return { elapsedMs, deadlineMs: workedUntilMs, state: stateOf(elapsedMs > limitMs, last) };
}

const endingOf = ({ event, atMs }: TicketEvent): number => (event === 'resolved' ? atMs : -Infinity);

/**
 * GTI the same way: the minutes from the opening to the first answer, or to the resolution of a ticket that nobody
 * answered before.
 */
export function slowIntervention(
  events: readonly TicketEvent[],
  limitMs: number,
  isWorked: (minuteMs: number) => boolean,
  atMs: number,
): Figures {
  const opened = Math.min(...events.map((one) => (one.event === 'opened' ? one.atMs : Infinity)));
  const answers = events.filter(({ event }) => event === 'responded' || event === 'resolved');
  const endMs = Math.min(atMs, ...answers.map((one) => one.atMs));
  let elapsedMs = 0;
  for (let minuteMs = opened; minuteMs < endMs; minuteMs += MINUTE_MS)
    if (isWorked(minuteMs)) elapsedMs += MINUTE_MS;
  let deadlineMs = opened;
  for (let usedMs = 0, minuteMs = opened; usedMs < limitMs; minuteMs += MINUTE_MS) {
    if (!isWorked(minuteMs)) continue;
    usedMs += MINUTE_MS;
    deadlineMs = minuteMs + MINUTE_MS;
  }
  const state = elapsedMs > limitMs ? 'breached' : answers.length > 0 ? 'met' : 'running';
  return { elapsedMs, deadlineMs, state };
}

const completionOf = (event: TicketEvent): number =>
  event.event === 'completed' || (event.event === 'opened' && event.complete) ? event.atMs : Infinity;

interface Standing {
  readonly waiting: boolean;
  readonly resolved: boolean;
}

function stateOf(over: boolean, { waiting, resolved }: Standing): SupportClock['state'] {
  if (over) return 'breached';
  if (resolved) return 'met';
  return waiting ? 'frozen' : 'running';
}

function standingIn(events: readonly TicketEvent[], minuteMs: number): Standing {
  const soFar = events.filter(({ atMs }) => atMs <= minuteMs).map(({ event }) => event);
  const last = (...kinds: readonly string[]): string | undefined =>
    soFar.findLast((event) => kinds.includes(event));
  return {
    waiting: last('waiting', 'resumed', 'resolved', 'reopened') === 'waiting',
    resolved: last('resolved', 'reopened') === 'resolved',
  };
}
