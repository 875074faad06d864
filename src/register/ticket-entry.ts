import { createHash } from 'node:crypto';
import { z } from 'zod';
import { TICKET_EVENTS, type TicketEvent } from '../core/ticket.ts';
import { instantJson } from '../core/verdict-json.ts';
import type { LedgerEntry, NewLedgerEntry } from '../window/ledger.ts';

/** That a ticket is about an incident: the one of this row member that begins at this instant. */
export interface TicketLink {
  readonly ticket: string;
  readonly event: 'linked';
  readonly row: string;
  readonly scope: string;
  /** When the incident began, in milliseconds since the epoch. */
  readonly fromMs: number;
}

/** What a line of the tickets' ledger tells. */
export type TicketLine = TicketEvent | TicketLink;

/** A ticket event or link as it is kept, in the shape of interfaces.md. Equal ones have equal keys. */
export function ticketEntry(line: TicketLine, atMs: number): NewLedgerEntry {
  const json = JSON.stringify(lineJson(line));
  return { key: createHash('sha256').update(json).digest('hex'), atMs, json };
}

/** Its fields in one order, whatever theirs is. */
function lineJson(line: TicketLine) {
  const { ticket, event } = line;
  if (line.event === 'linked') {
    const { row, scope, fromMs } = line;
    return { ticket, event, row, scope, from: instantJson(fromMs) };
  }
  const at = instantJson(line.atMs);
  if (line.event === 'severity') return { ticket, event, at, severity: line.severity };
  if (line.event !== 'opened') return { ticket, event, at };
  const { severity, complete, title } = line;
  return { ticket, event, at, severity, complete, ...(title !== undefined && { title }) };
}

const instant = z.iso.datetime().transform((text) => Date.parse(text));
const ticket = z.string();
const lineSchema = z.discriminatedUnion('event', [
  z.object({
    event: z.literal('opened'),
    ticket,
    at: instant,
    severity: z.int(),
    complete: z.boolean(),
    title: z.string().optional(),
  }),
  z.object({ event: z.literal('severity'), ticket, at: instant, severity: z.int() }),
  z.object({ event: z.literal('linked'), ticket, row: z.string(), scope: z.string(), from: instant }),
  z.object({ event: z.enum(TICKET_EVENTS).exclude(['opened', 'severity']), ticket, at: instant }),
]);

/** What a line of the ledger tells; undefined when this version does not understand it. */
export function ticketLineOf({ json }: LedgerEntry): TicketLine | undefined {
  const line = lineSchema.safeParse(parsed(json)).data;
  if (!line) return undefined;
  if (line.event === 'linked') {
    const { from: fromMs, ...link } = line;
    return { ...link, fromMs };
  }
  if (line.event === 'opened') {
    const { at: atMs, title, ...opened } = line;
    return { ...opened, atMs, ...(title !== undefined && { title }) };
  }
  const { at: atMs, ...event } = line;
  return { ...event, atMs };
}

/** A line of the ledger, understood once. */
export interface ReadTicketLine {
  readonly sequence: number;
  /** Undefined when this version does not understand it. */
  readonly line: TicketLine | undefined;
}

/** Reads a line of the ledger, to be taken in as often as is wanted. */
export function readTicketLine(entry: LedgerEntry): ReadTicketLine {
  return { sequence: entry.sequence, line: ticketLineOf(entry) };
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}
