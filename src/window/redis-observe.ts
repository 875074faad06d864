import type { CheckKey } from '../core/observation.ts';
import type { Evidence } from '../core/reading.ts';
import { pageShape } from './page.ts';
import { pageName, type RedisKeys } from './redis-keys.ts';
import type { RedisCommand } from './redis-link.ts';
import { CHANGES_KEPT } from './redis-scripts.ts';
import type { SlotRun } from './slot-run.ts';
import type { SeenRange } from './store.ts';

/** Five days beyond the retention of slots: a net for keys that no prune comes by. */
const PAGE_LIFE_S = 40 * 86_400;
const SLOTS_A_CALL = 10_000;
const PIECES_A_CALL = 1_000;

const LETTERS = { good: 'g', bad: 'b', excluded: 'x' } as const;

/** One call of observe.lua, and what it records. */
export interface ObserveCall extends RedisCommand {
  readonly runs: readonly SlotRun[];
}

/** The calls that record runs: as few as there are checks, unless one would hold up the server. */
export function observeCalls(keys: RedisKeys, runs: readonly SlotRun[]): readonly ObserveCall[] {
  const bySeries = new Map<string, SlotRun[]>();
  for (const run of runs) {
    const key = keys.changes(run);
    const known = bySeries.get(key);
    if (known) known.push(run);
    else bySeries.set(key, [run]);
  }
  return Array.from(bySeries.values(), (some) => callsOf(keys, some)).flat();
}

/** The call that takes a range of slots into what was ever seen of a check, and records none. */
export function seenCall(keys: RedisKeys, series: CheckKey & SeenRange): RedisCommand {
  const names = [keys.changes(series), keys.pages(series), keys.head(series.check)];
  const { slots } = pageShape(series.intervalMs);
  const args = [series.intervalMs, CHANGES_KEPT, PAGE_LIFE_S, slots, series.firstSlot, series.lastSlot];
  return { key: names[0] ?? '', add: (to) => to.windowObserve(names.length, ...names, ...args) };
}

function callsOf(keys: RedisKeys, runs: readonly SlotRun[]): readonly ObserveCall[] {
  const calls: ObserveCall[] = [];
  let pieces: SlotRun[] = [];
  let slots = 0;
  const close = (): void => {
    if (pieces.length > 0) calls.push(callOf(keys, pieces));
    pieces = [];
    slots = 0;
  };
  for (const run of runs) {
    for (const piece of splitAtPages(run)) {
      pieces.push(piece);
      slots += piece.toSlot - piece.fromSlot;
      if (slots >= SLOTS_A_CALL || pieces.length >= PIECES_A_CALL) close();
    }
  }
  close();
  return calls;
}

function splitAtPages(run: SlotRun): readonly SlotRun[] {
  const { slots } = pageShape(run.intervalMs);
  if (Math.floor(run.fromSlot / slots) === Math.floor((run.toSlot - 1) / slots)) return [run];
  const pieces: SlotRun[] = [];
  for (let from = run.fromSlot; from < run.toSlot;) {
    const end = Math.min(run.toSlot, (Math.floor(from / slots) + 1) * slots);
    pieces.push({ ...run, fromSlot: from, toSlot: end });
    from = end;
  }
  return pieces;
}

function callOf(keys: RedisKeys, runs: readonly SlotRun[]): ObserveCall {
  const [first] = runs;
  const series: CheckKey = first ?? { check: '', intervalMs: 1 };
  return {
    key: keys.changes(series),
    runs,
    // Put together only when it is sent: most calls of many wait a while.
    add(pipeline) {
      const { names, args } = wordsOf(keys, series, runs);
      return pipeline.windowObserve(names.length, ...names, ...args);
    },
  };
}

/** The keys and arguments of a call of observe.lua. */
function wordsOf(keys: RedisKeys, series: CheckKey, runs: readonly SlotRun[]) {
  const { slots } = pageShape(series.intervalMs);
  const names = [keys.changes(series), keys.pages(series), keys.head(series.check)];
  const args: (string | number)[] = [series.intervalMs, CHANGES_KEPT, PAGE_LIFE_S, slots];
  for (const page of pagesOf(runs, slots)) {
    const isGood = page.runs.every(({ outcome }) => outcome === 'good');
    const own = keys.page(series, page.vantage, page.number);
    names.push(...(isGood ? own.slice(0, 1) : own));
    args.push(pageName(page.number, page.vantage), isGood ? 'g' : 'm', page.runs.length);
    for (const { fromSlot, toSlot, outcome, cause, evidence } of page.runs) {
      args.push(fromSlot, toSlot);
      if (!isGood) args.push(LETTERS[outcome], cause ?? '', textOf(evidence));
    }
  }
  return { names, args };
}

interface PageRuns {
  readonly number: number;
  readonly vantage: string;
  readonly runs: SlotRun[];
}

/** Runs by their pages, none of them over the end of one. */
function pagesOf(runs: readonly SlotRun[], slots: number): readonly PageRuns[] {
  const pages: PageRuns[] = [];
  for (const run of runs) {
    const number = Math.floor(run.fromSlot / slots);
    const page = pages.find((one) => one.number === number && one.vantage === run.vantage);
    if (page) page.runs.push(run);
    else pages.push({ number, vantage: run.vantage, runs: [run] });
  }
  return pages;
}

function textOf(evidence: Evidence | undefined): string {
  if (evidence === undefined) return '';
  return JSON.stringify(Object.entries(evidence).sort(([a], [b]) => (a < b ? -1 : 1)));
}
