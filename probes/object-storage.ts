import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { Expectations } from '../src/core/expectation.ts';
import type { ConfiguredProbe, ProbeContext, ProbeKind, ValueSpec } from '../src/core/probe.ts';
import type { Reading } from '../src/core/reading.ts';
import { durationSetting } from './lib/duration-setting.ts';
import { chainAnswer, type ChainEnd, OPERATIONS, type Operation, runChain } from './lib/s3-chain.ts';
import { SigningGates } from './lib/outscale-gate.ts';
import { createS3Clients, type S3Client, type S3Session } from './lib/s3-client.ts';
import { overBefore, S3Journey } from './lib/s3-journey.ts';
import { type OwnObject, runObject, standingObject } from './lib/s3-objects.ts';
import { bucketFields, checkBucketSettings, prefixSchema } from './lib/s3-settings.ts';
import { Sweep } from './lib/s3-sweep.ts';

const settingsSchema = z
  .strictObject({
    ...bucketFields,
    prefix: prefixSchema
      .prefault('vigie/')
      .describe('How the keys of all objects of the probe begin; it touches no other.'),
    operations: z
      .array(z.enum(OPERATIONS))
      .min(1)
      .prefault([...OPERATIONS])
      .describe(
        'What a run does, in this order: put, get, head, list, delete. Without put (and delete) it only reads, an object that it puts there once.',
      ),
    size: z
      .int()
      .min(1)
      .max(4_194_304)
      .prefault(4_096)
      .describe('Bytes of the object: random ones where it is put, compared one by one where it is read.'),
    leftoverAge: durationSetting(60_000, 7 * 86_400_000)
      .prefault('1h')
      .describe('Age at which an object that a run could not delete is swept; above any timeout.'),
  })
  .superRefine((settings, context) => {
    checkBucketSettings(settings, context);
    const { operations } = settings;
    const issue = (message: string): void =>
      context.addIssue({ code: 'custom', path: ['operations'], message });
    if (new Set(operations).size < operations.length) issue('expected each operation once');
    if (operations.includes('put') !== operations.includes('delete'))
      issue('expected put and delete together: what is put is to be deleted, and nothing else');
  });

/** Settings of an `object-storage` check, parsed: a bucket and what is done in it. `leftoverAge` in milliseconds. */
export type ObjectStorageSettings = z.output<typeof settingsSchema>;

/** An answer that came at all, with what was written and what was promised of its latency (contract SLA6: 200 ms). */
const DEFAULTS: Expectations = {
  visible: { is: true },
  contentMatches: { is: true },
  status: { atLeast: 200, atMost: 299 },
  slowestMs: { below: 200 },
};

const COMMON_VALUES = {
  slowestMs: {
    type: 'number',
    summary: 'Milliseconds of the slowest operation, from its first byte to the last of the answer.',
    cause: 'slow',
  },
  bytes: { type: 'number', summary: 'Length of the object in bytes.', cause: 'content' },
  status: { type: 'number', summary: 'Status code of the last operation.', cause: 'status' },
  errorCode: {
    type: 'string',
    summary: 'Error code of the last operation as S3 names it; empty when there is none.',
    cause: 'status',
  },
  visible: {
    type: 'boolean',
    summary: 'Whether the object was there for every operation after it was put.',
    cause: 'stale',
  },
  contentMatches: {
    type: 'boolean',
    summary: 'Whether all that was read of the object is what was written.',
    cause: 'altered',
  },
} as const satisfies Record<string, ValueSpec>;

function valuesOf({ operations }: ObjectStorageSettings): Readonly<Record<string, ValueSpec>> {
  const times = operations.map((operation): [string, ValueSpec] => [
    `${operation}Ms`,
    {
      type: 'number',
      summary: `Milliseconds of ${operation.toUpperCase()}, to the last byte of its answer.`,
      cause: 'slow',
    },
  ]);
  return { ...COMMON_VALUES, ...Object.fromEntries(times) };
}

