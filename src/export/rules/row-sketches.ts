import type { AlertLabels, AlertName } from './alert.ts';
import type { Comparison, Firing } from './condition.ts';
import { above, atLeast, atMost, below, is, memberFigures, type ThresholdName } from './member-figures.ts';
import { pairsOf, type RowFamily } from './row-family.ts';
import { type BurnPair, INCIDENT_AT_MOST_MS, type RowPlan, type Severity } from './row-plan.ts';
import { MEMBER } from './words.ts';

/**
 * An alert ends when no incident was seen for g = 3 slots, and k = 2 more that the next one takes to be believed: so a
 * flapping outage is told once.
 */
const CLOSE_AFTER_SLOTS = 5;
/** A rate is known over a window of which at least this share was seen (sla-math §6). */
const KNOWN_FROM = 0.5;
/** What a single outage does to the pace is told by others. */
const PACE_FOR_MS = 900_000;

/** What one rule is made of before the common parts of its family are added. */
export interface Sketch {
  readonly name: AlertName;
  readonly severity: Severity;
  readonly all: readonly [Comparison, ...Comparison[]];
  readonly unless?: readonly Comparison[];
  readonly unlessFiring?: Firing;
  readonly isHeld?: boolean;
  /** While these hold, what it looks at is not known, and it goes on if it was firing. */
  readonly unknown?: readonly [Comparison, ...Comparison[]];
  readonly labels?: Partial<AlertLabels>;
  readonly forMs?: number;
  readonly keepMs?: number;
  readonly summary: string;
}

/** The alerts of a family by its type, as far as they differ. */
export function sketchesOf(family: RowFamily): readonly Sketch[] {
  switch (family.type) {
    case 'availability':
      return [incident(family), ...budgetSketches(family), breached(family), flapping(family)];
    case 'latency-bound':
      return [slowness(family), ...budgetSketches(family), breached(family)];
    case 'sampled-share':
      return [shareLow(family), breached(family)];
    case 'durability':
      return [objectLost(family)];
    case 'support':
    case 'none':
      return [];
  }
}

function incident(family: RowFamily): Sketch {
  return {
    name: 'VigieIncident',
    severity: 'page',
    all: [atLeast(memberFigures(family).incidentBad, limit('incident'))],
    isHeld: true,
    unless: [longUnseen(family)],
    keepMs: CLOSE_AFTER_SLOTS * family.intervalMs,
    summary: `${MEMBER} is down, for {{ $value | humanizeDuration }} so far`,
  };
}

function slowness(family: RowFamily): Sketch {
  return {
    ...incident(family),
    name: 'VigieLatency',
    summary: `${MEMBER} is slower than promised, for {{ $value | humanizeDuration }} so far`,
  };
}

/** Rows of a family without a threshold of an alert do not have it. */
function budgetSketches(family: RowFamily): readonly Sketch[] {
  const any = (has: (plan: RowPlan) => boolean): boolean => family.plans.some(has);
  if (!any(({ budgetMs }) => budgetMs > 0)) return [];
  return [
    timeToBreach(family),
    ...pairsOf(family).map((pair) => burn(family, pair)),
    budgetLow(family),
    pace(family),
    ...(any(({ hiddenMs }) => hiddenMs !== undefined) ? [hiddenDowntime(family)] : []),
  ];
}

function timeToBreach(family: RowFamily): Sketch {
  const figures = memberFigures(family);
  return {
    name: 'VigieTimeToBreach',
    severity: 'page',
    all: [atMost(figures.timeToBreach, limit('time-to-breach')), is(figures.incidentOpen, 1)],
    unless: [is(figures.breached, 1), longUnseen(family)],
    labels: { escalate: 'true' },
    keepMs: CLOSE_AFTER_SLOTS * family.intervalMs,
    summary: `${MEMBER}: the outage breaks the promise in {{ $value | humanizeDuration }}`,
  };
}

/** What was not seen freezes an alert as it stands, but for no longer than an hour: then blindness is told instead. */
function longUnseen(family: RowFamily): Comparison {
  return atMost(memberFigures(family).coverage('1h'), 0);
}

