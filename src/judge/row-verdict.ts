import type { Cause } from '../core/cause.ts';
import { floorOf, formatDecimal, type Fraction, toNumber } from '../core/fraction.ts';
import { clip, lengthOf } from '../core/span.ts';
import type { Incident, RollingFigures, Verdict, VerdictState } from '../core/verdict.ts';
import type { BadRun } from './incidents.ts';
import { type Bound, type RowSetup, RowTimeline } from './row-timeline.ts';

/** The rolling windows, by name, in milliseconds. */
export const ROLLING_WINDOWS: Readonly<Record<string, number>> = {
  '5m': 300_000,
  '30m': 1_800_000,
  '1h': 3_600_000,
  '2h': 7_200_000,
  '6h': 21_600_000,
  '1d': 86_400_000,
  '3d': 259_200_000,
  '30d': 2_592_000_000,
};

/** Decimals of a printed availability that is not exact: twelve nines must show. */
const AVAILABILITY_DIGITS = 15;

/** What the period's arithmetic is made of, at one instant (sla-math §6). */
interface Figures {
  readonly atMs: number;
  /** L */
  readonly lengthMs: number;
  /** E */
  readonly elapsedMs: number;
  /** U */
  readonly unknownMs: number;
  /** Time in the elapsed period that was seen: neither unknown nor still awaited. */
  readonly seenMs: number;
  /** D of each bound. */
  readonly downtime: Readonly<Record<Bound, number>>;
  readonly over: boolean;
}

/** The verdict on one row, scope and reading, kept up to date as its checks are judged. */
export class RowVerdict {
  readonly #timeline: RowTimeline;
  #incidents: Incident[] = [];

  constructor(setup: RowSetup) {
    this.#timeline = new RowTimeline(setup);
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

  #causesIn(run: BadRun): readonly Cause[] {
    const causes = new Set<Cause>();
    for (const { timeline } of this.setup.checks.values()) {
      for (let i = timeline.runs.indexAfter(run.from); ; i++) {
        const part = timeline.runs.at(i);
        if (!part || part.fromMs >= run.to) break;
        if (part.state === 'D') for (const cause of part.causes) causes.add(cause);
      }
    }
    return [...causes].sort();
  }

  /** The verdict at `nowMs`. `eligible`: whether the deployment meets what the row requires; null if unknown. */
  verdict(nowMs: number, eligible: boolean | null): Verdict {
    this.#growUnseen(nowMs);
    const { rules, scope, period } = this.setup;
    const figures = this.#figures(nowMs);
    const { allowed } = rules;
    const openRun = this.#openRun(nowMs);
    const end = Math.min(nowMs, period.toMs);
    return {
      row: rules.row,
      scope,
      reading: rules.reading,
      state: this.#state(figures, eligible),
      target: rules.target,
      eligible: rules.starred ? eligible : true,
      period,
      atMs: nowMs,
      budgetMs: allowed && floorOf(allowed, figures.lengthMs),
      downtimeMs: { ...figures.downtime, raw: this.#timeline.bad.estimate.within(period.fromMs, end) },
      excludedMs: this.#timeline.excluded.within(period.fromMs, end),
      unknownMs: figures.unknownMs,
      contestedMs: this.#timeline.contested.within(period.fromMs, end),
      remainingMs: allowed && floorOf(allowed, figures.lengthMs) - figures.downtime.estimate,
      timeToBreachMs: allowed && this.#timeToBreach(floorOf(allowed, figures.lengthMs), figures, openRun),
      availability: availabilityOf(figures),
      pace: allowed && paceOf(allowed, figures),
      incidents: this.#incidents,
      openIncident: (openRun && this.#incidents.find((incident) => incident.fromMs === openRun.from)) ?? null,
      rolling: this.#rolling(nowMs),
    };
  }

  #figures(atMs: number): Figures {
    const { period, rules } = this.setup;
    const end = Math.max(period.fromMs, Math.min(atMs, period.toMs));
    const removed = rules.removesExcluded
      ? lengthOf(clip(this.#timeline.rowExclusions, period.fromMs, end))
      : 0;
    const counted = (bound: Bound): number =>
      this.#timeline.ledgers[bound].counted.within(period.fromMs, end);
    return {
      atMs,
      lengthMs: period.toMs - period.fromMs - removed,
      elapsedMs: end - period.fromMs - removed,
      unknownMs: this.#timeline.unknown.within(period.fromMs, end),
      seenMs: this.#seenMs(period.fromMs, Math.min(end, this.#timeline.horizonMs(atMs))),
      downtime: { best: counted('best'), estimate: counted('estimate'), worst: counted('worst') },
      over: atMs >= period.toMs && this.#timeline.horizonMs(atMs) >= period.toMs,
    };
  }

  #seenMs(fromMs: number, toMs: number): number {
    return Math.max(0, toMs - fromMs) - this.#timeline.unknown.within(fromMs, toMs);
  }

  #state(figures: Figures, eligible: boolean | null): VerdictState {
    const { allowed, starred } = this.setup.rules;
    if (!allowed) return 'no-commitment';
    if (starred && eligible === false) return 'not-applicable';
    if (exceeds(figures.downtime.best, figures.lengthMs, allowed)) return 'breached';
    if (exceeds(figures.downtime.worst, figures.lengthMs, allowed)) return 'undecided';
    return figures.over ? 'met' : 'on-track';
  }

  /**
   * The bad run that may still go on, or that the next bad slot would join. What comes after it unseen does not end it:
   * only a slot that was seen to be up, or excluded, does.
   */
  #openRun(nowMs: number): BadRun | undefined {
    const last = this.#timeline.ledgers.estimate.runs.at(-1);
    if (!last) return undefined;
    const horizonMs = this.#timeline.horizonMs(nowMs);
    const unseenMs = this.#timeline.unknown.within(last.to, horizonMs);
    return last.to + this.setup.rules.mergeGapMs + unseenMs >= horizonMs ? last : undefined;
  }

