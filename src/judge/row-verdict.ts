import type { Cause } from '../core/cause.ts';
import { floorOf } from '../core/fraction.ts';
import { clip, lengthOf } from '../core/span.ts';
import type { Incident, SampleFigures, Verdict } from '../core/verdict.ts';
import { durabilityFigures, YEAR_MS } from './durability.ts';
import { availabilityOf, borneShare, type Figures, paceOf, stateOf } from './figures.ts';
import type { BadRun } from './incidents.ts';
import { rollingFigures } from './rolling.ts';
import { type Bound, type RowSetup, RowTimeline } from './row-timeline.ts';
import { wilsonInterval } from './share-test.ts';

/** The verdict on one row, scope and reading, kept up to date as its checks are judged. */
export class RowVerdict {
  readonly #timeline: RowTimeline;
  #incidents: Incident[] = [];

  constructor(setup: RowSetup) {
    this.#timeline = new RowTimeline(setup);
  }

  get timeline(): RowTimeline {
    return this.#timeline;
  }

  get setup(): RowSetup {
    return this.#timeline.setup;
  }

  /** Takes in that the bad time of a check changed from `fromMs` on. */
  refresh(fromMs: number, nowMs: number): void {
    const first = this.#timeline.refresh(fromMs, nowMs);
    const { runs } = this.#timeline.ledgers.estimate;
    const { mergeGapMs } = this.setup.rules;
    const kept = this.#incidents.filter((incident) => incident.toMs + mergeGapMs < fromMs);
    this.#incidents = [...kept, ...runs.slice(first).flatMap((run) => this.#incidentOf(run))];
  }

