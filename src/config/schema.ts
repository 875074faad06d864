import { z } from 'zod';
import { alertingSchema } from './alerting.ts';
import { bucketFields, checkBucketSettings, prefixSchema } from '../../probes/lib/s3-settings.ts';
import { timedExclusionSchema } from '../contract/exclusion-schema.ts';
import { durationSchema, idSchema } from '../contract/quantity.ts';
import type { Composition } from '../core/composition.ts';
import { secretSchema } from '../core/secret.ts';
import { accessSchema } from './access.ts';
import { webSchema } from './web.ts';

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
  error: 'expected a duration like "500ms", or a number for what is no time',
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

/** What `expect.latency` may be, for editors: every probe has it, and it is a time. Loading tells it with the place. */
export const latencyMatcherSchema = z.partialRecord(
  z.enum(['below', 'above', 'atLeast', 'atMost']),
  durationSchema,
);

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

const PREFIX_EXPECTED = 'expected at most 40 letters, digits, ".", "_", "-" and ":"';

const windowSchema = z.strictObject({
  url: z
    .union([z.string().min(1), secretSchema])
    .describe('Redis URL; by reference, { env: NAME } or { file: /path }, when it holds a password.'),
  prefix: z
    .string({ error: PREFIX_EXPECTED })
    .regex(/^[A-Za-z0-9._:-]{1,40}$/, { error: PREFIX_EXPECTED })
    .optional()
    .describe('What the names of all keys begin with; "vigie:" when absent.'),
  username: z.string().min(1).optional(),
  password: secretSchema.optional(),
  sentinelPassword: secretSchema.optional().describe('Of the sentinels, where they ask for one.'),
  ca: secretSchema.optional().describe('PEM of the authorities to believe with TLS, by reference.'),
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

const FEED_URL_EXPECTED = 'expected an http:// or https:// address without user and password';
const [SHORTEST_FEED_GAP_MS, LONGEST_FEED_GAP_MS] = [60_000, 86_400_000];

/** The status feed of the provider, as the file writes it. */
const statusFeedSchema = z.strictObject({
  url: z
    .url({ protocol: /^https?$/, error: FEED_URL_EXPECTED })
    .refine((text) => URL.parse(text)?.username === '' && URL.parse(text)?.password === '', {
      error: FEED_URL_EXPECTED,
    })
    .describe('Where the feed is; redirections are not followed.'),
  format: z
    .enum(['auto', 'json', 'rss', 'atom'])
    .prefault('auto')
    .describe('What it must be: the JSON summary of a Statuspage, RSS 2.0 or Atom.'),
  every: durationSchema
    .refine((ms) => ms >= SHORTEST_FEED_GAP_MS && ms <= LONGEST_FEED_GAP_MS, {
      error: 'expected a duration from 1m to 1d',
    })
    .prefault('5m')
    .describe('From one reading to the next.'),
});

const [SHORTEST_GRACE_MS, LONGEST_GRACE_MS] = [300_000, 604_800_000];

/** How evidence is kept, as the file writes it. */
const evidenceSchema = z.strictObject({
  directory: z
    .string()
    .min(1)
    .optional()
    .describe('Where the archive is kept: a path relative to this file.'),
  s3: z
    .strictObject({ ...bucketFields, prefix: prefixSchema.optional() })
    .superRefine(checkBucketSettings)
    .optional()
    .describe('Or the bucket that it is kept in, best one with object lock.'),
  key: secretSchema
    .optional()
    .describe('The Ed25519 private key (PEM) that closings are signed with, by reference.'),
  grace: durationSchema
    .refine((ms) => ms >= SHORTEST_GRACE_MS && ms <= LONGEST_GRACE_MS, {
      error: 'expected a duration from 5m to 7d',
    })
    .prefault('2h')
    .describe('How long after its end a period is closed, and a day archived.'),
});

/** What is written at the close of a period, as the file writes it. */
const reportsSchema = z.strictObject({
  pdf: z
    .boolean({ error: 'expected true or false' })
    .prefault(false)
    .describe('Whether they are printed as PDF, too; takes a Chromium on the PATH.'),
});

/** A configuration file (interfaces.md): what to watch and how. */
export const configSchema = z.strictObject({
  $schema: z.string().optional(),
  contract: z.string().min(1).describe('Path relative to this file, or the id of a shipped contract.'),
  region: z.string().min(1),
  deployment: deploymentSchema.optional(),
  vantages: z.array(idSchema).min(1).prefault(['local']),
  sharding: z
    .union([z.boolean(), z.array(z.string()).min(1)], { error: 'expected true, false or a list of vantages' })
    .prefault(false)
    .describe('Vantages whose checks are divided among the processes that look from them; true: all.'),
  window: windowSchema.optional().describe('Shared windows; absent: embedded ones in dataDir.'),
  dataDir: z.string().min(1).prefault('./data').describe('Path relative to this file.'),
  access: accessSchema
    .optional()
    .describe('Who may do what over HTTP; anyone may read and nobody write when absent.'),
  web: webSchema
    .optional()
    .describe('TLS and passwords, in the shape of Prometheus’ web configuration files.'),
  tickets: z
    .strictObject({ file: z.string().min(1).describe('Path relative to this file.') })
    .optional()
    .describe('A file of JSON Lines whose ticket events are taken in, again whenever it changes.'),
  listen: z
    .strictObject({
      host: z.string().min(1).prefault('127.0.0.1'),
      port: z.int().min(0).max(65_535).prefault(9464),
    })
    .prefault({}),
  checks: z.array(checkSchema).prefault([]),
  rows: z.array(rowCompositionSchema).prefault([]),
  exclusions: z.array(timedExclusionSchema).prefault([]),
  egress: z
    .strictObject({
      references: z
        .array(referenceSchema)
        .min(1)
        .describe('Hosts that are not the provider’s: when they are gone too, the fault is our own network.'),
    })
    .optional(),
  statusFeed: statusFeedSchema
    .optional()
    .describe('What the provider publishes of its own state: shown, and never part of a verdict.'),
  evidence: evidenceSchema.optional().describe('The archive that holds up a year later.'),
  reports: reportsSchema
    .optional()
    .describe('What is written to dataDir/reports at the close of a period, besides HTML, CSV and JSON.'),
  alerting: alertingSchema.optional().describe('How alerts are told.'),
});

/** A configuration file as it was parsed: shapes are right, references not yet followed. */
export type ConfigFile = z.output<typeof configSchema>;
/** One check of a configuration file. */
export type CheckFile = ConfigFile['checks'][number];
