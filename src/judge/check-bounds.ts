import type { Cause } from '../core/cause.ts';
import { normalized, type Span, SpanList, subtract } from '../core/span.ts';
import type { CheckTimeline } from './check-timeline.ts';
import type { Run } from './runs.ts';

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
  readonly #confirm: number;
  readonly #excusedCauses: ReadonlySet<Cause>;

  constructor(timeline: CheckTimeline, confirm: number, excusedCauses: ReadonlySet<Cause>) {
    this.timeline = timeline;
    this.#confirm = timeline.rules.vantages.length === 1 ? confirm : 1;
    this.#excusedCauses = excusedCauses;
  }

  /** Derives everything again that a change of the timeline at `changedMs` touches; returns from where on. */
  refresh(changedMs: number): number {
    const { intervalMs } = this.timeline.rules;
    const from = this.#outageStart(changedMs) - intervalMs;
    const lists = [
      this.best,
      this.estimate,
      this.worst,
      this.down,
      this.excluded,
      this.unknown,
      this.contested,
    ];
    for (const list of lists) list.truncate(from);
    this.#derive(this.timeline.runs.since(from), from);
    return from;
  }

  /** Where the unbroken outage that reaches `atMs` began; `atMs` itself when there is none. */
  #outageStart(atMs: number): number {
    const { runs } = this.timeline;
    let start = atMs;
    for (let i = runs.indexAfter(atMs - 1); i >= 0; i--) {
      const run = runs.at(i);
      if (!run || run.fromMs > start) continue;
      if (run.toMs < start || !this.#isDown(run)) break;
      start = run.fromMs;
    }
    return start;
  }

  #isDown(run: Run): boolean {
    return run.state === 'D' && !this.#isExcused(run);
  }

  #isExcused(run: Run): boolean {
    return run.causes.length > 0 && run.causes.every((cause) => this.#excusedCauses.has(cause));
  }

  #derive(runs: readonly Run[], from: number): void {
    const { intervalMs } = this.timeline.rules;
    const excluded = this.#spansWhere(
      runs,
      from,
      (run) => run.state === 'X' || (run.state === 'D' && this.#isExcused(run)),
    );
    const unknown = this.#spansWhere(runs, from, (run) => run.state === '?');
    const outages = this.#spansWhere(runs, from, (run) => this.#isDown(run)).map((span) => ({
      ...span,
      slots: Math.ceil((span.to - span.from) / intervalMs),
    }));
    const confirmed = outages.filter((outage) => outage.slots >= this.#confirm);
    this.excluded.appendAll(excluded);
    this.unknown.appendAll(unknown);
    this.contested.appendAll(this.#spansWhere(runs, from, (run) => run.contested));
    this.down.appendAll(outages);
    this.estimate.appendAll(confirmed);
    for (const outage of confirmed) this.best.append(outage.from, lastSlotStart(outage, intervalMs));
    const extended = outages.map(({ from: start, to }) => ({ from: start - intervalMs, to }));
    this.worst.appendAll(subtract(normalized([...extended, ...unknown]), excluded));
  }

  #spansWhere(runs: readonly Run[], from: number, test: (run: Run) => boolean): Span[] {
    return normalized(runs.filter(test).map((run) => ({ from: Math.max(run.fromMs, from), to: run.toMs })));
  }
}

function lastSlotStart(outage: Outage, intervalMs: number): number {
  return outage.from + (outage.slots - 1) * intervalMs;
}
