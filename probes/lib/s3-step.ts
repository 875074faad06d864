import type { Reading } from '../../src/core/reading.ts';
import { decodeError, type S3Error } from '../wire/s3.ts';
import type { HttpExchange, HttpResponse } from './http-exchange.ts';
import { createExtractor } from './http-extract.ts';
import { readingOf } from './http-reading.ts';
import type { SignatureFate } from './outscale-gate.ts';
import { type OwnTrouble, ownTrouble } from './s3-trouble.ts';

/** One operation on an object, or on the bucket where the key is empty. */
export interface S3Call {
  readonly method: 'PUT' | 'GET' | 'HEAD' | 'DELETE';
  /** Of characters that stand for themselves in a path. */
  readonly key: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: Buffer;
  /** Bytes of an answer that is wanted; an error may be longer. */
  readonly maxBody: number;
}

/** Milliseconds of what came before the request: those that took place. */
export type ConnectPhases = Readonly<Partial<Record<'resolve' | 'connect' | 'tls', number>>>;

interface Taken {
  /** Method and address, for people. */
  readonly label: string;
  /** From the first byte of the request to the last of the answer, or to where it ended; without connecting. */
  readonly tookMs: number;
  readonly connecting: ConnectPhases;
}

/** The service answered. */
export interface S3Answer extends Taken {
  readonly kind: 'answered';
  readonly status: number;
  /** Error code of S3; empty when there is none. */
  readonly code: string;
  /** By which the provider finds the request in its records; empty when not told. */
  readonly requestId: string;
  /** What the head says of the length of the body; undefined when nothing. */
  readonly length: number | undefined;
  readonly body: Buffer;
  /** Present when the answer speaks of us and not of the service. */
  readonly own: OwnTrouble | undefined;
}

/** What one operation came to; a fault or blindness when there was no whole answer. */
export type S3Step = S3Answer | (Taken & { readonly kind: 'ended'; readonly reading: Reading });

const EXTRACTOR = createExtractor({});

/** What an exchange comes to. What a server says is not told where it holds one of the secrets. */
export function stepOf(
  { method }: S3Call,
  label: string,
  result: HttpExchange,
  secrets: readonly string[],
  nowMs: number,
): S3Step {
  const { ttfb = 0, transfer = 0, ...connecting } = result.phases;
  const taken = { label, tookMs: ttfb + transfer, connecting };
  if (result.end.kind !== 'answered')
    return {
      ...taken,
      kind: 'ended',
      reading: readingOf(result, { label, secrets, extractor: EXTRACTOR }, nowMs),
    };
  const { response } = result.end;
  const { status, body } = response;
  const { code, requestId } = errorIn(response);
  const told = (text: string): string => (secrets.some((secret) => text.includes(secret)) ? '' : text);
  return {
    ...taken,
    kind: 'answered',
    status,
    code: told(code),
    requestId: told(requestIdOf(response) ?? requestId),
    length: lengthOf(response),
    body,
    own: ownTrouble(method, status, code),
  };
}

function errorIn({ status, body }: HttpResponse): S3Error {
  return status < 300 ? { code: '', requestId: '' } : decodeError(body);
}

/** What an exchange says of its signature. Of an object that is not there one is told only once it was taken. */
export function fateOf({ method }: S3Call, { end }: HttpExchange): SignatureFate {
  if (end.kind !== 'answered') return { kind: 'unknown' };
  const { status } = end.response;
  const { code } = errorIn(end.response);
  const own = ownTrouble(method, status, code);
  if (own?.kind === 'blind' && own.keyRefused)
    return { kind: 'refused', blind: own.blind, told: `${status} ${code}`.trimEnd() };
  return { kind: status < 300 || code === 'NoSuchKey' ? 'accepted' : 'unknown' };
}

const REQUEST_ID = /^[\w.:+/=-]{1,128}$/;

function requestIdOf({ headers }: HttpResponse): string | undefined {
  const id = headers['x-amz-request-id'];
  return typeof id === 'string' && REQUEST_ID.test(id) ? id : undefined;
}

function lengthOf({ headers }: HttpResponse): number | undefined {
  const length = headers['content-length'];
  return length !== undefined && /^\d+$/.test(length) ? Number(length) : undefined;
}
