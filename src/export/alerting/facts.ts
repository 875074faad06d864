import type { Verdict } from '../../core/verdict.ts';
import type { ClaimDeadline, ClockKind, SupportFigures } from '../metrics.ts';
import type { Figure } from '../rules/condition.ts';
import type { AlertThreshold, ThresholdGauge } from '../rules/thresholds.ts';
import { VERDICT_COLUMNS } from '../verdict-columns.ts';

/** Everything that alerts are made of, at one instant; what Prometheus knows of it from a scrape. */
export interface AlertFacts {
  readonly atMs: number;
  /** The verdict on a member under the reading that drives the alerts; undefined where there is none. */
  readonly verdictOf: (row: string, scope: string) => Verdict | undefined;
  /** Whether declared maintenance covers a member. */
  readonly isUnderMaintenance: (row: string, scope: string) => boolean;
  /** How support clocks stand: the largest shares of their limits that they have used, and how many are near them. */
  readonly support: Pick<SupportFigures, 'elapsed' | 'warnings'>;
  readonly claims: readonly ClaimDeadline[];
  readonly thresholdOf: ThresholdTable;
}

/** The value at which an alert fires; undefined where the row has no such alert. */
export type ThresholdTable = (gauge: ThresholdGauge, alert: string, row: string) => number | undefined;

/** What facts are put together from. */
export interface FactParts extends Pick<AlertFacts, 'atMs' | 'support' | 'claims' | 'thresholdOf'> {
  /** Those of every member under every reading, in the period that is going on. */
  readonly verdicts: readonly Verdict[];
  /** The reading that drives the alerts. */
  readonly reading: string;
  /** The members under declared maintenance, by {@link memberKey}. */
  readonly maintained: ReadonlySet<string>;
}

/** Facts of one evaluation. */
export function factsOf({ verdicts, reading, maintained, ...facts }: FactParts): AlertFacts {
  const current = new Map(
    verdicts
      .filter((verdict) => verdict.reading === reading)
      .map((verdict) => [memberKey(verdict.row, verdict.scope), verdict]),
  );
  return {
    ...facts,
    verdictOf: (row, scope) => current.get(memberKey(row, scope)),
    isUnderMaintenance: (row, scope) => maintained.has(memberKey(row, scope)),
  };
}

/** A member of a row as the key of a map. */
export function memberKey(row: string, scope: string): string {
  return `${row}\0${scope}`;
}

/** A table of thresholds, quick to ask. */
export function thresholdTable(thresholds: readonly AlertThreshold[]): ThresholdTable {
  const byAlert = Map.groupBy(thresholds, ({ gauge, alert }) => `${gauge}\0${alert}`);
  const byRow = new Map(
    byAlert.entries().map(([key, all]) => [key, new Map(all.map(({ row, value }) => [row, value]))]),
  );
  return (gauge, alert, row) => byRow.get(`${gauge}\0${alert}`)?.get(row);
}

/** What an alert is about: the labels by which its figures are told apart. */
export type Subject = Readonly<Record<string, string>>;

/** Something that alerts are decided for, and its verdict; undefined where there is none. */
export interface Decided {
  readonly subject: Subject;
  readonly verdict: Verdict | undefined;
}

/** Reads the value of a figure for a subject; null where it is not known. */
export type FigureReader = (facts: AlertFacts, decided: Decided) => number | null;

/** How a figure is read within the process. Undefined for a figure of the process itself: Prometheus alone tells it. */
export function readerOf(figure: Figure): FigureReader | undefined {
  const { metric, where, by, as } = figure;
  if (metric === 'vigie_support_elapsed_ratio')
    return ({ support }) => ofClock(support.elapsed, where)?.ratio ?? null;
  if (metric === 'vigie_support_warnings')
    return ({ support }) => ofClock(support.warnings, where)?.count ?? null;
  if (metric === 'vigie_claim_deadline_timestamp_seconds') return claimReader(as === 'time-left');
  if (!by.includes('row')) return undefined;
  if (metric === 'vigie_sla_member_check') return () => 1;
  if (metric === 'vigie_sla_maintenance')
    return (facts, { subject: { row = '', scope = '' } }) => (facts.isUnderMaintenance(row, scope) ? 1 : 0);
  const valueOf = verdictValue(figure);
  return (_, { verdict }) => (verdict ? valueOf(verdict) : null);
}

/** What is told of one kind of support clock. */
function ofClock<Told extends ClockKind>(all: readonly Told[], where: Figure['where']): Told | undefined {
  return all.find(
    ({ clock, severity }) => clock === where['clock'] && String(severity) === where['severity'],
  );
}

function claimReader(isTimeLeft: boolean): FigureReader {
  return ({ claims, atMs }, { subject: { row, scope, period } }) => {
    const claim = claims.find((one) => one.row === row && one.scope === scope && one.period === period);
    if (!claim) return null;
    return (isTimeLeft ? claim.atMs - atMs : claim.atMs) / 1000;
  };
}

function verdictValue({ metric, where }: Figure): (verdict: Verdict) => number | null {
  const { window = '' } = where;
  if (metric === 'vigie_sla_info')
    return ({ eligible }) => (where['eligible'] === String(eligible ?? 'unknown') ? 1 : null);
  if (metric === 'vigie_sla_burn_rate') return ({ rolling }) => rolling[window]?.burnRate ?? null;
  if (metric === 'vigie_sla_coverage_ratio') return ({ rolling }) => rolling[window]?.coverage ?? null;
  const column = VERDICT_COLUMNS.find(
    (one) =>
      one.metric === metric && Object.entries(one.labels).every(([label, text]) => where[label] === text),
  );
  if (!column) throw new Error(`no verdict has a figure ${metric}`);
  return (verdict) => column.valueOf(verdict);
}
