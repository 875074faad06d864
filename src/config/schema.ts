import { z } from 'zod';
import { durationSchema } from '../contract/quantity.ts';
import type { Composition } from '../core/composition.ts';
import { EXCLUSION_KINDS } from '../core/exclusion.ts';
import { secretSchema } from '../core/secret.ts';

const ID_EXPECTED = 'expected an id of at most 63 letters, digits, ".", "_" and "-"';

const idSchema = z
  .string({ error: ID_EXPECTED })
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/, { error: ID_EXPECTED });

const INSTANT_EXPECTED = 'an instant with an offset, like "2026-03-10T22:00:00+01:00"';

/** Milliseconds since the epoch, written in RFC 3339 with any offset. */
export const instantSchema = z.iso
  .datetime({ offset: true, error: `expected ${INSTANT_EXPECTED}` })
  .transform((text): number => Date.parse(text));

const compositionSchema: z.ZodType<Composition> = z.lazy(() =>
  z.union(
    [
      z.string(),
      z.strictObject({ any: z.array(compositionSchema).min(1) }),
      z.strictObject({ all: z.array(compositionSchema).min(1) }),
      z.strictObject({ quorum: z.int().min(1), of: z.array(compositionSchema).min(1) }),
    ],
    { error: 'expected a check id, { any: [...] }, { all: [...] } or { quorum: n, of: [...] }' },
  ),
);

const scalarSchema = z.union([z.string(), z.number(), z.boolean()]);
const limitSchema = z.union([z.number(), durationSchema], {
  error: 'expected a number or a duration like "500ms"',
});

const REGEX_EXPECTED = 'expected a regular expression (JavaScript, with the u flag)';

const regexSchema = z.string({ error: REGEX_EXPECTED }).transform((source, context): RegExp => {
  try {
    return new RegExp(source, 'u');
  } catch {
    context.addIssue({ code: 'custom', message: REGEX_EXPECTED });
    return z.NEVER;
  }
});

const matcherSchema = z.union([
  scalarSchema.transform((is) => ({ is })),
  z.strictObject({
    is: scalarSchema.optional(),
    not: scalarSchema.optional(),
    in: z.array(scalarSchema).min(1).optional(),
    below: limitSchema.optional(),
    above: limitSchema.optional(),
    atLeast: limitSchema.optional(),
    atMost: limitSchema.optional(),
    matches: regexSchema.optional(),
    contains: z.string().optional(),
  }),
]);

/** One check as the file writes it. */
export const checkSchema = z.strictObject({
  id: idSchema,
  probe: z.string().describe('The kind of probe.'),
  row: z.string().describe('The contract row that it measures.'),
  scope: z.string().min(1).prefault('region').describe('The member of a row that is promised individually.'),
  interval: durationSchema.describe('One slot; divides an hour.'),
  timeout: durationSchema.describe('The deadline of one attempt; shorter than the interval.'),
  attempts: z.int().min(1).max(5).prefault(1).describe('A slot is bad only if every attempt was.'),
  confirm: z
    .int()
    .min(1)
    .max(60)
    .prefault(2)
    .describe('Bad slots in a row before one vantage alone is believed.'),
  vantages: z.array(z.string()).min(1).optional().describe('Who looks; all when absent.'),
  with: z.record(z.string(), z.unknown()).prefault({}).describe('Settings of the probe.'),
  expect: z.record(z.string(), matcherSchema).prefault({}).describe('What the answer must be.'),
});

/** How the scope of a row is made of checks, as the file writes it. */
export const rowCompositionSchema = z.strictObject({
  row: z.string(),
  scope: z.string().min(1).prefault('region'),
  bad: compositionSchema,
});

/** A declared exclusion as the file writes it (sla-math §4). */
export const exclusionSchema = z.strictObject({
  id: idSchema,
  kind: z.enum(EXCLUSION_KINDS),
  from: instantSchema,
  to: instantSchema,
  rows: z.array(z.string()).min(1).optional(),
  checks: z.array(z.string()).min(1).optional(),
  scopes: z.array(z.string()).min(1).optional(),
  reason: z.string().min(1),
  author: z.string().min(1),
  enteredAt: instantSchema.optional(),
  evidence: z.string().optional(),
});

const windowSchema = z.strictObject({
  url: z
    .union([z.string().min(1), secretSchema])
    .describe('Redis URL; by reference, { env: NAME } or { file: /path }, when it holds a password.'),
});

/** A host that is not the provider’s, as the file writes it. */
export const referenceSchema = z.strictObject({
  host: z.string().min(1),
  port: z.int().min(1).max(65_535),
  vantages: z.array(z.string()).min(1).optional(),
});

/** Where the client's own systems run, as the file writes it. */
export const deploymentSchema = z.strictObject({
  subregions: z.array(z.string().min(1)).min(1).describe('Where the client’s own systems run.'),
  regionSubregions: z
    .array(z.string().min(1))
    .min(1)
    .optional()
    .describe('All there are; as the contract says when absent.'),
});

/** A configuration file (interfaces.md): what to watch and how. */
export const configSchema = z.strictObject({
  $schema: z.string().optional(),
  contract: z.string().min(1).describe('Path relative to this file, or the id of a shipped contract.'),
  region: z.string().min(1),
  deployment: deploymentSchema.optional(),
  vantages: z.array(idSchema).min(1).prefault(['local']),
  window: windowSchema.optional().describe('Shared windows; absent: embedded ones in dataDir.'),
  dataDir: z.string().min(1).prefault('./data').describe('Path relative to this file.'),
  listen: z
    .strictObject({
      host: z.string().min(1).prefault('127.0.0.1'),
      port: z.int().min(0).max(65_535).prefault(9464),
    })
    .prefault({}),
  checks: z.array(checkSchema).prefault([]),
  rows: z.array(rowCompositionSchema).prefault([]),
  exclusions: z.array(exclusionSchema).prefault([]),
  egress: z
    .strictObject({
      references: z
        .array(referenceSchema)
        .min(1)
        .describe('Hosts that are not the provider’s: when they are gone too, the fault is our own network.'),
    })
    .optional(),
  alerting: z
    .strictObject({ alertmanagers: z.array(z.url()).prefault([]), push: z.boolean().prefault(false) })
    .optional(),
});

/** A configuration file as it was parsed: shapes are right, references not yet followed. */
export type ConfigFile = z.output<typeof configSchema>;
/** One check of a configuration file. */
export type CheckFile = ConfigFile['checks'][number];
