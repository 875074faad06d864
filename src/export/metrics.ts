import { setImmediate } from 'node:timers/promises';
import type { Clock } from '../core/clock.ts';
import type { Verdict } from '../core/verdict.ts';
import type { LabelsOf } from './catalogue.ts';
import { createCheckSeries, type CheckSeries } from './check-series.ts';
import { createExpositionClient, type Rendering } from './exposition-client.ts';
import { createGaugeRows } from './gauge-rows.ts';
import type { PushResult } from './alerting/alertmanager.ts';
import { createPushSeries } from './push-series.ts';
import { negotiateFormat } from './negotiation.ts';
import type { MemberMaintenance } from './rules/maintenance.ts';
import type { LabelledMember } from './rules/member-labels.ts';
import type { AlertThreshold, ThresholdGauge } from './rules/thresholds.ts';
import { createSeriesTable } from './series.ts';
import { createVerdictSeries } from './verdict-series.ts';

/** A row of the contract, as `vigie_sla_info` tells it. */
export interface PromisedRow {
  readonly row: string;
  readonly clause: string;
  /** The percentage as the contract writes it; null where nothing is promised. */
  readonly target: string | null;
  /** What it promises, in words. */
  readonly promise: string;
  /** `month`, `year`, or empty where the row has none. */
  readonly period: string;
  /** Null when it cannot be known. */
  readonly eligible: boolean | null;
}

/** Until when the breach of a past period may be claimed. */
export interface ClaimDeadline {
  readonly row: string;
  readonly scope: string;
  /** The name of the period. */
  readonly period: string;
  readonly atMs: number;
}

/** Whether anything is heard of a vantage, and how many processes look from it. */
export interface HeardVantage {
  readonly vantage: string;
  readonly isHeard: boolean;
  readonly members: number;
}

/** One kind of support clock, of one severity. */
export interface ClockKind {
  readonly clock: 'gti' | 'gtr';
  readonly severity: number;
}

/** What the clocks of support tickets come to, by kind of clock and severity; all of them. */
export interface SupportFigures {
  /** The earliest deadline of those that are going on. */
  readonly deadlines: readonly (ClockKind & { readonly atMs: number })[];
  readonly clocks: readonly (ClockKind & { readonly state: string; readonly count: number })[];
  /** The largest share of its limit that one has used which is going on. */
  readonly elapsed: readonly (ClockKind & { readonly ratio: number })[];
  readonly warnings: readonly (ClockKind & { readonly count: number })[];
}

/**
 * The metrics of the process. What is told here costs the caller about a microsecond; prom-client keeps and renders
 * the series in a thread of its own, so that a scrape holds up no probe.
 */
export interface Metrics extends CheckSeries {
  /** The verdicts of an evaluation, all of them: members that are not among them are no longer exported. */
  judged(verdicts: readonly Verdict[]): void;
  /** The rows of the contract, all of them. */
  promised(rows: readonly PromisedRow[]): void;
  /** The thresholds of alerts, all of them. */
  thresholds(thresholds: readonly AlertThreshold[]): void;
  /** What row members are composed of, and the labels of alerts about them; all of them. */
  members(members: readonly LabelledMember[]): void;
  /** Which members are under declared maintenance, and which are not. */
  maintenance(members: readonly MemberMaintenance[]): void;
  /** Until when the breaches of past periods may be claimed, all of them. */
  claims(deadlines: readonly ClaimDeadline[]): void;
  /** How support clocks stand, all of them. */
  support(figures: SupportFigures): void;
  /** How many exclusions there are of each state. */
  exclusions(counts: readonly { readonly state: string; readonly count: number }[]): void;
  /** The configuration was read: it runs now (true), or was refused and the last good one goes on (false). */
  reloaded(ok: boolean): void;
  /** A request was made to an Alertmanager (`host:port`), with this result. */
  pushed(alertmanager: string, result: PushResult): void;
  /** The judge committed at this instant. */
  committed(atMs: number): void;
  /** Whether the window store takes writes. */
  windowUp(isUp: boolean): void;
  /** The archive of evidence holds everything up to this instant. */
  archived(atMs: number): void;
  /** How many observations wait locally for the window store. */
  spilled(slots: number): void;
  /** How many were lost, for want of room. */
  dropped(slots: number): void;
  /** Our clock less that of the window store, in milliseconds; null when it is not known. */
  clockOffset(ms: number | null): void;
  /** Whether this judge leads. */
  leading(leads: boolean): void;
  /** How the expected vantages stand, all of them. */
  vantages(vantages: readonly HeardVantage[]): void;
  /**
   * The exposition for a scraper that sent these headers. Everything told before the call is in it. Never rejects:
   * trouble is a value.
   */
  render(accept?: string, acceptEncoding?: string): Promise<Rendering>;
  /** Ends the thread. What is told afterwards is let go. */
  close(): Promise<void>;
}

