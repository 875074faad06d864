import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { Expectations } from '../src/core/expectation.ts';
import { INSTANT_EXPECTED, parseInstant } from '../src/core/instant.ts';
import type { ConfiguredProbe, ProbeKind, ValueSpec } from '../src/core/probe.ts';
import { secretSchema } from '../src/core/secret.ts';
import { SigningGates } from './lib/outscale-gate.ts';
import { createS3Clients, type S3Client } from './lib/s3-client.ts';
import { overBefore } from './lib/s3-journey.ts';
import { sentinelSet } from './lib/s3-sentinels.ts';
import { bucketFields, checkBucketSettings, prefixSchema } from './lib/s3-settings.ts';
import { Vigil } from './lib/s3-vigil.ts';

const instantSchema = z.string().transform((text, context): number => {
  const ms = parseInstant(text);
  if (ms !== undefined) return ms;
  context.addIssue({ code: 'custom', message: `expected ${INSTANT_EXPECTED}` });
  return z.NEVER;
});

const settingsSchema = z
  .strictObject({
    ...bucketFields,
    prefix: prefixSchema
      .prefault('vigie-sentinels/')
      .describe('How the keys of the sentinels begin. Not to be deleted or expired by anyone.'),
    seed: secretSchema.describe(
      'Any secret text; contents and keys follow from it, and the list of what was written is signed with it. Another seed is another set.',
    ),
    sentinels: z
      .int()
      .min(1)
      .max(500)
      .prefault(100)
      .describe('How many objects are watched; each run looks at one.'),
    size: z.int().min(32).max(1_048_576).prefault(4_096).describe('Bytes of each.'),
    createUntil: instantSchema.describe(
      'Until this instant the set may be written, a few sentinels a run; from then on what is not there is lost.',
    ),
  })
  .superRefine(checkBucketSettings);

/** Settings of an `object-durability` check, parsed. `createUntil` in milliseconds since the epoch. */
export type ObjectDurabilitySettings = z.output<typeof settingsSchema>;

/** Nothing lost, nothing altered, and an answer at all (contract SLA6, sla-math §8). */
const DEFAULTS: Expectations = {
  lostCount: { is: 0 },
  alteredCount: { is: 0 },
  status: { atLeast: 200, atMost: 299 },
};

const VALUES = {
  sentinels: {
    type: 'number',
    summary: 'How many sentinels there should be, or are so far.',
    cause: 'unexpected',
  },
  lost: {
    type: 'list',
    summary: 'Those that were not there, by index and instant of writing; `manifest` is their list.',
    cause: 'lost',
  },
  altered: { type: 'list', summary: 'Those whose SHA-256 is not what was written.', cause: 'altered' },
  lostCount: { type: 'number', summary: 'How many are lost.', cause: 'lost' },
  alteredCount: { type: 'number', summary: 'How many are altered.', cause: 'altered' },
  oldestDays: {
    type: 'number',
    summary: 'Age of the oldest sentinel that is not known to be lost or altered, in days of 24 hours.',
    cause: 'unexpected',
  },
  status: { type: 'number', summary: 'Status code of the last operation.', cause: 'status' },
  errorCode: {
    type: 'string',
    summary: 'Error code of the last operation as S3 names it; empty when there is none.',
    cause: 'status',
  },
} as const satisfies Record<string, ValueSpec>;

/**
 * The kind `object-durability` (contract SLA6): a set of objects written once and read again in rotation, one a run,
 * whole, against the SHA-256 that their keys carry. `gates` are those of all who sign in this process.
 *
 * Of the causes of a bad slot only two speak of durability: `lost` (the service says NoSuchKey of an object that was
 * there) and `altered` (it gives back something else). A slot is bad with them for as long as one of the set is known to
 * be so, whichever object's turn it is; the objects are named in the evidence. Every other cause, and a hole, says that
 * one object could not be looked at. What is missed is looked at again by the next run: one that was only mislaid is
 * bad for one slot, which `confirm` keeps a lone vantage from being believed for.
 */
export function objectDurabilityProbe(
  { gates }: { readonly gates: SigningGates } = { gates: new SigningGates() },
): ProbeKind<ObjectDurabilitySettings> {
  const clients = createS3Clients(gates);
  return {
    kind: 'object-durability',
    summary: 'Reads sentinel objects again and again, and names those that are lost or altered.',
    settings: settingsSchema,
    phases: ['resolve', 'connect', 'tls', 'get', 'list', 'put'],
    values: () => VALUES,
    defaults: DEFAULTS,
    sentinels: ({ sentinels }) => sentinels,
    configure: (settings) => configured(settings, clients.client(settings)),
    close: () => clients.close(),
  };
}

function configured(settings: ObjectDurabilitySettings, client: S3Client): ConfiguredProbe {
  const { prefix, seed, sentinels, size, createUntil } = settings;
  const set = sentinelSet(prefix, seed.reveal(), sentinels, size);
  const vigil = new Vigil(set, createUntil);
  return {
    identity: `sentinels ${client.url.href} ${createHash('sha256').update(set.prefix).digest('base64url')}`,
    async run({ signal, clock, random }) {
      if (signal.aborted) return overBefore(client.url);
      const session = client.open(signal, clock);
      const reading = await vigil.look(session, clock.wallMs(), random);
      session.end();
      return reading;
    },
  };
}
