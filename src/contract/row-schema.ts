import { z } from 'zod';
import { durationSchema, shareSchema, targetSchema } from './quantity.ts';

/** The id of a contract row, such as `sla4.internet`. */
export const rowIdSchema = z
  .string({ error: 'expected a lower-case id like "sla4.internet"' })
  .regex(/^[a-z0-9][a-z0-9._-]*$/, { error: 'expected a lower-case id like "sla4.internet"' });

const incidentSchema = z.strictObject({
  deduct: durationSchema
    .prefault('0s')
    .describe('The first so much bad time of each incident does not count.'),
  mergeGap: durationSchema.prefault('0s').describe('Bad runs at most this far apart are one incident.'),
  minimum: durationSchema.prefault('0s').describe('Incidents with less bad time than this do not count.'),
});

const rowBase = {
  id: rowIdSchema,
  clause: z.string().min(1).describe('The clause of the contract, as it names itself.'),
  title: z.string().min(1).describe('What is promised, in a few words.'),
  individual: z
    .string()
    .min(1)
    .optional()
    .describe('Promised for each of these (region, subregion, vm, volume …): one verdict per scope member.'),
  requires: z
    .literal('all-subregions')
    .optional()
    .describe('The star: only claimable when deployed over every subregion.'),
  rules: z.array(z.string()).optional().describe('What else the text says, for people.'),
};

const periodName = z.enum(['month', 'year']).describe('Over which the figure is taken.');

const availabilityRow = z.strictObject({
  ...rowBase,
  type: z.literal('availability'),
  target: targetSchema,
  period: periodName,
  incident: incidentSchema.prefault({}),
});

const latencyRow = z.strictObject({
  ...rowBase,
  type: z.literal('latency-bound'),
  bound: durationSchema.describe('The minimum of a minute’s round trips must not exceed it.'),
  allowedShare: shareSchema.prefault('0').describe('The share of bad time that is allowed, in percent.'),
  period: periodName,
  incident: incidentSchema.prefault({}),
});

const sampledRow = z.strictObject({
  ...rowBase,
  type: z.literal('sampled-share'),
  target: targetSchema.describe('The share of tests that must be met, in percent.'),
  period: periodName,
});

const durabilityRow = z.strictObject({
  ...rowBase,
  type: z.literal('durability'),
  target: targetSchema,
  period: periodName.optional(),
  acquiredAfter: durationSchema.prefault('0s').describe('The promise holds from this age of the object on.'),
});

const supportRow = z.strictObject({
  ...rowBase,
  type: z.literal('support'),
  severity: z.int().min(1).max(9),
  clock: z.enum(['gti', 'gtr']).describe('Time to intervene, or time to recover.'),
  limit: durationSchema,
  workingTime: z.boolean().prefault(false).describe('Whether only time inside the working calendar counts.'),
});

const noneRow = z.strictObject({ ...rowBase, type: z.literal('none'), period: periodName.prefault('month') });

/** A row: one promise of the contract (contract.md), or the plain statement that there is none. */
export const rowSchema = z.discriminatedUnion('type', [
  availabilityRow,
  latencyRow,
  sampledRow,
  durabilityRow,
  supportRow,
  noneRow,
]);

/** What a reading may say otherwise of a row (sla-math §7). */
export const rowOverrideSchema = z.strictObject({
  deduct: durationSchema.optional(),
  mergeGap: durationSchema.optional(),
  minimum: durationSchema.optional(),
  allowedShare: shareSchema.optional(),
  target: targetSchema.optional(),
});
