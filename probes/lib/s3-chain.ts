import type { ProbeContext } from '../../src/core/probe.ts';
import type { Answer, Reading } from '../../src/core/reading.ts';
import { decodeListing } from '../wire/s3.ts';
import type { S3Session } from './s3-client.ts';
import { evidenceOf, failureOf, S3Journey } from './s3-journey.ts';
import type { OwnObject } from './s3-objects.ts';
import type { S3Answer, S3Call } from './s3-step.ts';

/** The operations of a chain, in the order in which they take place. */
export const OPERATIONS = ['put', 'get', 'head', 'list', 'delete'] as const;
export type Operation = (typeof OPERATIONS)[number];

/**
 * What an answer says of the object: as it should be, not to be seen where it must be, other than it was written, or
 * nothing (the operation failed).
 */
type Sight = 'right' | 'unseen' | 'altered' | 'none' | 'not-s3';

/** The body of a list with a single key, with room for what a service adds. */
const LISTING_BYTES = 65_536;

/** The call of an operation on an object. */
function callOf(operation: Operation, { key, content }: OwnObject): S3Call {
  switch (operation) {
    case 'put':
      return { method: 'PUT', key, body: content, maxBody: 0 };
    case 'get':
      return { method: 'GET', key, maxBody: content.length };
    case 'head':
      return { method: 'HEAD', key, maxBody: 0 };
    case 'list':
      return { method: 'GET', key: '', query: { 'max-keys': '1', prefix: key }, maxBody: LISTING_BYTES };
    case 'delete':
      return { method: 'DELETE', key, maxBody: 0 };
  }
}

function sightOf(operation: Operation, answer: S3Answer, object: OwnObject): Sight {
  if (answer.status === 404 && operation !== 'list') return isNoObject(answer.code) ? 'unseen' : 'none';
  if (answer.status < 200 || answer.status > 299) return 'none';
  switch (operation) {
    case 'put':
    case 'delete':
      return 'right';
    case 'get':
      return answer.body.equals(object.content) ? 'right' : 'altered';
    case 'head':
      return answer.length === object.content.length ? 'right' : 'altered';
    case 'list': {
      const listing = decodeListing(answer.body);
      if (!listing) return 'not-s3';
      return listing.keys.includes(object.key) ? 'right' : 'unseen';
    }
  }
}

/** A 404 is about the object where its code says so, or where there is no room for a code (HEAD). */
function isNoObject(code: string): boolean {
  return code === 'NoSuchKey' || code === '';
}

/** How a chain went: its reading, and whether it came to its end with the object as it should be. */
export interface ChainEnd {
  readonly reading: Reading;
  readonly sight: Sight;
}

/**
 * One operation after the other on an object, each timed to its last byte. The first that goes wrong ends the chain and
 * is what it reports; an object that was put is then still deleted, untimed, where the service answers at all.
 * What may be our own lateness is told of each by itself.
 */
export async function runChain(
  session: S3Session,
  operations: readonly Operation[],
  object: OwnObject,
  { clock, lag }: ProbeContext,
): Promise<ChainEnd> {
  const journey = new S3Journey();
  const times = new Map<Operation, OperationTime>();
  let last: S3Answer | undefined;
  let sight: Sight = 'right';
  for (const operation of operations) {
    const startedMs = clock.monotonicMs();
    const step = journey.take(operation, await session.send(callOf(operation, object)));
    if (step.kind === 'over') return { reading: step.reading, sight: 'none' };
    times.set(operation, { ms: step.tookMs, ownMs: lag?.worstSince(startedMs) });
    last = step;
    sight = sightOf(operation, step, object);
    if (sight === 'not-s3') return { reading: journey.notS3(step).reading, sight };
    if (sight === 'right') continue;
    if (operation !== 'put' && operation !== 'delete' && operations.includes('delete'))
      await session.send(callOf('delete', object));
    break;
  }
  if (!last) throw new Error('a chain has at least one operation');
  return { reading: chainAnswer(journey, times, last, sight, object), sight };
}

/** What an operation took, and how much of it may be our own event loop's lateness, where that is measured. */
interface OperationTime {
  readonly ms: number;
  readonly ownMs: number | undefined;
}

/** The reading of a chain that ended with `last`, which showed the object so; `times` are those to be told. */
export function chainAnswer(
  journey: S3Journey,
  times: ReadonlyMap<Operation, OperationTime>,
  last: S3Answer,
  sight: Sight,
  { content }: OwnObject,
): Reading {
  const values = {
    ...Object.fromEntries([...times].map(([operation, { ms }]) => [`${operation}Ms`, ms])),
    slowestMs: slowestOf(times, ({ ms }) => ms),
    bytes: content.length,
    status: last.status,
    errorCode: last.code,
    visible: sight !== 'unseen',
    contentMatches: sight !== 'altered',
  };
  const detail = sight === 'right' ? undefined : failureOf(last);
  return { ...journey.answer(values, evidenceOf(last), detail), ...ownLateness(times) };
}

function slowestOf(times: ReadonlyMap<Operation, OperationTime>, msOf: (time: OperationTime) => number) {
  return Math.max(0, ...[...times.values()].map(msOf));
}

function ownLateness(times: ReadonlyMap<Operation, OperationTime>): Pick<Answer, 'ownMs'> {
  const own = [...times].flatMap(([operation, { ownMs }]): readonly [string, number][] =>
    ownMs === undefined ? [] : [[`${operation}Ms`, ownMs]],
  );
  if (own.length === 0) return {};
  const slowestMs =
    slowestOf(times, ({ ms }) => ms) - slowestOf(times, ({ ms, ownMs = 0 }) => Math.max(0, ms - ownMs));
  return { ownMs: { ...Object.fromEntries(own), slowestMs } };
}
