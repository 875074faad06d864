import type { Cause } from '../core/cause.ts';
import { normalized, type Span, SpanList, subtract } from '../core/span.ts';
import type { SlotState } from '../core/timeline.ts';
import type { CheckTimeline } from './check-timeline.ts';
import type { Run } from './runs.ts';

/** How the slots of a check are taken for one row under one reading. */
export interface SlotSense {
  /** Causes that the reading does not hold against the provider: slots with no other are excluded. */
  readonly excused: ReadonlySet<Cause>;
  /** The only causes that are bad here, all when absent; a slot that is down for any other was not seen. */
  readonly only?: ReadonlySet<Cause>;
  /** Down slots in a row before one vantage alone is believed; 1 where each slot is a test of its own. */
  readonly confirm: number;
}

/** An unbroken stretch of down slots, whatever their causes. */
interface Outage extends Span {
  readonly slots: number;
}

/**
 * The bad time of one check as best, estimate and worst (sla-math §3), and what was excluded, unknown or contested.
 * Follows its timeline: after a change, only what the change can touch is derived again.
 */
export class CheckBounds {
  /** Each outage of the estimate without its last slot. */
  readonly best = new SpanList();
  /** Down slots; with a single vantage only in runs of at least `confirm`. */
  readonly estimate = new SpanList();
  /** Every run of down slots with one slot before it, and all unknown time since the first observation. */
  readonly worst = new SpanList();
  /** Down slots, confirmed or not. */
  readonly down = new SpanList();
  readonly excluded = new SpanList();
  readonly unknown = new SpanList();
  readonly contested = new SpanList();

  readonly timeline: CheckTimeline;
  readonly #lists = [
    this.best,
    this.estimate,
    this.worst,
    this.down,
    this.excluded,
    this.unknown,
    this.contested,
  ];
  /** Down slots in a row before they are believed. */
  readonly confirm: number;
  readonly #sense: SlotSense;

  constructor(timeline: CheckTimeline, sense: SlotSense) {
    this.timeline = timeline;
    this.#sense = sense;
    this.confirm = timeline.rules.vantages.length === 1 ? sense.confirm : 1;
  }

  /** Derives everything again that a change of the timeline at `changedMs` touches; returns from where on. */
  refresh(changedMs: number): number {
    const { intervalMs } = this.timeline.rules;
    const from = this.#outageStart(changedMs) - intervalMs;
    for (const list of this.#lists) list.truncate(from);
    this.#derive(this.timeline.runs.since(from), from);
    return from;
  }

  /** Whether it was good without a break from `fromMs` on, as far as it was seen. */
  isGoodFrom(fromMs: number): boolean {
    return this.#lists.every(({ end }) => end === undefined || end <= fromMs);
  }

  /** Where the unbroken outage that reaches `atMs` began; `atMs` itself when there is none. */
  #outageStart(atMs: number): number {
    const { runs } = this.timeline;
    let start = atMs;
    for (let i = runs.indexAfter(atMs - 1); i >= 0; i--) {
      const run = runs.at(i);
      if (!run || run.fromMs > start) continue;
      if (run.toMs < start || this.stateOf(run) !== 'D') break;
      start = run.fromMs;
    }
    return start;
  }

  /** What a run of the timeline comes to here. */
  stateOf(run: Run): SlotState {
    if (run.state !== 'D') return run.state;
    const { excused, only } = this.#sense;
    const meant = this.causesOf(run);
    if (only && meant.length === 0) return '?';
    return meant.length > 0 && meant.every((cause) => excused.has(cause)) ? 'X' : 'D';
  }

  /** The causes of a run that is down, as far as they are bad here. */
  causesOf({ causes }: Run): readonly Cause[] {
    const { only } = this.#sense;
    return only ? causes.filter((cause) => only.has(cause)) : causes;
  }

  #derive(runs: readonly Run[], from: number): void {
    const { intervalMs } = this.timeline.rules;
    const inState = (state: SlotState): Span[] =>
      this.#spansWhere(runs, from, (run) => this.stateOf(run) === state);
    const excluded = inState('X');
    const unknown = inState('?');
    const outages = inState('D').map((span) => ({
      ...span,
      slots: Math.ceil((span.to - span.from) / intervalMs),
    }));
    const confirmed = outages.filter((outage) => outage.slots >= this.confirm);
    this.excluded.appendAll(excluded);
    this.unknown.appendAll(unknown);
    this.contested.appendAll(this.#spansWhere(runs, from, (run) => run.contested));
    this.down.appendAll(outages);
    this.estimate.appendAll(confirmed);
    for (const outage of confirmed) this.best.append(outage.from, lastSlotStart(outage, intervalMs));
    const extended = outages.map(({ from: start, to }) => ({ from: start - intervalMs, to }));
    this.worst.appendAll(subtract(normalized([...extended, ...unknown]), excluded));
  }

  /**
   * The slots that began in [fromMs, toMs) and came to be up or down, up to where nothing is awaited; those that began
   * in `left`, sorted and disjoint, are left out.
   */
  tests(fromMs: number, toMs: number, left: readonly Span[]): { readonly up: number; readonly down: number } {
    const begin = this.timeline.beginMs ?? Infinity;
    const spans = subtract(
      [{ from: Math.max(begin, fromMs), to: Math.min(toMs, this.timeline.horizonMs ?? -Infinity) }],
      left,
    );
    let [up, down] = [0, 0];
    for (const span of spans) {
      const from = this.#slotStart(span.from);
      // A slot that has begun stands for itself even where its end is yet to come.
      const to = Math.min(this.#slotStart(span.to), this.timeline.horizonMs ?? span.to);
      if (from >= to) continue;
      const downMs = this.down.within(from, to);
      down += this.#slots(downMs);
      up += this.#slots(to - from - downMs - this.unknown.within(from, to) - this.excluded.within(from, to));
    }
    return { up, down };
  }

  /** The start of the first slot that begins at an instant or after it. */
  #slotStart(atMs: number): number {
    const { intervalMs } = this.timeline.rules;
    return Math.ceil(atMs / intervalMs) * intervalMs;
  }

  #slots(ms: number): number {
    return Math.ceil(ms / this.timeline.rules.intervalMs);
  }

  #spansWhere(runs: readonly Run[], from: number, test: (run: Run) => boolean): Span[] {
    return normalized(runs.filter(test).map((run) => ({ from: Math.max(run.fromMs, from), to: run.toMs })));
  }
}

function lastSlotStart(outage: Outage, intervalMs: number): number {
  return outage.from + (outage.slots - 1) * intervalMs;
}
