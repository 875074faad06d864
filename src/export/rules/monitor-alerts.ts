import { leadingReading } from '../../contract/rules.ts';
import type { MetricName } from '../catalogue.ts';
import type { AlertGroup, AlertLabels, AlertName, AlertRule } from './alert.ts';
import type { Comparison, Condition, Figure, Limit } from './condition.ts';
import { above, below, is } from './member-figures.ts';
import type { Severity } from './row-plan.ts';
import type { AlertingSetup } from './setup.ts';
import { MEMBER } from './words.ts';

const MINUTE_MS = 60_000;

/** What one rule of the monitor is made of. */
interface Sketch {
  readonly name: AlertName;
  readonly severity: Severity | 'none';
  readonly condition: Condition;
  readonly forMinutes: number;
  readonly labels?: Partial<AlertLabels>;
  readonly summary: string;
  readonly description: string;
}

/** The alerts that tell when vigie itself does not see, judge or remember as it should. */
export function monitorGroup(setup: AlertingSetup): AlertGroup {
  const sketches = [
    ...PROCESS_SKETCHES,
    ...coverageSketches(leadingReading(setup.contract)),
    ...setup.vantages.map(vantageBlind),
  ];
  return { name: 'vigie-monitor', rules: sketches.map((sketch) => finish(sketch, setup.region)) };
}

function finish(
  { name, severity, condition, forMinutes, labels, ...texts }: Sketch,
  region: string,
): AlertRule {
  return {
    name,
    labels: { severity, kind: 'monitor', region, ...labels },
    condition,
    forMs: forMinutes * MINUTE_MS,
    keepMs: 0,
    texts,
  };
}

function figures(all: readonly [Comparison, ...Comparison[]]): Condition {
  return { kind: 'figures', all, unless: [] };
}

function gauge(metric: MetricName, fold: Figure['fold'], as?: Figure['as']): Figure {
  return { metric, where: {}, by: [], fold, ...(as && { as }) };
}

function limit(alert: string): Limit {
  return { gauge: 'vigie_alert_threshold', row: '', alert };
}

function coverageSketches(reading: string): readonly Sketch[] {
  const coverage = (window: string): Figure => ({
    metric: 'vigie_sla_coverage_ratio',
    where: { reading, window },
    by: ['row', 'scope'],
    fold: 'max',
  });
  const watched: Figure = { metric: 'vigie_sla_member_check', where: {}, by: ['row', 'scope'], fold: 'max' };
  return [
    {
      name: 'VigieBlind',
      severity: 'page',
      condition: figures([below(coverage('5m'), limit('blind-coverage')), is(watched, 1)]),
      forMinutes: 5,
      summary: `vigie does not see ${MEMBER}`,
      description:
        'Of the last 5 minutes only {{ $value | humanizePercentage }} were seen by enough vantages. An outage that began ' +
        'now would not be told. What is not seen counts in the worst case alone, never as downtime.',
    },
    {
      name: 'VigieCoverageLow',
      severity: 'ticket',
      condition: figures([below(coverage('1h'), limit('low-coverage')), is(watched, 1)]),
      forMinutes: 60,
      summary: `vigie has seen ${MEMBER} for only {{ $value | humanizePercentage }} of the last hour`,
      description: 'What is not seen makes the verdict undecided: a breach in that time could not be proved.',
    },
  ];
}

/** A vantage is an expected one: that nothing is heard of it at all is the very trouble. */
function vantageBlind(vantage: string): Sketch {
  return {
    name: 'VigieVantageBlind',
    severity: 'ticket',
    condition: {
      kind: 'silent',
      metric: 'vigie_probe_observations_total',
      where: { vantage },
      overMinutes: 5,
    },
    forMinutes: 5,
    labels: { vantage },
    summary: `nothing is observed from ${vantage}`,
    description: `For minutes no observation has come from the vantage ${vantage}. The others decide alone while they are enough.`,
  };
}

const PROCESS_SKETCHES: readonly Sketch[] = [
  {
    name: 'VigieDown',
    severity: 'page',
    condition: { kind: 'missing', metric: 'vigie_build_info' },
    forMinutes: 2,
    summary: 'no vigie is running, or none is scraped',
    description: 'Nothing is watched, or nothing that is seen reaches Prometheus. No outage would be told.',
  },
  {
    name: 'VigieJudgeStale',
    severity: 'page',
    condition: figures([
      above(gauge('vigie_judge_commit_timestamp_seconds', 'max', 'age'), limit('judge-stale')),
    ]),
    forMinutes: 1,
    summary: 'the judge has stored nothing for {{ $value | humanizeDuration }}',
    description: 'Verdicts, budgets and incidents stand still. What the probes see is kept and judged later.',
  },
  {
    name: 'VigieWindowDown',
    severity: 'page',
    condition: figures([is(gauge('vigie_window_up', 'min'), 0)]),
    forMinutes: 2,
    summary: 'the window store takes no writes',
    description: 'What is seen is not kept, or only locally, and verdicts stand still.',
  },
  {
    name: 'VigieSpilling',
    severity: 'ticket',
    condition: figures([above(gauge('vigie_spill_slots', 'sum'), 0)]),
    forMinutes: 10,
    summary: '{{ $value }} observations wait for the window store',
    description: 'They are kept on the local disk and handed over when the store is back.',
  },
  {
    name: 'VigieClockOff',
    severity: 'ticket',
    condition: figures([
      above(
        {
          metric: 'vigie_schedule_holes_total',
          where: { reason: 'clock-skew' },
          by: ['vantage'],
          fold: 'sum',
          as: { growthOverMinutes: 10 },
        },
        0,
      ),
    ]),
    forMinutes: 5,
    summary: 'the clock of {{ $labels.vantage }} is wrong',
    description: 'Slots of this vantage are left out, because they could not be put at the right instant.',
  },
  {
    name: 'VigieReloadFailed',
    severity: 'ticket',
    condition: figures([is(gauge('vigie_config_last_reload_successful', 'min'), 0)]),
    forMinutes: 5,
    summary: 'a changed configuration was refused',
    description: 'The last good one goes on. `vigie check FILE` says what is wrong, and the log did.',
  },
  {
    name: 'VigieWatchdog',
    severity: 'none',
    condition: { kind: 'always' },
    forMinutes: 0,
    summary: 'alerting works',
    description: 'Always firing: when it stops coming, Prometheus or Alertmanager is down.',
  },
];