/** What the metrics need. */
export interface MetricsOptions {
  readonly clock: Clock;
  /** The version of vigie. */
  readonly version: string;
  /** Told when the exposition thread crashed: a bug of ours. It is started anew at the next scrape. */
  readonly onCrash: (error: Error) => void;
  /** How long a scrape may take to render, in milliseconds; 8 s, below Prometheus' own 10 s, unless told. */
  readonly renderDeadlineMs?: number;
}

const RENDER_DEADLINE_MS = 8000;

/** Metrics with no series but those of the process; starts the exposition thread. */
export function createMetrics(options: MetricsOptions): Metrics {
  const { clock, version, onCrash, renderDeadlineMs: deadlineMs = RENDER_DEADLINE_MS } = options;
  const client = createExpositionClient({ clock, deadlineMs, onCrash });
  const table = createSeriesTable(handOver);
  const verdictSeries = createVerdictSeries(table);
  const info = createGaugeRows(table, 'vigie_sla_info');
  const burnRates = createGaugeRows(table, 'vigie_sla_burn_rate_threshold');
  const otherThresholds = createGaugeRows(table, 'vigie_alert_threshold');
  const memberInfo = createGaugeRows(table, 'vigie_sla_member_info');
  const memberChecks = createGaugeRows(table, 'vigie_sla_member_check');
  const maintenance = createGaugeRows(table, 'vigie_sla_maintenance');
  const claims = createGaugeRows(table, 'vigie_claim_deadline_timestamp_seconds');
  const deadlines = createGaugeRows(table, 'vigie_support_deadline_timestamp_seconds');
  const clocks = createGaugeRows(table, 'vigie_support_clocks');
  const elapsed = createGaugeRows(table, 'vigie_support_elapsed_ratio');
  const warnings = createGaugeRows(table, 'vigie_support_warnings');
  const exclusions = createGaugeRows(table, 'vigie_exclusions');
  const reloadOk = table.open('vigie_config_last_reload_successful', {});
  const reloadAt = table.open('vigie_config_last_reload_success_timestamp_seconds', {});
  const committedAt = table.open('vigie_judge_commit_timestamp_seconds', {});
  const windowUp = table.open('vigie_window_up', {});
  const archivedTo = createGaugeRows(table, 'vigie_evidence_archived_timestamp_seconds');
  const spillSlots = table.open('vigie_spill_slots', {});
  const droppedSlots = table.open('vigie_spill_dropped_slots', {});
  const clockOffset = table.open('vigie_window_clock_offset_seconds', {});
  const leading = table.open('vigie_judge_leading', {});
  const heard = createGaugeRows(table, 'vigie_vantage_heard');
  const vantageMembers = createGaugeRows(table, 'vigie_vantage_members');
  table.set(table.open('vigie_build_info', { version, node: process.version }), 1);
  table.set(table.open('process_start_time_seconds', {}), clock.wallMs() / 1000 - process.uptime());
  let latest: readonly Verdict[] = [];

  function handOver(): boolean {
    const batch = table.take();
    if (batch) client.post(batch);
    return batch !== undefined;
  }

  /** In slices, a turn of the loop between them: with tens of thousands of series the whole takes milliseconds. */
  async function handOverAll(): Promise<void> {
    for (const _slice of verdictSeries.judged(latest)) await setImmediate();
    while (handOver()) await setImmediate();
  }

  const render = shareWaiting(async (accept, acceptEncoding) => {
    if (client.revive()) table.resend();
    await handOverAll();
    return client.render(negotiateFormat(accept, acceptEncoding));
  });

  return {
    ...createCheckSeries(table),
    judged: (verdicts) => void (latest = verdicts),
    promised: (rows) => info(rows.map((row) => ({ labels: infoLabels(row), value: 1 }))),
    thresholds(rows) {
      burnRates(thresholdRows(rows, 'vigie_sla_burn_rate_threshold'));
      otherThresholds(thresholdRows(rows, 'vigie_alert_threshold'));
    },
    members(members) {
      memberInfo(members.map((member) => ({ labels: memberInfoLabels(member), value: 1 })));
      memberChecks(
        members.flatMap(({ row, scope, checks }) =>
          checks.map(({ id: check }) => ({ labels: { row, scope, check }, value: 1 })),
        ),
      );
    },
    maintenance: (members) =>
      maintenance(
        members.map(({ row, scope, isActive }) => ({ labels: { row, scope }, value: isActive ? 1 : 0 })),
      ),
    claims: (rows) => claims(rows.map(({ atMs, ...labels }) => ({ labels, value: atMs / 1000 }))),
    support(figures) {
      deadlines(
        figures.deadlines.map(({ atMs, ...kind }) => ({ labels: labelsOf(kind), value: atMs / 1000 })),
      );
      clocks(
        figures.clocks.map(({ state, count, ...kind }) => ({
          labels: { ...labelsOf(kind), state },
          value: count,
        })),
      );
      elapsed(figures.elapsed.map(({ ratio, ...kind }) => ({ labels: labelsOf(kind), value: ratio })));
      warnings(figures.warnings.map(({ count, ...kind }) => ({ labels: labelsOf(kind), value: count })));
    },
    exclusions: (counts) =>
      exclusions(counts.map(({ state, count }) => ({ labels: { state }, value: count }))),
    reloaded(ok) {
      table.set(reloadOk, ok ? 1 : 0);
      if (ok) table.set(reloadAt, clock.wallMs() / 1000);
    },
    pushed: createPushSeries(table),
    committed: (atMs) => table.set(committedAt, atMs / 1000),
    windowUp: (isUp) => table.set(windowUp, isUp ? 1 : 0),
    archived: (atMs) => archivedTo([{ labels: {}, value: atMs / 1000 }]),
    spilled: (slots) => table.set(spillSlots, slots),
    dropped: (slots) => table.set(droppedSlots, slots),
    clockOffset: (ms) => table.set(clockOffset, ms === null ? null : ms / 1000),
    leading: (leads) => table.set(leading, leads ? 1 : 0),
    vantages(vantages) {
      heard(vantages.map(({ vantage, isHeard }) => ({ labels: { vantage }, value: isHeard ? 1 : 0 })));
      vantageMembers(vantages.map(({ vantage, members }) => ({ labels: { vantage }, value: members })));
    },
    render,
    close: () => client.close(),
  };
}

