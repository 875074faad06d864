import { setImmediate } from 'node:timers/promises';
import type { Clock } from '../core/clock.ts';
import type { Verdict } from '../core/verdict.ts';
import type { LabelsOf } from './catalogue.ts';
import { createCheckSeries, type CheckSeries } from './check-series.ts';
import { createExpositionClient, type Rendering } from './exposition-client.ts';
import { createGaugeRows } from './gauge-rows.ts';
import { negotiateFormat } from './negotiation.ts';
import { createSeriesTable } from './series.ts';
import { createVerdictSeries } from './verdict-series.ts';

/** A row of the contract, as `vigie_sla_info` tells it. */
export interface PromisedRow {
  readonly row: string;
  readonly clause: string;
  /** The percentage as the contract writes it; null where nothing is promised. */
  readonly target: string | null;
  /** `month`, `year`, or empty where the row has none. */
  readonly period: string;
  /** Null when it cannot be known. */
  readonly eligible: boolean | null;
}

/** The burn rate at which one alert of a row fires. */
export interface BurnRateThreshold {
  readonly row: string;
  readonly alert: string;
  readonly burnRate: number;
}

/** The earliest deadline among the open tickets of one severity. */
export interface SupportDeadline {
  readonly clock: 'gti' | 'gtr';
  readonly severity: number;
  readonly atMs: number;
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
  /** The thresholds of burn-rate alerts, all of them. */
  thresholds(thresholds: readonly BurnRateThreshold[]): void;
  /** The deadlines of open tickets, all of them. */
  deadlines(deadlines: readonly SupportDeadline[]): void;
  /** The configuration was read: it runs now (true), or was refused and the last good one goes on (false). */
  reloaded(ok: boolean): void;
  /** The judge committed at this instant. */
  committed(atMs: number): void;
  /** Whether the window store takes writes. */
  windowUp(isUp: boolean): void;
  /** How many observations wait locally for the window store. */
  spilled(slots: number): void;
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
  const thresholds = createGaugeRows(table, 'vigie_sla_burn_rate_threshold');
  const deadlines = createGaugeRows(table, 'vigie_support_deadline_timestamp_seconds');
  const reloadOk = table.open('vigie_config_last_reload_successful', {});
  const reloadAt = table.open('vigie_config_last_reload_success_timestamp_seconds', {});
  const committedAt = table.open('vigie_judge_commit_timestamp_seconds', {});
  const windowUp = table.open('vigie_window_up', {});
  const spillSlots = table.open('vigie_spill_slots', {});
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
    thresholds: (rows) =>
      thresholds(rows.map(({ row, alert, burnRate }) => ({ labels: { row, alert }, value: burnRate }))),
    deadlines: (rows) =>
      deadlines(
        rows.map(({ clock, severity, atMs }) => ({
          labels: { clock, severity: String(severity) },
          value: atMs / 1000,
        })),
      ),
    reloaded(ok) {
      table.set(reloadOk, ok ? 1 : 0);
      if (ok) table.set(reloadAt, clock.wallMs() / 1000);
    },
    committed: (atMs) => table.set(committedAt, atMs / 1000),
    windowUp: (isUp) => table.set(windowUp, isUp ? 1 : 0),
    spilled: (slots) => table.set(spillSlots, slots),
    render,
    close: () => client.close(),
  };
}

function infoLabels(row: PromisedRow): LabelsOf<'vigie_sla_info'> {
  return {
    row: row.row,
    clause: row.clause,
    period: row.period,
    target: row.target ?? '',
    eligible: String(row.eligible ?? 'unknown'),
  };
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
