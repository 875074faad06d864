import { z } from 'zod';
import { explainedExclusionSchema, sampleSchema } from './explanation.ts';
import { cause, components, evidence, instant, ms, next } from './parts.ts';
import { periodSchema, verdictState } from './verdict.ts';

const listedIncident = z
  .object({
    row: z.string(),
    scope: z.string(),
    reading: z.string(),
    period: periodSchema.shape.name,
    from: instant,
    to: instant,
    durationMs: ms,
    open: z.boolean(),
    badMs: ms,
    countedMs: ms,
    causes: z.array(cause),
  })
  .register(components, { id: 'ListedIncident' });

/** A page of incidents, the latest first. */
export const incidentsSchema = z.object({ at: instant, incidents: z.array(listedIncident), next });

const incidentReading = z.object({
  reading: z.string(),
  period: periodSchema.shape.name,
  from: instant,
  to: instant,
  badMs: ms,
  tooShort: z.boolean(),
  deductedMs: ms,
  outsideMs: ms,
  countedMs: ms,
  mergeGapMs: ms,
  minimumMs: ms,
  deductMs: ms,
});

/** An incident with all that a claim is made of. */
export const incidentDetailsSchema = z
  .object({
    row: z.string(),
    scope: z.string(),
    clause: z.string(),
    title: z.string(),
    from: instant,
    to: instant,
    durationMs: ms,
    open: z.boolean(),
    causes: z.array(cause),
    checks: z.array(z.string()),
    readings: z.array(incidentReading).describe('What each reading of the contract makes of it.'),
    exclusions: z.array(explainedExclusionSchema),
    tickets: z.array(z.string()),
    requestIds: z.array(z.string()),
    samples: z.object({
      count: z.int(),
      complete: z.boolean().describe('False where there are more than were looked at.'),
      shown: z.array(sampleSchema),
      next,
    }),
  })
  .register(components, { id: 'IncidentDetails' });

const outcome = z.enum(['good', 'bad', 'excluded']);
const observed = { check: z.string(), vantage: z.string(), outcome, cause: cause.optional() };

/** A line of observations (interfaces.md): one slot, or all slots that start in a span. */
export const observationSchema = z
  .union([
    z.object({ ...observed, slot: instant, evidence: evidence.optional() }),
    z.object({ ...observed, from: instant, to: instant, evidence: evidence.optional() }),
  ])
  .register(components, { id: 'Observation' });

/** A page of observations. */
export const observationsSchema = z.object({ observations: z.array(observationSchema), next });

const eventBase = { id: z.string(), at: instant, row: z.string(), scope: z.string() };

/** Something that happened to a member of a row, under the first reading. */
export const eventSchema = z
  .discriminatedUnion('kind', [
    z.object({
      ...eventBase,
      kind: z.enum(['incident-opened', 'incident-goes-on']),
      from: instant,
      causes: z.array(z.string()),
    }),
    z.object({
      ...eventBase,
      kind: z.literal('incident-closed'),
      from: instant,
      badMs: ms,
      countedMs: ms,
      causes: z.array(z.string()),
    }),
    z.object({ ...eventBase, kind: z.literal('state-changed'), before: verdictState, after: verdictState }),
  ])
  .register(components, { id: 'Event' });

/** The latest events of this run of the daemon, the last one last. */
export const eventsSchema = z.object({ events: z.array(eventSchema) });
