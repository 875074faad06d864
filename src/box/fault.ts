/**
 * The ways in which a service of the box can be broken. Each service has some of them; its first is the one that is
 * meant when none is named.
 */
export const BOX_FAULTS = [
  'down',
  'silent',
  'slow',
  'wrong',
  'throttled',
  'stopped',
  'lost',
  'altered',
  'error',
] as const;
export type BoxFault = (typeof BOX_FAULTS)[number];

/** How much later than usual a slow service answers. */
export const SLOW_MS = 700;

/** What a client meets under each fault, in words for people, where a service does not say it in its own. */
export const FAULT_MEANINGS: Readonly<Record<BoxFault, string>> = {
  down: 'the port is closed: connections are refused',
  silent: 'requests are taken and never answered',
  slow: `answers come ${SLOW_MS} ms late`,
  wrong: 'answers come at once and are errors',
  throttled: 'everyone is throttled: 503 with code 6, which the readings of the contract take differently',
  stopped: 'a client stopped it: excluded, no downtime',
  lost: 'what was stored is not there any more',
  altered: 'what was stored is not what comes back',
  error: 'the provider says that it is in error',
};
