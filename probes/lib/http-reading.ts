import type { IncomingHttpHeaders } from 'node:http';
import { errors } from 'undici';
import type { Fault } from '../../src/core/cause.ts';
import type { Evidence, Reading, Value } from '../../src/core/reading.ts';
import { faultOf, type Trouble } from './faults.ts';
import type { HttpEnd, HttpExchange, HttpResponse } from './http-exchange.ts';
import type { Extractor } from './http-extract.ts';

/** What a reading has to know of the check. */
export interface HttpSubject {
  /** The request for people. */
  readonly label: string;
  /** Texts that must not be told, wherever the server puts them. */
  readonly secrets: readonly string[];
  readonly extractor: Extractor;
}

/**
 * What an exchange amounts to. `nowMs` is the wall clock, for the days that the certificate has left. Throws an error
 * that the table of faults does not know: a bug of ours.
 */
export function readingOf(exchange: HttpExchange, subject: HttpSubject, nowMs: number): Reading {
  const { end } = exchange;
  if (end.kind === 'answered') return answerOf(exchange, end.response, subject, nowMs);
  const trouble = end.kind === 'failed' ? troubleOf(end) : undefined;
  const detail = `${subject.label}: ${describe(end, trouble)}${whereOf(exchange)}`;
  if (trouble?.kind === 'blind') return { kind: 'blind', blind: trouble.blind, detail };
  const fault = trouble?.fault ?? FAULT_OF_END[end.kind];
  const { latencyMs, phases, connection } = exchange;
  return {
    kind: 'fault',
    fault,
    detail,
    latencyMs,
    phases,
    ...(connection ? { evidence: { address: connection.address } } : {}),
  };
}

const FAULT_OF_END: Readonly<Record<Exclude<HttpEnd['kind'], 'answered'>, Fault>> = {
  failed: 'protocol',
  oversized: 'protocol',
  aborted: 'timeout',
};

/**
 * Undici's parser gives its errors a class but no code. A connection that the server closes is reset, unless it was
 * within an answer: then the answer is not one.
 */
function troubleOf({ error, begun }: Extract<HttpEnd, { kind: 'failed' }>): Trouble {
  if (error instanceof errors.HTTPParserError) return { kind: 'fault', fault: 'protocol', code: NOT_HTTP };
  const trouble = faultOf(error);
  if (!trouble) throw error;
  return begun && trouble.code === 'UND_ERR_SOCKET'
    ? { ...trouble, kind: 'fault', fault: 'protocol' }
    : trouble;
}

const NOT_HTTP = 'HTTP_PARSER';

const TEXTS: Readonly<Record<string, string>> = {
  [NOT_HTTP]: 'answer is not HTTP/1.1',
  UND_ERR_SOCKET: 'connection closed before the end of the answer',
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: 'body shorter or longer than announced',
  UND_ERR_HEADERS_OVERFLOW: 'headers too large',
  UND_ERR_DESTROYED: 'ended with the probe',
};

function describe(end: HttpEnd, trouble: Trouble | undefined): string {
  if (end.kind === 'aborted') return 'timeout';
  if (end.kind === 'oversized') return 'body larger than the limit';
  return TEXTS[trouble?.code ?? ''] ?? trouble?.code ?? end.kind;
}

function whereOf({ phase, latencyMs }: HttpExchange): string {
  return `${phase ? ` in ${phase}` : ''} after ${Math.round(latencyMs)} ms`;
}

const DAY_MS = 86_400_000;

function answerOf(
  exchange: HttpExchange,
  response: HttpResponse,
  subject: HttpSubject,
  nowMs: number,
): Reading {
  const { latencyMs, phases, connection } = exchange;
  const values: Record<string, Value> = { status: response.status, bodyBytes: response.bodyBytes };
  if (connection) {
    values['address'] = connection.address;
    if (connection.httpVersion !== undefined) values['httpVersion'] = connection.httpVersion;
    if (connection.tlsVersion !== undefined) values['tlsVersion'] = connection.tlsVersion;
    if (connection.certificateEndsMs !== undefined)
      values['certificateDaysLeft'] = Math.floor((connection.certificateEndsMs - nowMs) / DAY_MS);
  }
  for (const [name, value] of Object.entries(subject.extractor.extract(response)))
    values[name] = redactValue(value, subject.secrets);
  return { kind: 'answer', latencyMs, phases, values, evidence: evidenceOf(response, subject.secrets) };
}

/** Headers by which the other side finds the request in its own records. */
const REQUEST_ID_HEADERS: readonly string[] = [
  'x-request-id',
  'x-correlation-id',
  'x-amz-request-id',
  'x-amz-id-2',
  'x-amzn-requestid',
  'x-openstack-request-id',
  'x-trans-id',
];

const EVIDENCE_LENGTH = 128;

function evidenceOf({ status, headers }: HttpResponse, secrets: readonly string[]): Evidence {
  const evidence: Record<string, string | number> = { status };
  for (const name of REQUEST_ID_HEADERS) {
    const id = firstOf(headers, name);
    if (id !== undefined) evidence[name] = redact(id, secrets).slice(0, EVIDENCE_LENGTH);
  }
  return evidence;
}

function firstOf(headers: IncomingHttpHeaders, name: string): string | undefined {
  const header = headers[name];
  return Array.isArray(header) ? header[0] : header;
}

function redactValue(value: Value, secrets: readonly string[]): Value {
  if (typeof value === 'string') return redact(value, secrets);
  return typeof value === 'object' ? value.map((text) => redact(text, secrets)) : value;
}

function redact(text: string, secrets: readonly string[]): string {
  return secrets.reduce((clean, secret) => clean.replaceAll(secret, '[secret]'), text);
}
