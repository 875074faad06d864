import { hash } from 'node:crypto';
import type { LatencyDay, LatencyStore } from '../window/latency-store.ts';
import type { LatencySeries, LatencyStretch } from '../web/latency-source.ts';
import {
  checkHistory,
  DAYS_A_TURN,
  type HistoryReading,
  type HistorySpan,
  oneIn,
  stretchesOfDay,
} from './latency-history.ts';
import { Weighed } from './latency-weighed.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** So long what was read is taken for what is stored: whoever measures writes once a minute. */
const BELIEVED_MS = 60_000;
/** About 16 MB. */
const MOST_STRETCHES = 100_000;

/** What was read of a check, or is being read. */
interface Answer {
  readonly readMs: number;
  readonly series: Promise<readonly LatencySeries[]>;
}

/** What a day came to, and of which bytes. */
interface KnownDay {
  readonly digest: string;
  readonly stretches: readonly LatencyStretch[];
}

/**
 * The latencies that a store keeps, for who looks again and again: what it answers is what was stored no longer than a
 * minute ago. A check is read once a minute at the most; of a day whose bytes are those of the last time nothing is worked
 * out anew, whoever writes it and however late. Bounded, whatever is looked at.
 */
export class LatencyMemo {
  readonly #nowMs: () => number;
  readonly #breathe: () => Promise<void>;
  readonly #answers = new Weighed<Answer>(MOST_STRETCHES);
  readonly #days = new Weighed<KnownDay>(MOST_STRETCHES);

  constructor({ nowMs, breathe }: { readonly nowMs: () => number; readonly breathe: () => Promise<void> }) {
    this.#nowMs = nowMs;
    this.#breathe = oneIn(DAYS_A_TURN, breathe);
  }

  /** What there is of a check; rejects with a WindowStoreError. */
  read(
    store: LatencyStore,
    check: string,
    asked: HistorySpan,
    extent: HistoryReading['extent'],
  ): Promise<readonly LatencySeries[]> {
    const span = wholeHours(asked);
    const key = JSON.stringify([check, extent, span.fromMs, span.toMs, span.stepMs]);
    const nowMs = this.#nowMs();
    this.#answers.dropFirst(({ readMs }) => !isBelieved(readMs, nowMs));
    const known = this.#answers.get(key);
    if (known && isBelieved(known.readMs, nowMs)) return known.series;
    const ofDay: HistoryReading['ofDay'] = (day, within) => this.#ofDay(day, within);
    const reading = { extent, ofDay, breathe: this.#breathe };
    const answer = { readMs: nowMs, series: checkHistory(store, check, span, reading) };
    this.#answers.set(key, answer, 1);
    answer.series.then(
      (series) => this.#answers.get(key) === answer && this.#answers.set(key, answer, sizeOf(series)),
      () => this.#answers.get(key) === answer && this.#answers.drop(key),
    );
    return answer.series;
  }

  #ofDay(day: LatencyDay, span: HistorySpan): readonly LatencyStretch[] {
    const beginMs = day.day * DAY_MS;
    const within = [Math.max(span.fromMs, beginMs), Math.min(span.toMs, beginMs + DAY_MS)];
    const key = JSON.stringify([day.check, day.vantage, span.stepMs, ...within]);
    const digest = hash('sha256', day.body, 'base64');
    const known = this.#days.get(key);
    const stretches = known?.digest === digest ? known.stretches : stretchesOfDay(day, span);
    this.#days.set(key, { digest, stretches }, 1 + stretches.length);
    return stretches;
  }
}

function isBelieved(readMs: number, nowMs: number): boolean {
  return readMs <= nowMs && nowMs < readMs + BELIEVED_MS;
}

/** The hours that a span overlaps, so that it is the same for an hour. */
function wholeHours({ fromMs, toMs, stepMs }: HistorySpan): HistorySpan {
  if (toMs <= fromMs) return { fromMs, toMs, stepMs };
  return {
    fromMs: Math.floor(fromMs / HOUR_MS) * HOUR_MS,
    toMs: Math.ceil(toMs / HOUR_MS) * HOUR_MS,
    stepMs,
  };
}

function sizeOf(series: readonly LatencySeries[]): number {
  return series.reduce((sum, { stretches }) => sum + stretches.length, 1);
}
