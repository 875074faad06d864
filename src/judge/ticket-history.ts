import type { Span } from '../core/span.ts';
import type { TicketEvent, TicketEventKind } from '../core/ticket.ts';

/** Why an event of a ticket cannot have happened; a closed set. */
export type TicketTroubleCode =
  'never-opened' | 'opened-twice' | 'before-opened' | 'two-severities' | 'not-waiting' | 'not-resolved';

/** An event that cannot have happened, given the others. */
export interface TicketTrouble {
  readonly trouble: TicketTroubleCode;
  /** The event itself, as it was given. */
  readonly event: TicketEvent;
  /** Of `opened-twice`: what was said the first time. */
  readonly first?: Opened;
}

type Opened = Extract<TicketEvent, { event: 'opened' }>;
type SeverityEvent = Extract<TicketEvent, { event: 'opened' | 'severity' }>;

/** What became of a ticket, whatever the order in which it was told. */
export interface TicketHistory {
  readonly opened: Opened;
  readonly completeMs: number | null;
  readonly answeredMs: number | null;
  /** When it was resolved for good; null while it is open or open again. */
  readonly resolvedMs: number | null;
  /** Since when support waits for the client; null when it does not. Means nothing once resolved. */
  readonly waitingSinceMs: number | null;
  /** Spans, over by now, in which support waited for the client or took the ticket for resolved; may touch. */
  readonly pauses: readonly Span[];
  /** Each severity from its event on, by time; never empty. */
  readonly severities: readonly SeverityEvent[];
}

/**
 * The history of one ticket from its events, in any order; events that say the same count once. A wait ends when it
 * is resumed, and with a resolution or a reopening: by then the question is answered. What is resolved stays so until
 * it is reopened. At one instant, `waiting` and `resumed` cancel out, and so do `resolved` and `reopened`. A ticket that
 * is resolved without an answer is answered by that.
 */
export function ticketHistory(given: readonly TicketEvent[]): TicketHistory | TicketTrouble {
  const events = [...given].sort(byTime);
  const opened = openingOf(events);
  if ('trouble' in opened) return opened;
  const early = events.find(({ atMs }) => atMs < opened.atMs);
  if (early) return { trouble: 'before-opened', event: early };
  const severities = severitiesOf(events);
  if ('trouble' in severities) return severities;
  const standing = standingOf(events);
  if ('trouble' in standing) return standing;
  const answer = events.find(({ event }) => event === 'responded' || event === 'resolved');
  const complete = opened.complete ? opened : events.find(({ event }) => event === 'completed');
  return {
    ...standing,
    opened,
    severities,
    completeMs: complete?.atMs ?? null,
    answeredMs: answer?.atMs ?? null,
  };
}

/** Of two severities at one instant, that of the opening comes first, and so does not last. */
function byTime(a: TicketEvent, b: TicketEvent): number {
  return a.atMs - b.atMs || Number(b.event === 'opened') - Number(a.event === 'opened');
}

function openingOf(events: readonly TicketEvent[]): Opened | TicketTrouble {
  const openings = events.filter((event) => event.event === 'opened');
  const [first] = openings;
  const [told] = events;
  if (!told) throw new Error('a ticket of no events');
  if (!first) return { trouble: 'never-opened', event: told };
  const other = openings.find(
    (one) =>
      one.atMs !== first.atMs ||
      one.severity !== first.severity ||
      one.complete !== first.complete ||
      one.title !== first.title,
  );
  return other ? { trouble: 'opened-twice', event: other, first } : first;
}

function severitiesOf(events: readonly TicketEvent[]): readonly SeverityEvent[] | TicketTrouble {
  const changes = events.filter((event) => event.event === 'opened' || event.event === 'severity');
  const contradiction = changes.find((change, index) => {
    const last = changes[index - 1];
    return last?.event === change.event && last.atMs === change.atMs && last.severity !== change.severity;
  });
  return contradiction ? { trouble: 'two-severities', event: contradiction } : changes;
}

type Standing = Pick<TicketHistory, 'resolvedMs' | 'waitingSinceMs' | 'pauses'>;

function standingOf(events: readonly TicketEvent[]): Standing | TicketTrouble {
  const pauses: Span[] = [];
  let resolvedMs: number | null = null;
  let waitingSinceMs: number | null = null;
  let mayResume = false;
  for (const [atMs, atOnce] of Map.groupBy(events, (event) => event.atMs)) {
    const told = (kind: TicketEventKind): TicketEvent | undefined =>
      atOnce.find(({ event }) => event === kind);
    const [waiting, resumed] = unlessBoth(told('waiting'), told('resumed'));
    const [resolved, reopened] = unlessBoth(told('resolved'), told('reopened'));
    if (resumed && !mayResume) return { trouble: 'not-waiting', event: resumed };
    if (reopened && resolvedMs === null) return { trouble: 'not-resolved', event: reopened };
    if (waitingSinceMs !== null && (resumed ?? resolved ?? reopened)) {
      pauses.push({ from: waitingSinceMs, to: atMs });
      waitingSinceMs = null;
    }
    if (resumed) mayResume = false;
    if (reopened && resolvedMs !== null) {
      pauses.push({ from: resolvedMs, to: atMs });
      resolvedMs = null;
    }
    if (resolved) resolvedMs ??= atMs;
    if (waiting) {
      mayResume = true;
      waitingSinceMs ??= atMs;
    }
  }
  return { pauses, resolvedMs, waitingSinceMs };
}

type Told = TicketEvent | undefined;

function unlessBoth(begins: Told, ends: Told): readonly [Told, Told] {
  return begins && ends ? [undefined, undefined] : [begins, ends];
}
