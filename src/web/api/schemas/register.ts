import { z } from 'zod';
import { SUPPORT_CLOCK_STATES, TICKET_EVENTS } from '../../../core/ticket.ts';
import { sampleSchema } from './explanation.ts';
import { cause, components, exclusionKind, instant, ms, next } from './parts.ts';

/** A declared exclusion with all that happened to it. */
export const exclusionSchema = z
  .object({
    id: z.string(),
    state: z.enum(['proposed', 'in-force', 'withdrawn']),
    kind: exclusionKind,
    rows: z.array(z.string()).optional(),
    checks: z.array(z.string()).optional(),
    scopes: z.array(z.string()).optional(),
    reason: z.string(),
    author: z.string(),
    evidence: z.string().optional(),
    source: z.string(),
    from: instant.nullable(),
    to: instant.nullable(),
    spans: z.array(z.object({ from: instant, to: instant })),
    enteredAt: instant.nullable(),
    afterTheFact: z.enum(['before', 'begun', 'ended', 'unknown']),
    history: z.array(
      z.object({
        event: z.enum(['declared', 'proposed', 'confirmed', 'withdrawn']),
        at: instant,
        author: z.string(),
        reason: z.string().nullable(),
      }),
    ),
  })
  .register(components, { id: 'Exclusion' });

/** A page of exclusions, those of the configuration first. */
export const exclusionsSchema = z.object({ exclusions: z.array(exclusionSchema), next });

const clock = z
  .object({
    row: z.string(),
    limitMs: ms,
    elapsedMs: ms.describe('The clock’s own time.'),
    deadline: instant.nullable(),
    state: z.enum(SUPPORT_CLOCK_STATES),
  })
  .register(components, { id: 'SupportClock' });

/** A support ticket and its clocks. */
export const ticketSchema = z
  .object({
    ticket: z.string(),
    title: z.string().nullable(),
    severity: z.int(),
    opened: instant,
    complete: instant.nullable(),
    answered: instant.nullable(),
    resolved: instant.nullable(),
    gti: clock.nullable(),
    gtr: clock.nullable(),
  })
  .register(components, { id: 'Ticket' });

/** A page of tickets. */
export const ticketsSchema = z.object({ tickets: z.array(ticketSchema), next });

const claimedIncident = z.object({
  row: z.string(),
  clause: z.string().nullable(),
  scope: z.string(),
  linkedFrom: instant,
  incident: z
    .object({
      from: instant,
      to: instant,
      durationMs: ms,
      badMs: ms,
      countedMs: ms,
      causes: z.array(cause),
    })
    .nullable(),
  samples: z.object({
    count: z.int(),
    complete: z.boolean().describe('False where there are more than were looked at for request ids.'),
    shown: z.array(sampleSchema).describe('The first, the last and some between.'),
  }),
  requestIds: z.array(z.string()),
});

/** What to ask the provider for a ticket. */
export const claimSchema = ticketSchema
  .extend({ region: z.string(), incidents: z.array(claimedIncident) })
  .register(components, { id: 'Claim' });

/** An exclusion as it is declared; more in `vigie schema config`. */
export const declaredSchema = z
  .looseObject({
    id: z.string(),
    kind: exclusionKind,
    from: z.string().optional().describe('RFC 3339, with any offset.'),
    to: z.string().optional(),
    rows: z.array(z.string()).optional(),
    checks: z.array(z.string()).optional(),
    scopes: z.array(z.string()).optional(),
    reason: z.string(),
    author: z.string().optional().describe('Who says so; whoever asks when absent.'),
    evidence: z.string().optional().describe('An http or https link.'),
  })
  .register(components, { id: 'DeclaredExclusion' });

/** Why an exclusion is confirmed. */
export const confirmationSchema = z
  .object({ author: z.string().optional(), reason: z.string().optional() })
  .register(components, { id: 'Confirmation' });

/** Why an exclusion is withdrawn. */
export const withdrawalSchema = z
  .object({ author: z.string().optional(), reason: z.string() })
  .register(components, { id: 'Withdrawal' });

/** Something that happened to a ticket. */
export const ticketEventSchema = z
  .looseObject({
    ticket: z.string(),
    event: z.enum(TICKET_EVENTS),
    at: z.string(),
    severity: z.int().optional(),
    complete: z.boolean().optional(),
    title: z.string().optional(),
  })
  .register(components, { id: 'TicketEvent' });

/** How many events were new. */
export const writtenSchema = z.object({ written: z.int() });
