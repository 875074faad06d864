import { z } from 'zod';
import { parseDecimal, parsePercent } from '../core/fraction.ts';
import { DURATION_EXPECTED, parseDuration } from '../core/duration.ts';
import { CAUSES } from '../core/cause.ts';

/** Milliseconds, written as a duration. */
export const durationSchema = z
  .string({ error: `expected ${DURATION_EXPECTED}` })
  .transform((text, context): number => {
    const ms = parseDuration(text);
    if (ms === undefined) context.addIssue({ code: 'custom', message: `expected ${DURATION_EXPECTED}` });
    return ms ?? z.NEVER;
  });

const PERCENT_EXPECTED = 'a percentage above 0 and below 100, as a quoted decimal with a point, like "99.95"';

/** A target: strictly between 0 and 100, in quotes so that no parser rounds it. */
export const targetSchema = z.string({ error: `expected ${PERCENT_EXPECTED}` }).refine(
  (text) => {
    const share = parsePercent(text);
    return share !== undefined && share.num > 0n && share.num < share.den;
  },
  { error: `expected ${PERCENT_EXPECTED}` },
);

const SHARE_EXPECTED =
  'a percentage from 0 to below 100, as a quoted decimal with a point, like "1" or "0.5"';

const shareSchema = z.string({ error: `expected ${SHARE_EXPECTED}` }).refine(
  (text) => {
    const share = parsePercent(text);
    return share !== undefined && share.num < share.den;
  },
  { error: `expected ${SHARE_EXPECTED}` },
);

const amountSchema = z
  .string({ error: 'expected a quoted decimal like "12.50"' })
  .refine((text) => parseDecimal(text) !== undefined, { error: 'expected a quoted decimal like "12.50"' });

/** A time zone of the IANA database. */
export const zoneSchema = z.string({ error: 'expected an IANA time zone like "Europe/Paris"' }).refine(
  (zone) => {
    try {
      return Boolean(new Intl.DateTimeFormat('en', { timeZone: zone }));
    } catch {
      return false;
    }
  },
  { error: 'expected an IANA time zone like "Europe/Paris"' },
);

const timeOfDaySchema = z
  .string()
  .regex(/^(?:[01]\d|2[0-3]):[0-5]\d$|^24:00$/, { error: 'expected a time of day like "08:00"' });

const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;

const effectSchema = z.enum(['counts', 'excluded']);

const incidentSchema = z.strictObject({
  deduct: durationSchema
    .prefault('0s')
    .describe('The first so much bad time of each incident does not count.'),
  mergeGap: durationSchema.prefault('0s').describe('Bad runs at most this far apart are one incident.'),
  minimum: durationSchema.prefault('0s').describe('Incidents with less bad time than this do not count.'),
});

const rowBase = {
  id: z.string().regex(/^[a-z0-9][a-z0-9.-]*$/, { error: 'expected a lower-case id like "sla4.internet"' }),
  clause: z.string().min(1).describe('The clause of the contract, as it names itself.'),
  title: z.string().min(1),
  individual: z
    .string()
    .optional()
    .describe('Promised for each of these (availability zone, vm, volume …): one verdict per scope member.'),
  requires: z
    .literal('all-subregions')
    .optional()
    .describe('Only claimable when deployed over every subregion.'),
  rules: z.array(z.string()).optional().describe('What else the text says, for people.'),
};

const periodName = z.enum(['month', 'year']);

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
  clock: z.enum(['gti', 'gtr']),
  limit: durationSchema,
  workingTime: z.boolean().prefault(false).describe('Whether only time inside the working calendar counts.'),
});

const noneRow = z.strictObject({ ...rowBase, type: z.literal('none'), period: periodName.prefault('month') });

/** A row: one promise. */
export const rowSchema = z.discriminatedUnion('type', [
  availabilityRow,
  latencyRow,
  sampledRow,
  durabilityRow,
  supportRow,
  noneRow,
]);

const rowOverride = z.strictObject({
  deduct: durationSchema.optional(),
  mergeGap: durationSchema.optional(),
  minimum: durationSchema.optional(),
  allowedShare: shareSchema.optional(),
  target: targetSchema.optional(),
});

const readingSchema = z.strictObject({
  title: z.string().optional(),
  maintenance: effectSchema.optional(),
  attack: effectSchema.optional(),
  'client-action': effectSchema.optional(),
  'force-majeure': effectSchema.optional(),
  'provider-agreed': effectSchema.optional(),
  causes: z
    .partialRecord(z.enum(CAUSES), effectSchema)
    .optional()
    .describe('Causes of bad slots that this reading does not hold against the provider.'),
  rows: z.record(z.string(), rowOverride).optional(),
});

const yearSchema = z.union([
  z.literal('calendar'),
  z.strictObject({ anniversary: z.iso.date({ error: 'expected a date like "2024-09-15"' }) }),
]);

const periodSchema = z.strictObject({
  month: z.literal('calendar').prefault('calendar'),
  year: yearSchema.prefault('calendar'),
});

const supportSchema = z.strictObject({
  calendar: z.strictObject({
    zone: zoneSchema,
    days: z.array(z.enum(DAYS)).min(1),
    from: timeOfDaySchema,
    to: timeOfDaySchema,
    holidays: z.union([z.enum(['none', 'fr']), z.array(z.iso.date())]).prefault('none'),
  }),
});

const tierSchema = z.strictObject({
  below: targetSchema.describe('Applies when the availability of the period is below this percentage.'),
  credit: shareSchema.or(z.literal('100')).describe('Percent of the period’s bill.'),
});

const penaltySchema = z.strictObject({
  rows: z.array(z.string()).min(1),
  tiers: z.array(tierSchema).min(1).optional(),
  formula: z.literal('promised-minus-observed').optional(),
  cap: shareSchema.or(z.literal('100')).optional().describe('At most this percent of the period’s bill.'),
  bill: amountSchema.optional(),
  claimWithin: durationSchema.optional().describe('How long after the period’s end a claim may be made.'),
});

/** A contract file (interfaces.md): what was promised, and how the text is read. */
export const contractSchema = z.strictObject({
  $schema: z.string().optional(),
  id: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]*$/, { error: 'expected a lower-case id like "outscale-secnumcloud"' }),
  version: z.string({ error: 'expected a quoted version like "2023-06-28"' }).min(1),
  title: z.string().optional(),
  timezone: zoneSchema,
  period: periodSchema,
  regions: z
    .record(z.string(), z.strictObject({ subregions: z.array(z.string()).min(1) }))
    .optional()
    .describe(
      'The subregions of each region when this version was signed; a configuration may say otherwise.',
    ),
  exclusions: z
    .strictObject({ effect: z.enum(['not-downtime', 'removed']).prefault('not-downtime') })
    .prefault({})
    .describe('Whether excluded time stays in the period it is measured against, or is removed from it.'),
  readings: z
    .record(z.string(), readingSchema)
    .refine((readings) => Object.keys(readings).length > 0, { error: 'expected at least one reading' }),
  rows: z.array(rowSchema).min(1),
  support: supportSchema.optional(),
  penalties: z.array(penaltySchema).optional(),
});

export type Contract = z.output<typeof contractSchema>;
export type ContractRow = Contract['rows'][number];
export type ContractReading = Contract['readings'][string];
export type RowType = ContractRow['type'];