/**
 * The kind `object-storage` (contract SLA6): operations on a small object in a bucket of an S3 service, one after the
 * other on one connection, nothing tried twice. The time of connecting is in phases and latency, not in the operations.
 * `gates` are those of all who sign in this process.
 */
export function objectStorageProbe(
  { gates }: { readonly gates: SigningGates } = { gates: new SigningGates() },
): ProbeKind<ObjectStorageSettings> {
  const clients = createS3Clients(gates);
  return {
    kind: 'object-storage',
    summary: 'Puts, gets, heads, lists and deletes a small object in a bucket of an S3 service.',
    settings: settingsSchema,
    phases: ['resolve', 'connect', 'tls', ...OPERATIONS],
    values: valuesOf,
    defaults: DEFAULTS,
    configure: (settings) => configured(settings, clients.client(settings)),
    close: () => clients.close(),
  };
}

function configured(settings: ObjectStorageSettings, client: S3Client): ConfiguredProbe {
  const operations = OPERATIONS.filter((operation) => settings.operations.includes(operation));
  const sweep = new Sweep(client, settings.prefix, settings.leftoverAge);
  const chain = operations.includes('put') ? writing(settings, operations) : reading(settings, operations);
  return {
    identity: identityOf(settings, client.url, operations),
    async run(context) {
      sweep.stop();
      if (context.signal.aborted) return overBefore(client.url);
      const session = client.open(context.signal, context.clock);
      const end = await chain(session, context);
      session.end();
      if (operations.includes('put') && isToBeSwept(end.reading)) sweep.beginWhenDue(context.clock);
      return end.reading;
    },
  };
}

/** A service that answers may be asked for more, but not when it has just asked for less. */
function isToBeSwept(reading: Reading): boolean {
  return reading.kind === 'answer' && reading.refusal !== 'throttled';
}

type Chain = (session: S3Session, context: ProbeContext) => Promise<ChainEnd>;

function writing({ prefix, size }: ObjectStorageSettings, operations: readonly Operation[]): Chain {
  return (session, context) => {
    const object = runObject(prefix, size, context.clock.wallMs(), context.random);
    return runChain(session, operations, object, context);
  };
}

/**
 * Reads the standing object, which the first run puts there where it is not yet. Once it was there, its absence is
 * told, and only then is it put there again.
 */
function reading({ prefix, size }: ObjectStorageSettings, operations: readonly Operation[]): Chain {
  const object = standingObject(prefix, size);
  let standing = false;
  return async (session, context) => {
    const trouble = standing ? undefined : await putWhereAbsent(session, object);
    if (trouble) return { reading: trouble, sight: 'none' };
    const end = await runChain(session, operations, object, context);
    standing = end.sight !== 'unseen';
    return end;
  };
}

/** The reading of what went wrong; undefined when the object is there. */
async function putWhereAbsent(session: S3Session, object: OwnObject): Promise<Reading | undefined> {
  const { key, content } = object;
  const journey = new S3Journey();
  // Not by HEAD, whose answer has no code: what a 403 or 404 is about would be left open.
  const asked = { method: 'GET', key, maxBody: content.length } as const;
  const found = journey.take('get', await session.send(asked));
  if (found.kind === 'over') return found.reading;
  if (found.code !== 'NoSuchKey') return undefined;
  const call = { method: 'PUT', key, body: content, maxBody: 0 } as const;
  const put = journey.take('put', await session.send(call));
  if (put.kind === 'over') return put.reading;
  return put.status > 299 ? chainAnswer(journey, new Map(), put, 'none', object) : undefined;
}

/** Names the request by all that tells one bucket and chain from another; keys of objects are random anyway. */
function identityOf(settings: ObjectStorageSettings, url: URL, operations: readonly Operation[]): string {
  const { prefix, size, accessKey } = settings;
  const named = typeof accessKey === 'string' ? accessKey : '';
  const wire = JSON.stringify([url.href, prefix, operations, size, named]);
  const digest = createHash('sha256').update(wire).digest('base64url');
  return `${operations.join(' ')} ${url.href} ${digest}`;
}