/** Told when several outages add up: one that is going on, or was told by itself just now, is not told again. */
function burn(family: RowFamily, { long, short, percent, severity }: BurnPair): Sketch {
  const figures = memberFigures(family);
  const rate = { gauge: 'vigie_sla_burn_rate_threshold', alert: `burn-${long}` } as const;
  const told: AlertName = family.type === 'latency-bound' ? 'VigieLatency' : 'VigieIncident';
  return {
    name: 'VigieBudgetBurn',
    severity,
    all: [atLeast(figures.burnRate(long), rate), atLeast(figures.burnRate(short), rate)],
    unknown: [below(figures.coverage(short), KNOWN_FROM), above(figures.coverage('1h'), 0)],
    unless: [is(figures.incidentOpen, 1)],
    unlessFiring: { alerts: [told], labels: {}, withinMs: WINDOW_MS[short] },
    // An incident in between that is too short to be told, or the next one, does not end it.
    keepMs: INCIDENT_AT_MOST_MS + CLOSE_AFTER_SLOTS * family.intervalMs,
    labels: { window: long },
    summary: `${MEMBER} has spent more than ${percent} % of its budget within ${long}, in several outages`,
  };
}

const WINDOW_MS: Readonly<Record<BurnPair['short'], number>> = {
  '5m': 300_000,
  '30m': 1_800_000,
  '2h': 7_200_000,
  '6h': 21_600_000,
};

function budgetLow(family: RowFamily): Sketch {
  const figures = memberFigures(family);
  return {
    name: 'VigieBudgetLow',
    severity: 'ticket',
    all: [atMost(figures.remainingRatio, limit('budget-low'))],
    unless: [is(figures.breached, 1)],
    summary: `${MEMBER}: {{ $value | humanizePercentage }} of the budget are left`,
  };
}

function pace(family: RowFamily): Sketch {
  const figures = memberFigures(family);
  return {
    name: 'VigiePace',
    severity: 'ticket',
    all: [above(figures.pace, limit('pace')), atMost(figures.remainingRatio, limit('pace-spent'))],
    unless: [is(figures.breached, 1)],
    forMs: PACE_FOR_MS,
    summary: `${MEMBER} spends its budget {{ $value | humanize }} times as fast as its period goes by`,
  };
}

function hiddenDowntime(family: RowFamily): Sketch {
  const figures = memberFigures(family);
  return {
    name: 'VigieHiddenDowntime',
    severity: 'ticket',
    all: [atLeast(figures.rawDowntime, limit('hidden-downtime'))],
    unless: [is(figures.breached, 1)],
    summary: `${MEMBER} was down for {{ $value | humanizeDuration }}, more than its budget; deductions hide it`,
  };
}

function flapping(family: RowFamily): Sketch {
  return {
    name: 'VigieFlapping',
    severity: 'ticket',
    all: [atLeast(memberFigures(family).incidentsOfDay, limit('flapping'))],
    summary: `${MEMBER} has had {{ $value }} incidents within a day`,
  };
}

function breached(family: RowFamily): Sketch {
  return {
    name: 'VigieBreached',
    severity: 'ticket',
    all: [is(memberFigures(family).breached, 1)],
    summary: `${MEMBER}: the promise is broken for this period, whatever was not seen`,
  };
}

function objectLost(family: RowFamily): Sketch {
  return {
    name: 'VigieObjectLost',
    severity: 'page',
    all: [is(memberFigures(family).breached, 1)],
    summary: `${MEMBER}: an object is lost or altered`,
  };
}

function shareLow(family: RowFamily): Sketch {
  const figures = memberFigures(family);
  return {
    name: 'VigieShareLow',
    severity: 'ticket',
    all: [below(figures.sampleShare, limit('share')), atLeast(figures.sampleTests, limit('tests'))],
    unless: [is(figures.breached, 1)],
    summary: `${MEMBER}: only {{ $value | humanizePercentage }} of the tests were met`,
  };
}

function limit(alert: ThresholdName): Comparison['limit'] {
  return { gauge: 'vigie_alert_threshold', alert };
}