function labelsOf({ clock, severity }: ClockKind) {
  return { clock, severity: String(severity) };
}

function memberInfoLabels({ row, scope, labels }: LabelledMember): LabelsOf<'vigie_sla_member_info'> {
  const { clause, level, subregion = '', budget = '' } = labels;
  return { row, scope, clause, level, subregion, budget };
}

function infoLabels(row: PromisedRow): LabelsOf<'vigie_sla_info'> {
  return {
    row: row.row,
    clause: row.clause,
    period: row.period,
    target: row.target ?? '',
    promise: row.promise,
    eligible: String(row.eligible ?? 'unknown'),
  };
}

function thresholdRows(rows: readonly AlertThreshold[], wanted: ThresholdGauge) {
  return rows
    .filter(({ gauge }) => gauge === wanted)
    .map(({ row, alert, value }) => ({ labels: { row, alert }, value }));
}

type Render = Metrics['render'];

/**
 * One rendering at a time. Scrapers with the same wishes that wait for their turn share the next rendering: however
 * many there are, at most one waits per format, and each sees all that was told before it asked.
 */
function shareWaiting(render: Render): Render {
  const waiting = new Map<string, Promise<Rendering>>();
  let last: Promise<unknown> = Promise.resolve();
  return (accept, acceptEncoding) => {
    const key = JSON.stringify(negotiateFormat(accept, acceptEncoding));
    const shared = waiting.get(key);
    if (shared) return shared;
    const next = last.then(() => {
      waiting.delete(key);
      return render(accept, acceptEncoding);
    });
    waiting.set(key, next);
    last = next.catch(() => undefined);
    return next;
  };
}

export type { Rendering };
