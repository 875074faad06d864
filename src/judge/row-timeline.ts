import type { Cause } from '../core/cause.ts';
import { checksOf, type Composition } from '../core/composition.ts';
import type { DeclaredExclusion } from '../core/exclusion.ts';
import { clip, normalized, type Span, SpanList, subtract, union } from '../core/span.ts';
import type { Period } from '../core/verdict.ts';
import type { RowRules } from '../contract/rules.ts';
import type { CheckBounds } from './check-bounds.ts';
import type { CheckTimeline } from './check-timeline.ts';
import { compose } from './compose.ts';
import { IncidentLedger } from './incidents.ts';

/** The three nested bounds, each with a value. */
export type Bound = 'best' | 'estimate' | 'worst';
const BOUNDS: readonly Bound[] = ['best', 'estimate', 'worst'];
const NONE: readonly Span[] = [];

/** What a row's timeline is made of. */
export interface RowSetup {
  readonly rules: RowRules;
  readonly scope: string;
  readonly composition: Composition;
  /** By check id: all that the composition names. */
  readonly checks: ReadonlyMap<string, CheckBounds>;
  readonly exclusions: readonly DeclaredExclusion[];
  readonly period: Period;
}

/**
 * The bad time of one row, scope and reading, composed of its checks and cleared of exclusions, and the incidents
 * in it (sla-math §4, §5); for one period, since unknown time before the first observation begins with the period.
 */
export class RowTimeline {
  readonly setup: RowSetup;
  readonly bad: Readonly<Record<Bound, SpanList>> = {
    best: new SpanList(),
    estimate: new SpanList(),
    worst: new SpanList(),
  };
  readonly ledgers: Readonly<Record<Bound, IncidentLedger>>;
  readonly excluded = new SpanList();
  readonly unknown = new SpanList();
  readonly contested = new SpanList();
  /** Declared exclusions that apply to this member under this reading, of the whole row or of some of its checks. */
  readonly honoured: readonly DeclaredExclusion[];
  /** The time of those of the whole row. */
  readonly rowExclusions: readonly Span[];
  readonly #checks: readonly string[];
  /** Of each of those checks; undefined of one that is not measured. */
  readonly #timelines: readonly (CheckTimeline | undefined)[];
  /** Until when each check was unknown for want of a first observation, as last composed. */
  readonly #unseenEnds: number[];
  readonly #checkExclusions: ReadonlyMap<string, readonly Span[]>;

