/** The ways in which a service of the box can be broken; the first is the one that is meant when none is named. */
export const BOX_FAULTS = ['down', 'silent', 'slow', 'wrong'] as const;
export type BoxFault = (typeof BOX_FAULTS)[number];

/** How much later than usual a slow service answers. */
export const SLOW_MS = 700;

/** What a client meets under each fault, in words for people. */
export const FAULT_MEANINGS: Readonly<Record<BoxFault, string>> = {
  down: 'the port is closed: connections are refused',
  silent: 'requests are taken and never answered',
  slow: `answers come ${SLOW_MS} ms late`,
  wrong: 'answers come at once and are errors',
};
