import type { SupportClock, TicketVerdict } from './ticket.ts';
import { instantJson } from './verdict-json.ts';

/** A ticket in the shape of interfaces.md. */
export function ticketJson(ticket: TicketVerdict) {
  const { openedMs, completeMs, answeredMs, resolvedMs, gti, gtr, ...rest } = ticket;
  return {
    ...rest,
    opened: instantJson(openedMs),
    complete: instantOrNull(completeMs),
    answered: instantOrNull(answeredMs),
    resolved: instantOrNull(resolvedMs),
    gti: gti && clockJson(gti),
    gtr: gtr && clockJson(gtr),
  };
}

/** A ticket as JSON has it. */
export type TicketJson = ReturnType<typeof ticketJson>;

function clockJson({ deadlineMs, ...clock }: SupportClock) {
  return { ...clock, deadline: instantOrNull(deadlineMs) };
}

function instantOrNull(ms: number | null): string | null {
  return ms === null ? null : instantJson(ms);
}
