import { DamagedBytes } from '../window/bytes.ts';
import { decodeLatencyDay } from '../window/latency-day.ts';
import { LatencySketch } from '../window/latency-sketch.ts';
import { dayAt, type LatencyDay, type LatencyRange, type LatencyStore } from '../window/latency-store.ts';
import type { LatencySeries, LatencyStretch } from '../web/latency-source.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** So many days of a check and a vantage may be worked through in one turn: about a millisecond. */
export const DAYS_A_TURN = 4;

/** Hours that overlap [fromMs, toMs), in stretches of what length: a whole number of hours that divides a day. */
export interface HistorySpan {
  readonly fromMs: number;
  readonly toMs: number;
  readonly stepMs: number;
}

/** Which latencies are wanted. */
export interface HistoryAsked extends HistorySpan {
  readonly checks: readonly string[];
}

/** How one check's history is read. */
export interface HistoryReading {
  /** Of each vantage every stretch, or the last alone. */
  readonly extent: 'whole' | 'last';
  /** What a day comes to: {@link stretchesOfDay}, or what is remembered of it. */
  readonly ofDay: (day: LatencyDay, span: HistorySpan) => readonly LatencyStretch[];
  /** Waited for after each day. */
  readonly breathe: () => Promise<void>;
}

/**
 * What the store has of some checks, in their order, then by vantage: percentiles of stretches that begin at multiples of
 * their length since the epoch, made of the hours in them that overlap the span. A stretch without latencies is missing;
 * so is a day, or an hour of one, that cannot be read. Rejects with a WindowStoreError.
 */
export async function latencyHistory(
  store: LatencyStore,
  { checks, ...span }: HistoryAsked,
  breathe: () => Promise<void>,
): Promise<readonly LatencySeries[]> {
  const seldom = oneIn(DAYS_A_TURN, breathe);
  const reading: HistoryReading = { extent: 'whole', ofDay: stretchesOfDay, breathe: seldom };
  const series: LatencySeries[] = [];
  for (const check of checks) series.push(...(await checkHistory(store, check, span, reading)));
  return series;
}

/** Breathes one time in so many. */
export function oneIn(times: number, breathe: () => Promise<void>): () => Promise<void> {
  let asked = 0;
  return () => (++asked % times === 0 ? breathe() : Promise.resolve());
}

/** {@link latencyHistory} of one check. */
export async function checkHistory(
  store: LatencyStore,
  check: string,
  span: HistorySpan,
  { extent, ofDay, breathe }: HistoryReading,
): Promise<readonly LatencySeries[]> {
  const days = await daysOf(store, check, span);
  const found = new Map<string, (readonly LatencyStretch[])[]>();
  for (const day of extent === 'last' ? days.toReversed() : days) {
    const known = found.get(day.vantage) ?? [];
    found.set(day.vantage, known);
    if (extent === 'last' && known.length > 0) continue;
    const stretches = ofDay(day, span);
    if (stretches.length > 0) known.push(extent === 'last' ? stretches.slice(-1) : stretches);
    await breathe();
  }
  return [...found]
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([vantage, byDay]) => ({ check, vantage, stretches: byDay.flat() }));
}

/** By day; read so many at a time as can be taken over in one turn. */
async function daysOf(
  store: LatencyStore,
  check: string,
  { fromMs, toMs }: HistorySpan,
): Promise<readonly LatencyDay[]> {
  if (toMs <= fromMs) return [];
  const days: LatencyDay[] = [];
  for (const range of monthsOf(dayAt(fromMs), dayAt(toMs - 1) + 1))
    for (const day of await store.read({ checks: [check], ...range })) days.push(day);
  return days;
}

/** Days [fromDay, toDay), cut where months of UTC end: shared windows keep a month of days together. */
function monthsOf(fromDay: number, toDay: number): readonly Omit<LatencyRange, 'checks'>[] {
  const months: Omit<LatencyRange, 'checks'>[] = [];
  for (let day = fromDay; day < toDay;) {
    const at = new Date(day * DAY_MS);
    const next = Math.min(toDay, Date.UTC(at.getUTCFullYear(), at.getUTCMonth() + 1) / DAY_MS);
    months.push({ fromDay: day, toDay: next });
    day = next;
  }
  return months;
}

/** What a day comes to within a span: {@link latencyHistory} of it. */
export function stretchesOfDay(
  { day, body }: LatencyDay,
  { fromMs, toMs, stepMs }: HistorySpan,
): readonly LatencyStretch[] {
  const hours = readable(body);
  const sketch = new LatencySketch();
  const stretches: LatencyStretch[] = [];
  let stretchMs = NaN;
  const end = (): void => {
    if (sketch.count > 0) stretches.push(stretchOf(sketch, stretchMs, stepMs));
    sketch.clear();
  };
  for (const hour of [...hours.keys()].sort((a, b) => a - b)) {
    const atMs = day * DAY_MS + hour * HOUR_MS;
    if (atMs + HOUR_MS <= fromMs || atMs >= toMs) continue;
    const beginMs = Math.floor(atMs / stepMs) * stepMs;
    if (beginMs !== stretchMs) end();
    stretchMs = beginMs;
    absorb(sketch, hours.get(hour));
  }
  end();
  return stretches;
}

/** What a sketch comes to. */
export function stretchOf(sketch: LatencySketch, fromMs: number, lengthMs: number): LatencyStretch {
  return {
    fromMs,
    lengthMs,
    count: sketch.count,
    p50: sketch.quantileMs(0.5),
    p90: sketch.quantileMs(0.9),
    p99: sketch.quantileMs(0.99),
    max: sketch.maxMs,
  };
}

function readable(body: Uint8Array): ReadonlyMap<number, Uint8Array> {
  try {
    return decodeLatencyDay(body);
  } catch (error) {
    if (error instanceof DamagedBytes) return new Map();
    throw error;
  }
}

function absorb(sketch: LatencySketch, encoded: Uint8Array | undefined): void {
  try {
    if (encoded) sketch.absorb(encoded);
  } catch (error) {
    if (!(error instanceof DamagedBytes)) throw error;
  }
}
