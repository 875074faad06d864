import { z } from 'zod';
import { VERDICT_STATES } from '../../../core/verdict.ts';
import { cause, components, decimal, instant, ms } from './parts.ts';

/** The states of a row member (sla-math §6). */
export const verdictState = z.enum(VERDICT_STATES);

/** A month or a year of the contract, or a part of one. */
export const periodSchema = z
  .object({
    name: z.string().describe('`2026-03`, `2026`, or of a part `2026@2026-07-01`.'),
    from: instant,
    to: instant,
    part: z
      .object({ of: z.string(), index: z.int().min(1), count: z.int().min(1) })
      .optional()
      .describe('There for a part of a period, in which the rules of the row changed.'),
  })
  .register(components, { id: 'Period' });

/** An incident as verdicts have it. */
export const incidentSchema = z
  .object({
    from: instant,
    to: instant,
    badMs: ms,
    countedMs: ms.describe('What counts of it in the period.'),
    causes: z.array(cause),
  })
  .register(components, { id: 'Incident' });

/** Downtime under the three bounds, and before the rules of incidents. */
export const downtimeSchema = z
  .object({ best: ms, estimate: ms, worst: ms, raw: ms })
  .register(components, { id: 'Downtime' });

const rolling = z.object({
  downtimeMs: ms,
  unknownMs: ms,
  burnRate: z.number().nullable(),
  coverage: z.number().min(0).max(1),
});

const sample = z.object({
  tests: z.int(),
  met: z.int(),
  share: z.number().nullable(),
  lower: z.number().nullable(),
  upper: z.number().nullable(),
  coverage: z.number(),
});

const durability = z.object({
  objectYears: z.number(),
  yearlyLossBound: z.number(),
  objectYearsNeeded: z.number(),
  statement: z.string(),
});

/** A verdict in the shape of interfaces.md. */
export const verdictSchema = z
  .object({
    row: z.string(),
    scope: z.string(),
    reading: z.string(),
    state: verdictState,
    target: z.string().nullable().describe('Percent, as the contract writes it.'),
    eligible: z.boolean().nullable(),
    at: instant,
    period: periodSchema,
    budgetMs: ms.nullable(),
    downtimeMs: downtimeSchema,
    excludedMs: ms,
    unknownMs: ms,
    contestedMs: ms,
    remainingMs: ms.nullable(),
    timeToBreachMs: ms.nullable(),
    availability: z.object({
      toDate: decimal.nullable(),
      bestAchievable: decimal.nullable(),
      final: decimal.nullable(),
      worst: decimal.nullable(),
    }),
    pace: z.number().nullable(),
    incidents: z.array(incidentSchema),
    openIncident: incidentSchema.nullable(),
    rolling: z.record(z.string(), rolling).describe('By length: 5m, 30m, 1h, 2h, 6h, 1d, 3d, 30d.'),
    sample: sample.optional(),
    durability: durability.optional(),
  })
  .register(components, { id: 'Verdict' });

/** All verdicts at an instant. */
export const verdictsSchema = z.object({
  at: instant,
  readings: z.array(z.string()).describe('In the order of the contract; the first drives the alerts.'),
  verdicts: z.array(verdictSchema).describe('By row, scope, reading.'),
  warnings: z.array(z.string()).optional(),
});
