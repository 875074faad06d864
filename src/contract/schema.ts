import { z } from 'zod';
import { CAUSES } from '../core/cause.ts';
import { holidaysSchema } from './holidays.ts';
import { penaltiesSchema } from './penalty-schema.ts';
import { dateSchema, timeOfDaySchema, zoneSchema } from './quantity.ts';
import { rowOverrideSchema, rowSchema } from './row-schema.ts';

const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;

const effectSchema = z.enum(['counts', 'excluded']);

/** How one party reads what the text leaves open (sla-math §7). */
export const readingSchema = z.strictObject({
  title: z.string().min(1).optional(),
  maintenance: effectSchema.optional(),
  attack: effectSchema.optional(),
  'client-action': effectSchema.optional(),
  'force-majeure': effectSchema.optional(),
  'provider-agreed': effectSchema.optional(),
  causes: z
    .partialRecord(z.enum(CAUSES), effectSchema)
    .optional()
    .describe('Causes of bad slots that this reading does not hold against the provider.'),
  rows: z.record(z.string(), rowOverrideSchema).optional().describe('Rows that are read otherwise.'),
});

const yearSchema = z.union([z.literal('calendar'), z.strictObject({ anniversary: dateSchema })], {
  error: 'expected calendar, or { anniversary: "2024-09-15" }',
});

const periodSchema = z.strictObject({
  month: z.literal('calendar').prefault('calendar'),
  year: yearSchema
    .prefault('calendar')
    .describe('The calendar year, or years from the day of the anniversary.'),
});

const effectiveSchema = z
  .strictObject({
    from: dateSchema.describe('The first day on which this contract holds, in its time zone.'),
    replaces: z.string().min(1).describe('The contract that held before: a path relative to this file.'),
  })
  .describe(
    'Of a contract that replaces another: a period in which rules of a row change is split there. A ticket goes by the ' +
      'contract that held when it was opened; penalties, claim terms and the first reading are those of the contract ' +
      'that held at the end of the period, or of its part.',
  );

const supportSchema = z.strictObject({
  calendar: z
    .strictObject({
      zone: zoneSchema,
      days: z.array(z.enum(DAYS)).min(1),
      from: timeOfDaySchema,
      to: timeOfDaySchema,
      holidays: holidaysSchema.prefault('none'),
    })
    .describe('The working hours of the clauses that count in them.'),
});

/** A contract file (interfaces.md): what was promised, and how the text is read. */
export const contractSchema = z.strictObject({
  $schema: z.string().optional(),
  id: z
    .string({ error: 'expected a lower-case id like "outscale-secnumcloud"' })
    .regex(/^[a-z0-9][a-z0-9-]*$/, { error: 'expected a lower-case id like "outscale-secnumcloud"' }),
  version: z.string({ error: 'expected a version in quotes, like "2023-06-28"' }).min(1),
  title: z.string().min(1).optional(),
  effective: effectiveSchema.optional(),
  timezone: zoneSchema.describe('The zone of the edges of months and years.'),
  period: periodSchema,
  regions: z
    .record(z.string(), z.strictObject({ subregions: z.array(z.string().min(1)).min(1) }))
    .optional()
    .describe('The subregions of each region when this was signed; a configuration may say otherwise.'),
  exclusions: z
    .strictObject({ effect: z.enum(['not-downtime', 'removed']).prefault('not-downtime') })
    .prefault({})
    .describe('Whether excluded time stays in the period it is measured against, or is removed from it.'),
  readings: z
    .record(z.string(), readingSchema)
    .refine((readings) => Object.keys(readings).length > 0, { error: 'expected at least one reading' })
    .describe('By name; the first one drives the alerts.'),
  rows: z.array(rowSchema).min(1),
  support: supportSchema.optional(),
  penalties: penaltiesSchema
    .nullable()
    .transform((penalties) => penalties ?? undefined)
    .optional(),
});

/** A contract as the product works with it: durations in milliseconds, defaults filled in. */
export type Contract = z.output<typeof contractSchema>;
/** One promise. */
export type ContractRow = Contract['rows'][number];
/** One party's answers to what the text leaves open. */
export type ContractReading = Contract['readings'][string];
/** The kinds of promises; how a row is judged follows from it. */
export type RowType = ContractRow['type'];
