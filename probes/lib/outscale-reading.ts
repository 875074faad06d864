import type { ValueSpec } from '../../src/core/probe.ts';
import type { Evidence, Reading, Value } from '../../src/core/reading.ts';
import { type OutscaleAnswered, toldBy } from './outscale-result.ts';

/** Values that every call to the provider's API has. */
export const OUTSCALE_VALUES = {
  status: { type: 'number', summary: 'HTTP status of the answer.', cause: 'status' },
  platformThrottle: {
    type: 'boolean',
    summary: 'Whether the provider throttles the whole platform: 503 with code 6.',
    cause: 'platform-throttle',
  },
  wellFormed: {
    type: 'boolean',
    summary: 'Whether the body is whole and of the shape that the service gives.',
    cause: 'content',
  },
  errorCode: { type: 'string', summary: "The provider's code of an error, like 4120.", cause: 'content' },
  errorType: { type: 'string', summary: 'The class of an error, like AccessDenied.', cause: 'content' },
  requestId: {
    type: 'string',
    summary: 'What the provider finds the call by in its own records.',
    cause: 'content',
  },
  clockAhead: {
    type: 'number',
    summary: 'Milliseconds by which our clock is ahead of the Date of the answer, right to a second.',
    cause: 'offset',
  },
  bodyBytes: { type: 'number', summary: 'Length of the body in bytes.', cause: 'content' },
  address: { type: 'string', summary: 'The IP address connected to.', cause: 'unexpected' },
  httpVersion: { type: 'string', summary: 'Version that the server answered in.', cause: 'unexpected' },
  tlsVersion: { type: 'string', summary: 'Version of TLS, like TLSv1.3.', cause: 'unexpected' },
  certificateDaysLeft: {
    type: 'number',
    summary: 'Whole days until the certificate ends; negative once it has.',
    cause: 'certificate',
  },
} as const satisfies Record<string, ValueSpec>;

/**
 * The reading of an answer; `values` are those that the probe adds. A refusal is excluded with its cause, a refusal
 * of our credentials or of our clock is blind, all else is for the expectations to judge.
 */
export function readingOfAnswer(
  { answer, meaning, seen, label, clockAheadMs }: OutscaleAnswered,
  values: Readonly<Record<string, Value>> = {},
): Reading {
  const told = short(`${label}: ${toldBy(answer)}`, DETAIL_LENGTH);
  if (meaning.kind === 'blind') return { kind: 'blind', blind: meaning.blind, detail: blindDetail() };
  const { error, requestId, wellFormed } = answer;
  return {
    ...seen,
    values: {
      ...seen.values,
      platformThrottle: meaning.kind === 'platform-throttle',
      wellFormed,
      ...(error ? { errorCode: short(error.code), errorType: short(error.type) } : {}),
      ...(requestId === undefined ? {} : { requestId: short(requestId) }),
      ...(clockAheadMs === undefined ? {} : { clockAhead: clockAheadMs }),
      ...values,
    },
    evidence: evidence(),
    ...(meaning.kind === 'refused' ? { refusal: meaning.refusal } : {}),
    ...(meaning.kind === 'served' ? {} : { detail: told }),
  };

  function evidence(): Evidence {
    return {
      ...seen.evidence,
      ...(error ? { errorCode: short(error.code) } : {}),
      ...(requestId === undefined ? {} : { requestId: short(requestId) }),
    };
  }

  function blindDetail(): string {
    if (meaning.kind !== 'blind' || meaning.blind !== 'clock-skew' || clockAheadMs === undefined) return told;
    return `${told}; our clock is ${Math.round(clockAheadMs / 1_000)} s ahead of the provider's`;
  }
}

const DETAIL_LENGTH = 200;
const VALUE_LENGTH = 128;

/** A text of the server's on one line, cut when long. */
function short(text: string, length = VALUE_LENGTH): string {
  const line = text.replace(/\p{Cc}/gu, ' ');
  return line.length > length ? `${line.slice(0, length)}…` : line;
}