  constructor(setup: RowSetup) {
    this.setup = setup;
    this.#checks = checksOf(setup.composition);
    this.#timelines = this.#checks.map((check) => setup.checks.get(check)?.timeline);
    this.#unseenEnds = this.#checks.map(() => -Infinity);
    const { rules } = setup;
    this.ledgers = {
      best: new IncidentLedger(rules),
      estimate: new IncidentLedger(rules),
      worst: new IncidentLedger(rules),
    };
    this.honoured = setup.exclusions.filter(
      (exclusion) => rules.honoured.has(exclusion.kind) && concerns(exclusion, setup),
    );
    this.rowExclusions = spansOf(this.honoured.filter((exclusion) => !exclusion.checks));
    this.#checkExclusions = new Map(
      this.#checks.map((check) => [
        check,
        spansOf(this.honoured.filter((one) => one.checks?.includes(check))),
      ]),
    );
  }

  /**
   * Up to where every check is settled at `nowMs`: the end of what is known without a gap. `nowMs` when there is no
   * check at all.
   */
  horizonMs(nowMs: number): number {
    const horizons = [...this.setup.checks.values()].map(({ timeline }) => horizonOf(timeline, nowMs));
    return Math.min(nowMs, ...horizons);
  }

  /**
   * Lets the unknown time before the first observations grow; returns the earliest instant that this changes,
   * undefined when it changes nothing.
   */
  growUnseen(nowMs: number): number | undefined {
    let changedMs: number | undefined;
    for (let i = 0; i < this.#timelines.length; i++) {
      const timeline = this.#timelines[i];
      const before = this.#unseenEnds[i] ?? -Infinity;
      // Nothing grows beyond the first observation.
      if (before === timeline?.beginMs) continue;
      const end = unseenUntil(timeline, nowMs);
      if (end === before) continue;
      this.#unseenEnds[i] = end;
      changedMs = Math.min(changedMs ?? before, before);
    }
    return changedMs;
  }

  /** Composes and counts again from `fromMs` on. Returns the index of the first run of the estimate redone. */
  refresh(fromMs: number, nowMs: number): number {
    const concerned = this.#concernedFrom(fromMs);
    for (const bound of BOUNDS) {
      const composed = this.#compose(concerned, (check) => this.#boundOf(check, bound, fromMs, nowMs));
      this.#replace(this.bad[bound], fromMs, subtract(composed, this.rowExclusions));
    }
    this.#refreshUnseen(concerned, fromMs, nowMs);
    this.ledgers.best.refresh(this.bad.best, fromMs);
    this.ledgers.worst.refresh(this.bad.worst, fromMs);
    return this.ledgers.estimate.refresh(this.bad.estimate, fromMs);
  }

  /** The checks of which there is anything but good time from `fromMs` on. */
  #concernedFrom(fromMs: number): ReadonlySet<string> {
    return new Set(
      this.#checks.filter((check) => {
        const bounds = this.setup.checks.get(check);
        return !bounds?.isGoodFrom(fromMs) || (bounds.timeline.beginMs ?? Infinity) > fromMs;
      }),
    );
  }

  /** The slots of a check that began in [fromMs, toMs) outside all declared exclusions, by what they came to. */
  testsOf(check: string, fromMs: number, toMs: number): { readonly up: number; readonly down: number } {
    const left = union(this.rowExclusions, this.#checkExclusions.get(check) ?? []);
    return this.setup.checks.get(check)?.tests(fromMs, toMs, left) ?? { up: 0, down: 0 };
  }

  /** Adds the causes of those down slots of a check that are part of the bad time of a run of the estimate. */
  addCauses(check: string, run: Span, causes: Set<Cause>): void {
    const bounds = this.setup.checks.get(check);
    const runs = bounds?.timeline.runs;
    if (!bounds || !runs) return;
    const excluded = this.#checkExclusions.get(check) ?? [];
    for (let i = runs.indexAfter(run.from); ; i++) {
      const part = runs.at(i);
      if (!part || part.fromMs >= run.to) return;
      if (part.state !== 'D' || part.causes.every((cause) => causes.has(cause))) continue;
      if (bounds.stateOf(part) !== 'D' || bounds.estimate.within(part.fromMs, part.toMs) === 0) continue;
      const own = subtract(clip([{ from: part.fromMs, to: part.toMs }], run.from, run.to), excluded);
      if (!own.some(({ from, to }) => this.bad.estimate.within(from, to) > 0)) continue;
      for (const cause of bounds.causesOf(part)) causes.add(cause);
    }
  }

  /** What is neither good nor bad: excluded, unknown, contested. */
  #refreshUnseen(concerned: ReadonlySet<string>, fromMs: number, nowMs: number): void {
    const listOf = (name: 'down' | 'estimate' | 'excluded' | 'contested') => (check: string) =>
      this.setup.checks.get(check)?.[name].since(fromMs) ?? [];
    const down = listOf('down');
    const composedDown = this.#compose(concerned, down);
    const orUnknown = this.#compose(concerned, (check) =>
      union(down(check), this.unknownOf(check, fromMs, nowMs)),
    );
    const orExcluded = this.#compose(concerned, (check) =>
      union(listOf('estimate')(check), listOf('excluded')(check)),
    );
    const unknown = subtract(orUnknown, composedDown);
    const { removesExcluded } = this.setup.rules;
    this.#replace(this.unknown, fromMs, removesExcluded ? subtract(unknown, this.rowExclusions) : unknown);
    this.#replace(this.excluded, fromMs, subtract(orExcluded, this.bad.estimate.since(fromMs)));
    this.#replace(this.contested, fromMs, union([], ...Array.from(concerned, listOf('contested'))));
  }

  /** Composed of the concerned checks; the others are good, and no composition makes bad time of that. */
  #compose(concerned: ReadonlySet<string>, spans: (check: string) => readonly Span[]): readonly Span[] {
    if (concerned.size === 0) return NONE;
    return compose(this.setup.composition, (check) => (concerned.has(check) ? spans(check) : NONE));
  }

  #boundOf(check: string, bound: Bound, fromMs: number, nowMs: number): readonly Span[] {
    const bounds = this.setup.checks.get(check);
    const seen = bounds?.[bound].since(fromMs) ?? [];
    const unseen = { from: this.setup.period.fromMs, to: unseenUntil(bounds?.timeline, nowMs) };
    const bad = bound === 'worst' ? union(seen, clip([unseen], fromMs, Infinity)) : seen;
    return subtract(bad, this.#checkExclusions.get(check) ?? []);
  }

  /** When a check was not seen, from `fromMs` on: before its first observation and after it. */
  unknownOf(check: string, fromMs: number, nowMs: number): readonly Span[] {
    const bounds = this.setup.checks.get(check);
    const unseen = { from: 0, to: unseenUntil(bounds?.timeline, nowMs) };
    return union(bounds?.unknown.since(fromMs) ?? [], clip([unseen], fromMs, Infinity));
  }

  #replace(list: SpanList, fromMs: number, spans: readonly Span[]): void {
    list.truncate(fromMs);
    list.appendAll(spans);
  }
}

/** A slot before the first observation is unknown like any other: once nothing is awaited for it any more. */
function unseenUntil(timeline: CheckTimeline | undefined, nowMs: number): number {
  return timeline ? Math.min(timeline.beginMs ?? Infinity, timeline.settledEndMs(nowMs)) : nowMs;
}

/** A slot before the first observation that is still awaited is a gap as well. */
function horizonOf(timeline: CheckTimeline, nowMs: number): number {
  const { beginMs = Infinity, horizonMs = Infinity } = timeline;
  const settledMs = timeline.settledEndMs(nowMs);
  return beginMs > settledMs ? settledMs : horizonMs;
}

/** Whether an exclusion is meant for a member of a row, whatever its kind. */
export function concerns(
  exclusion: DeclaredExclusion,
  { rules, scope }: Pick<RowSetup, 'rules' | 'scope'>,
): boolean {
  return (exclusion.rows?.includes(rules.row) ?? true) && (exclusion.scopes?.includes(scope) ?? true);
}

function spansOf(exclusions: readonly DeclaredExclusion[]): readonly Span[] {
  return normalized(exclusions.map(({ fromMs, toMs }) => ({ from: fromMs, to: toMs })));
}
