import type { Config } from '../config/config.ts';
import type { Check } from '../core/check.ts';
import type { LatencyAnswer, LatencyQuery, LatencySeries, LatencySource } from '../web/latency-source.ts';
import type { LatencySpan } from '../web/pages/page-sources.ts';
import type { LatencyStore } from '../window/latency-store.ts';
import { WindowStoreError } from '../window/store-error.ts';
import { latencyHistory } from './latency-history.ts';
import type { LatencyLog } from './latency-log.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** What a page shows of the period that goes on. */
const LATELY_MS = 7 * DAY_MS;
/** Lengths that a page may show stretches of, and how many of them at the most where there is a longer one. */
const STEPS_MS = [HOUR_MS, 3 * HOUR_MS, 6 * HOUR_MS, DAY_MS];
const MOST_POINTS = 400;
/** How many days of checks a page may have read. */
const MOST_CHECK_DAYS = 2_000;
/** How many stretches an answer may have, and how many hours may be read for it. */
const MOST_STRETCHES = 20_000;
const MOST_HOURS = 250_000;

/** What latencies are told from; all but the log are asked for at each request. */
export interface LatencyControlOptions {
  readonly config: () => Pick<Config, 'checks'>;
  /** What this process measured lately. */
  readonly log: LatencyLog;
  /** What was kept; undefined before it was opened. */
  readonly store: () => LatencyStore | undefined;
  readonly nowMs: () => number;
  /** Gives the event loop a turn. */
  readonly breathe: () => Promise<void>;
}

/** What the API tells of latencies. */
export function latencySource({ config, store, breathe }: LatencyControlOptions): LatencySource {
  return async (query) => {
    const { checks: watched } = config();
    const unknown = query.checks.find((id) => watched.every((check) => check.id !== id));
    if (unknown !== undefined) return unclear(`there is no check ${JSON.stringify(unknown)}`);
    if (query.toMs < query.fromMs) return unclear('to is before from');
    const checks = watched.filter(({ id }) => query.checks.length === 0 || query.checks.includes(id));
    if (isTooMuch(query, checks))
      return unclear(
        'that is too much for one answer: ask for fewer checks, a shorter span or a longer step',
      );
    const kept = store();
    const asked = { ...query, checks: checks.map(({ id }) => id) };
    try {
      const all = kept ? await latencyHistory(kept, asked, breathe) : [];
      const { vantages } = query;
      const series = all.filter(({ vantage }) => vantages.length === 0 || vantages.includes(vantage));
      return { ok: true, series };
    } catch (error) {
      if (error instanceof WindowStoreError) return { ok: false, why: 'away', detail: error.message };
      throw error;
    }
  };
}

function unclear(detail: string): LatencyAnswer {
  return { ok: false, why: 'unclear', detail };
}

function isTooMuch({ fromMs, toMs, stepMs }: LatencyQuery, checks: readonly Check[]): boolean {
  const series = checks.reduce((sum, { vantages }) => sum + vantages.length, 0);
  const spanMs = toMs - fromMs;
  return series * (spanMs / stepMs) > MOST_STRETCHES || series * (spanMs / HOUR_MS) > MOST_HOURS;
}

/**
 * What a page shows of checks: all of a span that is over, in stretches that are as short as the page can bear; else the
 * last week by the hour, and where this process measures, ten minutes at a time as far as it remembers. With the store away
 * only the latter.
 */
export async function shownLatencies(
  ids: readonly string[],
  span: LatencySpan | undefined,
  { log, store, nowMs, breathe }: LatencyControlOptions,
): Promise<readonly LatencySeries[]> {
  const { fromMs, toMs } = span ?? { fromMs: nowMs() - LATELY_MS, toMs: nowMs() };
  const days = Math.max(1, (toMs - fromMs) / DAY_MS);
  const checks = ids.slice(0, Math.max(1, Math.floor(MOST_CHECK_DAYS / days)));
  const stepMs = STEPS_MS.find((step) => (toMs - fromMs) / step <= MOST_POINTS) ?? DAY_MS;
  const recent = span ? [] : log.series(checks);
  try {
    const kept = store();
    const stored = kept ? await latencyHistory(kept, { checks, fromMs, toMs, stepMs }, breathe) : [];
    return checks.flatMap((check) => joined(ofCheck(stored, check), ofCheck(recent, check)));
  } catch (error) {
    if (error instanceof WindowStoreError) return recent;
    throw error;
  }
}

function ofCheck(series: readonly LatencySeries[], check: string): readonly LatencySeries[] {
  return series.filter((one) => one.check === check);
}

/** What is stored of the hours that began before what is remembered does, then that; by vantage. */
function joined(
  stored: readonly LatencySeries[],
  recent: readonly LatencySeries[],
): readonly LatencySeries[] {
  const vantages = new Set([...stored, ...recent].map(({ vantage }) => vantage));
  return [...vantages].sort().flatMap((vantage): readonly LatencySeries[] => {
    const before = stored.find((one) => one.vantage === vantage);
    const now = recent.find((one) => one.vantage === vantage);
    const known = now ?? before;
    if (!known || !before || !now) return known ? [known] : [];
    const beginMs = now.stretches[0]?.fromMs ?? Infinity;
    const earlier = before.stretches.filter(({ fromMs }) => fromMs < beginMs);
    return [{ ...now, stretches: [...earlier, ...now.stretches] }];
  });
}
