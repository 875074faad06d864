import { type SampleFigures, VERDICT_STATES, type Verdict } from '../core/verdict.ts';
import type { LabelsOf, MetricName } from './catalogue.ts';
import type { Series, SeriesTable } from './series.ts';

type Member = Pick<Verdict, 'row' | 'scope' | 'reading'>;

/** Metrics whose labels are those of a member and no more. */
type MemberMetric = {
  [N in MetricName]: [keyof LabelsOf<N>, keyof Member] extends [keyof Member, keyof LabelsOf<N>] ? N : never;
}[MetricName];

/** One series that every row member has, and where its value comes from: null where it is not known. */
export interface Column {
  readonly metric: MetricName;
  /** Its labels besides those of the member. */
  readonly labels: Readonly<Record<string, string>>;
  open(table: SeriesTable, member: Member): Series;
  valueOf(verdict: Verdict): number | null;
}

/** The series of a row member, those of windows and causes apart. */
export const VERDICT_COLUMNS: readonly Column[] = [
  ...VERDICT_STATES.map((state): Column => ({
    metric: 'vigie_sla_state',
    labels: { state },
    open: (table, member) => table.open('vigie_sla_state', { ...member, state }),
    valueOf: (verdict) => (verdict.state === state ? 1 : 0),
  })),
  availability('to_date', ({ availability }) => availability.toDate),
  availability('best_achievable', ({ availability }) => availability.bestAchievable),
  availability('worst', ({ availability }) => availability.worst),
  downtime('best', ({ downtimeMs }) => downtimeMs.best),
  downtime('estimate', ({ downtimeMs }) => downtimeMs.estimate),
  downtime('worst', ({ downtimeMs }) => downtimeMs.worst),
  downtime('raw', ({ downtimeMs }) => downtimeMs.raw),
  downtime('excluded', ({ excludedMs }) => excludedMs),
  downtime('unknown', ({ unknownMs }) => unknownMs),
  figure('vigie_sla_budget_seconds', ({ budgetMs }) => seconds(budgetMs)),
  figure('vigie_sla_budget_remaining_seconds', ({ remainingMs }) => seconds(remainingMs)),
  figure('vigie_sla_time_to_breach_seconds', ({ timeToBreachMs }) => seconds(timeToBreachMs)),
  figure('vigie_sla_incident_open', ({ openIncident }) => (openIncident ? 1 : 0)),
  figure('vigie_sla_incident_since_timestamp_seconds', ({ openIncident }) =>
    seconds(openIncident?.fromMs ?? null),
  ),
  figure('vigie_sla_incident_bad_seconds', ({ openIncident }) => seconds(openIncident?.badMs ?? null)),
  figure('vigie_sla_budget_remaining_ratio', remainingRatio),
  figure('vigie_sla_pace_ratio', ({ pace }) => pace),
  figure('vigie_sla_contested_seconds', ({ contestedMs }) => seconds(contestedMs)),
  incidents('1d', begunWithinDay),
  incidents('period', (verdict) => verdict.incidents.length),
  sample('share', ({ share }) => share),
  sample('lower', ({ lower }) => lower),
  sample('upper', ({ upper }) => upper),
  figure('vigie_sla_sample_tests', ({ sample: figures }) => figures?.tests ?? null),
];

const DAY_MS = 86_400_000;

function begunWithinDay({ incidents: all, atMs }: Verdict): number {
  const firstOlder = all.findLastIndex(({ fromMs }) => fromMs <= atMs - DAY_MS);
  return all.length - 1 - firstOlder;
}

function remainingRatio({ remainingMs, budgetMs }: Verdict): number | null {
  return remainingMs === null || budgetMs === null || budgetMs === 0 ? null : remainingMs / budgetMs;
}

function incidents(window: string, valueOf: (verdict: Verdict) => number): Column {
  return {
    metric: 'vigie_sla_incidents',
    labels: { window },
    open: (table, member) => table.open('vigie_sla_incidents', { ...member, window }),
    valueOf,
  };
}

function sample(bound: string, valueOf: (figures: SampleFigures) => number | null): Column {
  return {
    metric: 'vigie_sla_sample_ratio',
    labels: { bound },
    open: (table, member) => table.open('vigie_sla_sample_ratio', { ...member, bound }),
    valueOf: ({ sample: figures }) => (figures ? valueOf(figures) : null),
  };
}

function availability(estimate: string, ratioOf: (verdict: Verdict) => string | null): Column {
  return {
    metric: 'vigie_sla_availability_ratio',
    labels: { estimate },
    open: (table, member) => table.open('vigie_sla_availability_ratio', { ...member, estimate }),
    valueOf(verdict) {
      const ratio = ratioOf(verdict);
      return ratio === null ? null : Number(ratio);
    },
  };
}

function downtime(bound: string, msOf: (verdict: Verdict) => number): Column {
  return {
    metric: 'vigie_sla_downtime_seconds',
    labels: { bound },
    open: (table, member) => table.open('vigie_sla_downtime_seconds', { ...member, bound }),
    valueOf: (verdict) => msOf(verdict) / 1000,
  };
}

function figure(metric: MemberMetric, valueOf: (verdict: Verdict) => number | null): Column {
  return { metric, labels: {}, open: (table, member) => table.open(metric, member), valueOf };
}

function seconds(ms: number | null): number | null {
  return ms === null ? null : ms / 1000;
}
