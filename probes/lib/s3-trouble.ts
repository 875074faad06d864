import type { Blind, Refusal } from '../../src/core/cause.ts';

/** What an error means when it is not the service's failure: our own keys or clock, or a limit that we ran into. */
export type OwnTrouble =
  /** `keyRefused`: the signature was not taken, which the service counts against the key. */
  | { readonly kind: 'blind'; readonly blind: Blind; readonly keyRefused: boolean }
  | { readonly kind: 'refusal'; readonly refusal: Refusal };

const KEY_REFUSED: OwnTrouble = { kind: 'blind', blind: 'credentials', keyRefused: true };
const NOT_ALLOWED: OwnTrouble = { kind: 'blind', blind: 'credentials', keyRefused: false };
const CLOCK_OFF: OwnTrouble = { kind: 'blind', blind: 'clock-skew', keyRefused: false };
const THROTTLED: OwnTrouble = { kind: 'refusal', refusal: 'throttled' };
const QUOTA: OwnTrouble = { kind: 'refusal', refusal: 'client-quota' };

const OWN_TROUBLES: ReadonlyMap<string, OwnTrouble> = new Map<string, OwnTrouble>([
  ['SignatureDoesNotMatch', KEY_REFUSED],
  ['InvalidAccessKeyId', KEY_REFUSED],
  ['AuthorizationHeaderMalformed', NOT_ALLOWED],
  ['InvalidToken', KEY_REFUSED],
  ['ExpiredToken', KEY_REFUSED],
  ['AccessDenied', NOT_ALLOWED],
  ['AccountProblem', NOT_ALLOWED],
  ['AllAccessDisabled', NOT_ALLOWED],
  ['InvalidSecurity', NOT_ALLOWED],
  ['NotSignedUp', NOT_ALLOWED],
  ['UserSuspended', NOT_ALLOWED],
  ['RequestTimeTooSkewed', CLOCK_OFF],
  ['RequestExpired', CLOCK_OFF],
  ['SlowDown', THROTTLED],
  ['TooManyRequests', THROTTLED],
  ['RequestLimitExceeded', THROTTLED],
  ['Throttling', THROTTLED],
  ['ThrottlingException', THROTTLED],
  ['BandwidthLimitExceeded', THROTTLED],
  ['QuotaExceeded', QUOTA],
]);

/**
 * Whether an answer is a matter of our own, by its error code and, where it has none, by its status: 429 is a throttle
 * whoever says it, 401 asks for other keys, and the 403 to a HEAD has no body that could say more; neither tells that
 * the signature was not taken.
 */
export function ownTrouble(method: string, status: number, code: string): OwnTrouble | undefined {
  if (status < 400) return undefined;
  if (code !== '') return OWN_TROUBLES.get(code) ?? (status === 429 ? THROTTLED : undefined);
  if (status === 429) return THROTTLED;
  return status === 401 || (status === 403 && method === 'HEAD') ? NOT_ALLOWED : undefined;
}
