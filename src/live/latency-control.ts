import type { Config } from '../config/config.ts';
import type { Check } from '../core/check.ts';
import type { LatencyAnswer, LatencyQuery, LatencySource } from '../web/latency-source.ts';
import type { LatencyStore } from '../window/latency-store.ts';
import { WindowStoreError } from '../window/store-error.ts';
import { latencyHistory } from './latency-history.ts';
import type { LatencyLog } from './latency-log.ts';

const HOUR_MS = 3_600_000;
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
