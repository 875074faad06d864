import type { Blind, Refusal } from '../../src/core/cause.ts';

/** What an answer of the provider says of its service. */
export type OutscaleMeaning =
  /** The call was carried out; so was a dry run that would have been. */
  | { readonly kind: 'served' }
  /** It would not serve us, by our own doing. */
  | { readonly kind: 'refused'; readonly refusal: Refusal }
  /** It would not serve anyone at such a rate: neither ours nor, under every reading, the provider's. */
  | { readonly kind: 'platform-throttle' }
  /** It said no to us for what we are, so that we can't see how it serves others. */
  | { readonly kind: 'blind'; readonly blind: Blind }
  /** It did not carry out the call: an error of its own, or one of the call's parameters. */
  | { readonly kind: 'failed' };

/** What is decided by. */
export interface OutscaleFacts {
  readonly status: number;
  /** The provider's code; undefined when the body has none. */
  readonly code: string | undefined;
  readonly signed: boolean;
  /** Our wall clock less the `Date` of the answer, in milliseconds; undefined without one. */
  readonly clockAheadMs: number | undefined;
}

/** A signature's date may be this far from the provider's clock, in milliseconds. */
export const LARGEST_SKEW_MS = 300_000;

const THROTTLE_WORDS = [
  'Throttling',
  'ThrottlingException',
  'RequestLimitExceeded',
  'RequestThrottled',
  'SlowDown',
  'TooManyRequests',
  'DuplicateRequest',
];
const EXPIRED_WORDS = ['RequestExpired', 'RequestTimeTooSkewed'];
const CREDENTIALS_WORDS = [
  'AccessDenied',
  'AuthFailure',
  'IncompleteSignature',
  'InvalidAccessKeyId',
  'InvalidClientTokenId',
  'MissingAuthenticationToken',
  'OptInRequired',
  'SignatureDoesNotMatch',
  'UnauthorizedOperation',
];

/** Statuses and codes that a rule speaks of; what is not said may be anything. */
interface Rule {
  readonly statuses?: readonly number[];
  readonly codes?: readonly string[];
  readonly meaning: OutscaleMeaning;
}

const CREDENTIALS: OutscaleMeaning = { kind: 'blind', blind: 'credentials' };
const CLOCK_SKEW: OutscaleMeaning = { kind: 'blind', blind: 'clock-skew' };
const SERVED: OutscaleMeaning = { kind: 'served' };

/**
 * The first that fits decides. Numbers are OAPI's (docs.outscale.com/api-errors.html), words those of the AWS-style
 * services. 4120 is an unknown key, or one of another region. A 401 is about who asks whatever its body, a 403 only
 * with a code of the provider's; a 429 is about our own rate whatever its body (RFC 6585 §4).
 */
const RULES: readonly Rule[] = [
  { statuses: [503], codes: ['6', ...THROTTLE_WORDS], meaning: { kind: 'platform-throttle' } },
  { statuses: [429], meaning: { kind: 'refused', refusal: 'throttled' } },
  { statuses: [400, 403, 409], codes: THROTTLE_WORDS, meaning: { kind: 'refused', refusal: 'throttled' } },
  { statuses: [401], codes: ['11', '13'], meaning: { kind: 'refused', refusal: 'locked' } },
  { statuses: [400, 401, 403], codes: EXPIRED_WORDS, meaning: CLOCK_SKEW },
  { statuses: [400, 403], codes: ['4120', '8', '10', ...CREDENTIALS_WORDS], meaning: CREDENTIALS },
  { statuses: [401], meaning: CREDENTIALS },
  { statuses: [412], codes: ['DryRunOperation'], meaning: SERVED },
];

/**
 * What an answer means. A refusal of our signature is put down to our clock when that is off by more than the
 * provider allows; and so is an answer to an unsigned call, of which we could not say when it was. An error of the
 * provider's own stays one, however wrong our clock is.
 */
export function meaningOf({ status, code, signed, clockAheadMs }: OutscaleFacts): OutscaleMeaning {
  const skewed = Math.abs(clockAheadMs ?? 0) > LARGEST_SKEW_MS;
  const rule = RULES.find(
    ({ statuses, codes }) =>
      (!statuses || statuses.includes(status)) && (!codes || (code !== undefined && codes.includes(code))),
  );
  if (rule?.meaning === CREDENTIALS && skewed) return CLOCK_SKEW;
  if (rule) return rule.meaning;
  if (status < 200 || status > 299) return { kind: 'failed' };
  return skewed && !signed ? CLOCK_SKEW : SERVED;
}