  /** How long an outage may last from now on before the budget is used up. */
  #timeToBreach(budgetMs: number, figures: Figures, open: BadRun | undefined): number {
    const left = Math.max(0, budgetMs - figures.downtime.estimate);
    const { deductMs, minimumMs } = this.setup.rules;
    const lasted = open?.badMs ?? 0;
    if (open?.counts) return left + Math.max(0, deductMs - lasted);
    return Math.max(left + deductMs - lasted, minimumMs - lasted);
  }

  #rolling(nowMs: number): Readonly<Record<string, RollingFigures>> {
    const horizonMs = this.#timeline.horizonMs(nowMs);
    return Object.fromEntries(
      Object.entries(ROLLING_WINDOWS).map(([name, lengthMs]) => [
        name,
        this.#rollingOver(horizonMs, lengthMs),
      ]),
    );
  }

  /** Over the window that ends where every check is settled: a slot that is still awaited is no sign of being up. */
  #rollingOver(horizonMs: number, lengthMs: number): RollingFigures {
    const from = horizonMs - lengthMs;
    const downtimeMs = this.#timeline.ledgers.estimate.counted.within(from, horizonMs);
    const unknownMs = this.#timeline.unknown.within(from, horizonMs);
    const { allowed } = this.setup.rules;
    const frozen = !allowed || allowed.num === 0n || unknownMs * 2 > lengthMs;
    return {
      downtimeMs,
      unknownMs,
      burnRate: frozen ? null : downtimeMs / (lengthMs - unknownMs) / toNumber(allowed),
      coverage: 1 - unknownMs / lengthMs,
    };
  }
}

/** Whether D > B, exactly: D · den > L · num. Equal to the budget is not over it. */
function exceeds(downtimeMs: number, lengthMs: number, allowed: Fraction): boolean {
  return BigInt(downtimeMs) * allowed.den > BigInt(lengthMs) * allowed.num;
}

/** Where nothing was seen at all there is no figure: an availability of 100 % would be a guess. */
function availabilityOf(figures: Figures): Verdict['availability'] {
  const { downtime, lengthMs, elapsedMs, unknownMs, seenMs, over } = figures;
  const ratio = (downtimeMs: number, ofMs: number): string | null =>
    ofMs > 0
      ? formatDecimal({ num: BigInt(ofMs - downtimeMs), den: BigInt(ofMs) }, AVAILABILITY_DIGITS)
      : null;
  return {
    toDate: seenMs > 0 ? ratio(downtime.estimate, elapsedMs - unknownMs) : null,
    bestAchievable: ratio(downtime.best, lengthMs),
    final: over && seenMs > 0 ? ratio(downtime.estimate, lengthMs) : null,
    worst: ratio(downtime.worst, lengthMs),
  };
}

function paceOf(allowed: Fraction, { downtime, lengthMs, elapsedMs }: Figures): number | null {
  if (allowed.num === 0n || elapsedMs <= 0 || lengthMs <= 0) return null;
  return downtime.estimate / (lengthMs * toNumber(allowed)) / (elapsedMs / lengthMs);
}
