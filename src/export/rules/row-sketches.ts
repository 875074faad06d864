import { formatDuration } from '../../core/duration.ts';
import type { AlertLabels, AlertName } from './alert.ts';
import type { Comparison, Firing } from './condition.ts';
import { above, atLeast, atMost, below, is, memberFigures, type ThresholdName } from './member-figures.ts';
import type { KeptPair, RowPlan, Severity } from './row-plan.ts';
import { MEMBER } from './words.ts';

/**
 * An alert ends when no incident was seen for g = 3 slots, and k = 2 more that the next one takes to be believed: so a
 * flapping outage is told once.
 */
const CLOSE_AFTER_SLOTS = 5;
/** What a single outage does to the pace is told by others. */
const PACE_FOR_MS = 900_000;

/** What one rule is made of before its row's common parts are added. */
export interface Sketch {
  readonly name: AlertName;
  readonly severity: Severity;
  readonly all: readonly [Comparison, ...Comparison[]];
  readonly unless?: readonly Comparison[];
  readonly unlessFiring?: Firing;
  readonly isHeld?: boolean;
  readonly labels?: Partial<AlertLabels>;
  readonly forMs?: number;
  readonly keepMs?: number;
  readonly summary: string;
}

/** The alerts of a row by its type, as far as they differ. */
export function sketchesOf(plan: RowPlan): readonly Sketch[] {
  switch (plan.row.type) {
    case 'availability':
      return [incident(plan), ...budgetSketches(plan), breached(plan), flapping(plan)];
    case 'latency-bound':
      return [slowness(plan), ...budgetSketches(plan), breached(plan)];
    case 'sampled-share':
      return [shareLow(plan), breached(plan)];
    case 'durability':
      return [objectLost(plan)];
    case 'support':
    case 'none':
      return [];
  }
}

function incident(plan: RowPlan): Sketch {
  const { rules, incidentMs, intervalMs } = plan;
  const lasted = incidentMs > 0 ? ` for more than ${formatDuration(incidentMs)}` : '';
  return {
    name: 'VigieIncident',
    severity: 'page',
    all: [atLeast(memberFigures(rules).incidentBad, limit(plan, 'incident'))],
    isHeld: true,
    keepMs: CLOSE_AFTER_SLOTS * intervalMs,
    summary: `${MEMBER} is down${lasted}`,
  };
}

function slowness(plan: RowPlan): Sketch {
  const lasted = formatDuration(plan.incidentMs);
  return {
    ...incident(plan),
    name: 'VigieLatency',
    summary: `${MEMBER} is slower than promised for more than ${lasted}`,
  };
}

function budgetSketches(plan: RowPlan): readonly Sketch[] {
  const { rules } = plan;
  if (plan.budgetMs === 0) return [];
  const figures = memberFigures(rules);
  const open = is(figures.incidentOpen, 1);
  const isBreached = is(figures.breached, 1);
  const spent = atMost(figures.remainingRatio, limit(plan, 'pace-spent'));
  return [
    {
      name: 'VigieTimeToBreach',
      severity: 'page',
      all: [atMost(figures.timeToBreach, limit(plan, 'time-to-breach')), open],
      unless: [isBreached],
      labels: { escalate: 'true' },
      keepMs: CLOSE_AFTER_SLOTS * plan.intervalMs,
      summary: `${MEMBER}: the outage breaks the promise in {{ $value | humanizeDuration }}`,
    },
    ...plan.pairs.map((pair) => burn(plan, pair)),
    {
      name: 'VigieBudgetLow',
      severity: 'ticket',
      all: [atMost(figures.remainingRatio, limit(plan, 'budget-low'))],
      unless: [isBreached],
      summary: `${MEMBER}: {{ $value | humanizePercentage }} of the budget are left`,
    },
    {
      name: 'VigiePace',
      severity: 'ticket',
      all: [above(figures.pace, limit(plan, 'pace')), spent],
      unless: [isBreached],
      forMs: PACE_FOR_MS,
      summary: `${MEMBER} spends its budget {{ $value | humanize }} times as fast as the ${rules.period} goes by`,
    },
    ...(plan.hiddenMs === undefined ? [] : [hiddenDowntime(plan)]),
  ];
}

/** Told when several outages add up: one that is going on, or was told by itself just now, is not told again. */
function burn(plan: RowPlan, { long, short, percent, severity }: KeptPair): Sketch {
  const figures = memberFigures(plan.rules);
  const rate = { gauge: 'vigie_sla_burn_rate_threshold', row: plan.row.id, alert: `burn-${long}` } as const;
  const told: AlertName = plan.row.type === 'latency-bound' ? 'VigieLatency' : 'VigieIncident';
  return {
    name: 'VigieBudgetBurn',
    severity,
    all: [atLeast(figures.burnRate(long), rate), atLeast(figures.burnRate(short), rate)],
    unless: [is(figures.incidentOpen, 1)],
    unlessFiring: { alert: told, labels: { row: plan.row.id }, withinMs: WINDOW_MS[short] },
    // A short incident in between, or the next one, does not end it.
    keepMs: plan.incidentMs + CLOSE_AFTER_SLOTS * plan.intervalMs,
    labels: { window: long },
    summary: `${MEMBER} has spent more than ${percent} % of its budget within ${long}, in several outages`,
  };
}

const WINDOW_MS: Readonly<Record<KeptPair['short'], number>> = {
  '5m': 300_000,
  '30m': 1_800_000,
  '2h': 7_200_000,
  '6h': 21_600_000,
};

function hiddenDowntime(plan: RowPlan): Sketch {
  return {
    name: 'VigieHiddenDowntime',
    severity: 'ticket',
    all: [atLeast(memberFigures(plan.rules).rawDowntime, limit(plan, 'hidden-downtime'))],
    unless: [is(memberFigures(plan.rules).breached, 1)],
    summary: `${MEMBER} was down for {{ $value | humanizeDuration }}, more than its budget; deductions hide it`,
  };
}

function flapping(plan: RowPlan): Sketch {
  return {
    name: 'VigieFlapping',
    severity: 'ticket',
    all: [atLeast(memberFigures(plan.rules).incidentsOfDay, limit(plan, 'flapping'))],
    summary: `${MEMBER} has had {{ $value }} incidents within a day`,
  };
}

function breached({ rules }: RowPlan): Sketch {
  const what = `${MEMBER}: the promise is broken for this ${rules.period}, whatever was not seen`;
  return {
    name: 'VigieBreached',
    severity: 'ticket',
    all: [is(memberFigures(rules).breached, 1)],
    summary: what,
  };
}

function objectLost({ rules }: RowPlan): Sketch {
  const what = `${MEMBER}: an object is lost or altered`;
  return {
    name: 'VigieObjectLost',
    severity: 'page',
    all: [is(memberFigures(rules).breached, 1)],
    summary: what,
  };
}

function shareLow(plan: RowPlan): Sketch {
  const figures = memberFigures(plan.rules);
  return {
    name: 'VigieShareLow',
    severity: 'ticket',
    all: [
      below(figures.sampleShare, limit(plan, 'share')),
      atLeast(figures.sampleTests, limit(plan, 'tests')),
    ],
    unless: [is(figures.breached, 1)],
    summary: `${MEMBER}: only {{ $value | humanizePercentage }} of the tests were met`,
  };
}

function limit({ row }: RowPlan, alert: ThresholdName): Comparison['limit'] {
  return { gauge: 'vigie_alert_threshold', row: row.id, alert };
}
