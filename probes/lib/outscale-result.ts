import type { Answer, Reading } from '../../src/core/reading.ts';
import type { HttpExchange, HttpResponse } from './http-exchange.ts';
import { createExtractor } from './http-extract.ts';
import { readingOf } from './http-reading.ts';
import { decodeAnswer, type OutscaleAnswer } from './outscale-answer.ts';
import type { SignatureFate } from './outscale-gate.ts';
import { meaningOf, type OutscaleMeaning } from './outscale-meaning.ts';
import type { OutscaleRequest } from './outscale-request.ts';

/** A call that the provider answered, whatever it answered. */
export interface OutscaleAnswered {
  readonly kind: 'answered';
  readonly answer: OutscaleAnswer;
  readonly meaning: OutscaleMeaning;
  /** The exchange as the `http` probe reads it: latency, phases, status, address, TLS. */
  readonly seen: Answer;
  /** What was called, for people. */
  readonly label: string;
  /** Our wall clock less the answer's `Date`, in milliseconds, right to a second. */
  readonly clockAheadMs: number | undefined;
}

/** What came of a call: an answer, or a reading that says why there is none. */
export type OutscaleResult = OutscaleAnswered | { readonly kind: 'unanswered'; readonly reading: Reading };

const EXTRACTS_NOTHING = createExtractor({});

/**
 * What an exchange came to. `nowMs` is our wall clock; `secrets` are taken out of whatever the other side says.
 * Throws an error that the table of faults does not know: a bug of ours.
 */
export function resultOf(
  result: HttpExchange,
  { label, answers }: OutscaleRequest,
  { signed, secrets }: { readonly signed: boolean; readonly secrets: readonly string[] },
  nowMs: number,
): OutscaleResult {
  const seen = readingOf(result, { label, secrets, extractor: EXTRACTS_NOTHING }, nowMs);
  if (seen.kind !== 'answer' || result.end.kind !== 'answered') return { kind: 'unanswered', reading: seen };
  const { response } = result.end;
  const redact = (told: string): string =>
    secrets.reduce((clean, secret) => clean.replaceAll(secret, '[secret]'), told);
  const headerId = response.headers['x-request-id'] ?? response.headers['x-amzn-requestid'];
  const answer = decodeAnswer(
    {
      status: response.status,
      text: redact(response.body.toString('utf8')),
      headerId: headerId === undefined ? undefined : redact(String(headerId)),
    },
    answers,
  );
  const clockAheadMs = clockAhead(response, nowMs);
  const meaning = meaningOf({ status: answer.status, code: answer.error?.code, signed, clockAheadMs });
  return { kind: 'answered', answer, meaning, seen, label, clockAheadMs };
}

function clockAhead({ headers }: HttpResponse, nowMs: number): number | undefined {
  const dateMs = Date.parse(headers.date ?? '');
  return Number.isNaN(dateMs) ? undefined : nowMs - dateMs;
}

/**
 * What an answer says of the signature of its call. Only one that looked at the call itself proves it: a refusal for
 * the rate may come before the signature is looked at.
 */
export function fateOf(result: OutscaleResult): SignatureFate {
  if (result.kind === 'unanswered') return { kind: 'unknown' };
  const { meaning, answer } = result;
  if (meaning.kind === 'blind') return { kind: 'refused', blind: meaning.blind, told: toldBy(answer) };
  const looked = meaning.kind === 'served' || (meaning.kind === 'failed' && answer.status < 500);
  return { kind: looked && answer.wellFormed ? 'accepted' : 'unknown' };
}

/** An answer in a few words, for people: `401 1 AccessDenied, request 0475ca1e-…`. */
export function toldBy({ status, error, requestId }: OutscaleAnswer): string {
  const words = [String(status), error?.code ?? '', error?.type ?? '']
    .filter((word) => word !== '')
    .join(' ');
  return requestId === undefined ? words : `${words}, request ${requestId}`;
}
