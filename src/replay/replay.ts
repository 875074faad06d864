import type { Config } from '../config/config.ts';
import type { PeriodKind } from '../contract/periods.ts';
import { periodAt } from '../contract/periods.ts';
import type { Period, Verdict } from '../core/verdict.ts';
import { judgeFor, takeIn } from '../judging.ts';
import { memoryStore } from '../window/memory.ts';
import { parseObservationLine } from './observation-line.ts';
import { readLines } from './read-lines.ts';

/** What is to be replayed. */
export interface ReplayRequest {
  readonly config: Config;
  /** The lines of an observation file, without their line ends. */
  readonly lines: AsyncIterable<string>;
  /** The instant to judge at: nothing at or after it is used. */
  readonly atMs: number;
  /** Periods to judge instead of those that `atMs` lies in. */
  readonly periods: Partial<Readonly<Record<PeriodKind, Period>>>;
}

/** The verdicts on recorded observations, by the very code of the live judge. Throws `ReplayError`. */
export async function replay(request: ReplayRequest): Promise<readonly Verdict[]> {
  const { config, atMs, periods } = request;
  const store = memoryStore();
  const judge = judgeFor(config);
  const checks = new Map(config.checks.map((check) => [check.id, check]));
  for (const line of await readLines(request.lines, (text) => parseObservationLine(text, checks))) {
    const { check, vantage, fromSlot, toSlot, outcome, cause } = line;
    const endSlot = Math.min(toSlot, Math.ceil(atMs / check.intervalMs));
    if (fromSlot >= endSlot) continue;
    const key = { check: check.id, intervalMs: check.intervalMs };
    store.putSpan(key, vantage, fromSlot, endSlot, outcome, cause);
  }
  await takeIn(judge, store, atMs);
  const chosen = {
    month: periods.month ?? periodAt(config.contract, 'month', atMs),
    year: periods.year ?? periodAt(config.contract, 'year', atMs),
  };
  return [...judge.verdicts(atMs, (rules) => chosen[rules.period])];
}