  /** Lets the unknown time before the first observation of a check grow to now, or to that observation. */
  #growUnseen(nowMs: number): void {
    const changedMs = this.#timeline.growUnseen(nowMs);
    if (changedMs !== undefined) this.refresh(changedMs, nowMs);
  }

  /** Only incidents that touch the period; those too short to count are none. */
  #incidentOf(run: BadRun): readonly Incident[] {
    const { period } = this.setup;
    if (!run.counts || run.to <= period.fromMs || run.from >= period.toMs) return [];
    const from = Math.max(run.from, period.fromMs);
    const countedMs = this.#timeline.ledgers.estimate.counted.within(from, Math.min(run.to, period.toMs));
    return [{ fromMs: run.from, toMs: run.to, badMs: run.badMs, countedMs, causes: this.#causesIn(run) }];
  }

  /** The causes of the slots that make the bad time of a run: not of those that were excluded, or not believed. */
  #causesIn(run: BadRun): readonly Cause[] {
    const causes = new Set<Cause>();
    for (const check of this.setup.checks.keys()) this.#timeline.addCauses(check, run, causes);
    return [...causes].sort();
  }

  /** The verdict at `nowMs`. `eligible`: whether the deployment meets what the row requires; null if unknown. */
  verdict(nowMs: number, eligible: boolean | null): Verdict {
    this.#growUnseen(nowMs);
    const { rules, scope, period } = this.setup;
    const horizonMs = this.#timeline.horizonMs(nowMs);
    const figures = this.figures(nowMs, horizonMs);
    const { sample, objectYears } = figures;
    const share = borneShare(rules);
    const budgetMs = share && floorOf(share, figures.lengthMs);
    const openRun = this.#openRun(horizonMs);
    const end = Math.min(nowMs, period.toMs);
    return {
      row: rules.row,
      scope,
      reading: rules.reading,
      state: stateOf(rules, figures, eligible),
      target: rules.target,
      eligible: rules.starred ? eligible : true,
      period,
      atMs: nowMs,
      budgetMs,
      downtimeMs: { ...figures.downtime, raw: this.#timeline.bad.estimate.within(period.fromMs, end) },
      excludedMs: this.#timeline.excluded.within(period.fromMs, end),
      unknownMs: figures.unknownMs,
      contestedMs: this.#timeline.contested.within(period.fromMs, end),
      remainingMs: budgetMs === null ? null : budgetMs - figures.downtime.estimate,
      timeToBreachMs: budgetMs === null || sample ? null : this.#timeToBreach(budgetMs, figures, openRun),
      availability: availabilityOf(rules, figures),
      pace: paceOf(share, figures),
      incidents: this.#incidents,
      openIncident: (openRun && this.#incidents.find((incident) => incident.fromMs === openRun.from)) ?? null,
      rolling: rollingFigures(this.#timeline, share, horizonMs),
      ...(sample && { sample }),
      ...(objectYears !== undefined &&
        rules.allowed && {
          durability: durabilityFigures(objectYears, rules.allowed, figures.downtime.estimate > 0),
        }),
    };
  }

  /** What the verdict at `atMs` is computed from. `horizonMs`: up to where every check is settled then. */
  figures(atMs: number, horizonMs = this.#timeline.horizonMs(atMs)): Figures {
    const { period, rules } = this.setup;
    const end = Math.max(period.fromMs, Math.min(atMs, period.toMs));
    const removed = rules.removesExcluded
      ? lengthOf(clip(this.#timeline.rowExclusions, period.fromMs, end))
      : 0;
    const counted = (bound: Bound): number =>
      this.#timeline.ledgers[bound].counted.within(period.fromMs, end);
    const elapsedMs = end - period.fromMs - removed;
    return {
      atMs,
      lengthMs: period.toMs - period.fromMs - removed,
      elapsedMs,
      unknownMs: this.#timeline.unknown.within(period.fromMs, end),
      seenMs: this.#seenMs(period.fromMs, Math.min(end, horizonMs)),
      downtime: { best: counted('best'), estimate: counted('estimate'), worst: counted('worst') },
      over: atMs >= period.toMs && horizonMs >= period.toMs,
      ...(rules.type === 'sampled-share' && { sample: this.#sample(end, elapsedMs) }),
      ...(rules.type === 'durability' && { objectYears: this.#objectYears(end) }),
    };
  }

  #sample(endMs: number, elapsedMs: number): SampleFigures {
    const { checks, period } = this.setup;
    let [tests, met, testedMs] = [0, 0, 0];
    for (const [check, { timeline }] of checks) {
      const { up, down } = this.#timeline.testsOf(check, period.fromMs, endMs);
      tests += up + down;
      met += up;
      testedMs += (up + down) * timeline.rules.intervalMs;
    }
    const coverage = elapsedMs > 0 && checks.size > 0 ? testedMs / (elapsedMs * checks.size) : 0;
    const none = { share: null, lower: null, upper: null };
    const share = tests > 0 ? { share: met / tests, ...wilsonInterval(met, tests) } : none;
    return { tests, met, ...share, coverage: Math.min(1, coverage) };
  }

  #objectYears(endMs: number): number {
    const { checks, period } = this.setup;
    let objectMs = 0;
    for (const [check, { timeline }] of checks) {
      const { intervalMs, objects = 1 } = timeline.rules;
      objectMs += this.#timeline.testsOf(check, period.fromMs, endMs).up * intervalMs * objects;
    }
    return objectMs / YEAR_MS;
  }

  #seenMs(fromMs: number, toMs: number): number {
    return Math.max(0, toMs - fromMs) - this.#timeline.unknown.within(fromMs, toMs);
  }

  /**
   * The bad run that may still go on, or that the next bad slot would join: its end is within the merge gap, or nothing
   * was seen since. Once a slot was seen to be up or excluded, what is unseen after it no longer keeps the run open.
   */
  #openRun(horizonMs: number): BadRun | undefined {
    const last = this.#timeline.ledgers.estimate.runs.at(-1);
    if (!last) return undefined;
    if (last.to + this.setup.rules.mergeGapMs >= horizonMs) return last;
    return this.#seenMs(last.to, horizonMs) === 0 ? last : undefined;
  }

  /** How long an outage may last from now on before the budget is used up. */
  #timeToBreach(budgetMs: number, figures: Figures, open: BadRun | undefined): number {
    const left = Math.max(0, budgetMs - figures.downtime.estimate);
    const { deductMs, minimumMs } = this.setup.rules;
    const lasted = open?.badMs ?? 0;
    if (open?.counts) return left + Math.max(0, deductMs - lasted);
    return Math.max(left + deductMs - lasted, minimumMs - lasted);
  }
}
