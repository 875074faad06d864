/** What can go wrong between us and the service, as the runtime tells it. Each makes a slot bad. */
export const FAULTS = ['resolve', 'refused', 'connect', 'tls', 'timeout', 'protocol', 'reset'] as const;

/** Why an answer that did arrive is not what was promised. Each makes a slot bad. */
export const UNMET = [
  'slow',
  'status',
  'content',
  'certificate',
  'rcode',
  'offset',
  'unsynchronised',
  'unexpected',
  'stale',
  'altered',
  'lost',
  'platform-throttle',
  'cannot-restart',
] as const;

/** Why a refusal is not the provider's doing. Each makes a slot excluded: out of every figure. */
export const REFUSALS = [
  'throttled',
  'locked',
  'no-backend',
  'client-stop',
  'not-restarted',
  'client-quota',
] as const;

/** Why we could not see. Each makes a slot absent: a hole of ours, never downtime. */
export const BLINDS = [
  'credentials',
  'clock-skew',
  'local-network',
  'local-resource',
  'loop-late',
  'skipped',
  'bug',
] as const;

export type Fault = (typeof FAULTS)[number];
export type Unmet = (typeof UNMET)[number];
export type Refusal = (typeof REFUSALS)[number];
export type Blind = (typeof BLINDS)[number];

/**
 * Causes that a bad or excluded observation may carry; a closed set, and a label of metrics. What blinds us is among
 * them for records of others, who may exclude a slot for their own credentials; our own probes leave a hole then.
 */
export const CAUSES = [...FAULTS, ...UNMET, ...REFUSALS, ...BLINDS] as const;
export type Cause = (typeof CAUSES)[number];

/** Whether a word names a cause of a bad or an excluded observation. */
export function isCause(word: string): word is Cause {
  return (CAUSES as readonly string[]).includes(word);
}
