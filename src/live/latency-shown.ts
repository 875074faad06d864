import type { LatencySeries, ShownLatencies } from '../web/latency-source.ts';
import type { PageSources } from '../web/pages/page-sources.ts';
import { WindowStoreError } from '../window/store-error.ts';
import type { LatencyControlOptions } from './latency-control.ts';
import { type HistoryReading, oneIn } from './latency-history.ts';
import type { LatencyLog } from './latency-log.ts';
import { LatencyMemo } from './latency-memo.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** What a page shows of the period that goes on. */
const LATELY_MS = 7 * DAY_MS;
/** Lengths that a page may show stretches of, and how many of them at the most where there is a longer one. */
const STEPS_MS = [HOUR_MS, 3 * HOUR_MS, 6 * HOUR_MS, DAY_MS];
const MOST_POINTS = 400;
/** How many days of checks a page may have read. */
const MOST_CHECK_DAYS = 2_000;
/** When so many checks and vantages are drawn, no more checks are. */
const ENOUGH_DRAWN = 30;
/** So many checks are put together in one turn: less than a millisecond. */
const CHECKS_A_TURN = 8;

/** What is known of a check beside what this process remembers. */
type HistoryOf = (check: string, extent: HistoryReading['extent']) => Promise<readonly LatencySeries[]>;

/**
 * What pages show of checks: all of a span that is over, in stretches that are as short as the page can bear; else the
 * last week by the hour, and where this process measures, ten minutes at a time as far as it remembers. With the store away
 * only the latter. What is stored is told as it was no longer than a minute ago.
 */
export function shownLatencies(options: LatencyControlOptions): PageSources['latencies'] {
  const { log, store, nowMs } = options;
  const memo = new LatencyMemo(options);
  return async (ids, over) => {
    const { fromMs, toMs } = over ?? { fromMs: nowMs() - LATELY_MS, toMs: nowMs() };
    const days = Math.max(1, (toMs - fromMs) / DAY_MS);
    const stepMs = STEPS_MS.find((step) => (toMs - fromMs) / step <= MOST_POINTS) ?? DAY_MS;
    const asked: Asked = {
      checks: ids.slice(0, Math.max(1, Math.floor(MOST_CHECK_DAYS / days))),
      all: ids.length,
      log: over ? NOTHING : log,
    };
    const kept = store();
    if (!kept) return shown(asked, nothing, options);
    try {
      const span = { fromMs, toMs, stepMs };
      return await shown(asked, (check, extent) => memo.read(kept, check, span, extent), options);
    } catch (error) {
      if (error instanceof WindowStoreError) return shown(asked, nothing, options);
      throw error;
    }
  };
}

interface Asked {
  readonly checks: readonly string[];
  /** How many there are, of which these are the first. */
  readonly all: number;
  readonly log: Pick<LatencyLog, 'series' | 'last'>;
}

const NOTHING: Asked['log'] = { series: () => [], last: () => [] };
const nothing: HistoryOf = () => Promise.resolve([]);

async function shown(
  { checks, all, log }: Asked,
  historyOf: HistoryOf,
  { breathe }: Pick<LatencyControlOptions, 'breathe'>,
): Promise<ShownLatencies> {
  const [drawn, listed]: [LatencySeries[], LatencySeries[]] = [[], []];
  const seldom = oneIn(CHECKS_A_TURN, breathe);
  let drawnChecks = 0;
  for (const check of checks) {
    if (drawn.length < ENOUGH_DRAWN) {
      const stored = await historyOf(check, 'whole');
      drawn.push(...joined(stored, log.series([check])));
      drawnChecks++;
    } else {
      const stored = await historyOf(check, 'last');
      listed.push(...joined(stored, log.last([check])).map(lastOf));
    }
    await seldom();
  }
  return { drawn, listed, checks: { drawn: drawnChecks, told: checks.length, all } };
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

function lastOf(series: LatencySeries): LatencySeries {
  return { ...series, stretches: series.stretches.slice(-1) };
}
