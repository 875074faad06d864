import { periodAt } from '../contract/periods.ts';
import {
  type ContractHistory,
  promisesOf,
  type RuledPeriod,
  ruledPeriods,
  versionsOf,
  type WholePeriods,
} from '../contract/rule-history.ts';
import type { Check, RowComposition } from '../core/check.ts';
import type { DeclaredExclusion } from '../core/exclusion.ts';
import type { SlotBits } from '../core/slots.ts';
import type { Transition } from '../core/timeline.ts';
import type { Verdict } from '../core/verdict.ts';
import type { CheckBounds } from './check-bounds.ts';
import { CheckTimeline } from './check-timeline.ts';
import { type Counterfactual, counterfactuals } from './counterfactual.ts';
import { boundsFor, type JudgedCheck } from './judged-check.ts';
import { type Member, membersUnder } from './members.ts';
import { concerns } from './row-timeline.ts';
import { RowVerdict } from './row-verdict.ts';

/** What a judge judges by. */
export interface JudgeSetup extends ContractHistory {
  readonly checks: readonly Check[];
  readonly compositions: readonly RowComposition[];
  readonly exclusions: readonly DeclaredExclusion[];
  /** Whether the deployment covers every subregion of the region; null when that is not known. */
  readonly coversRegion: boolean | null;
}

/** What is to be stored of a check: these transitions in place of all that are stored from `fromMs` on. */
export interface Unsaved {
  readonly fromMs: number;
  readonly cursorMs: number;
  readonly transitions: readonly Transition[];
}

/** Which verdicts are meant: all of a row, or only those of one member or reading. */
export interface Question {
  readonly row: string;
  readonly scope?: string;
  readonly reading?: string;
}

/** How many periods of a member are kept up to date: the current one, and one that is asked for beside it. */
const PERIODS_KEPT = 2;

/**
 * Windows to verdicts (sla-math): takes in the bits of slots, check by check, and gives a verdict for every row,
 * scope and reading at any later instant. Incremental: a step costs what changed, not what is remembered. Holds no
 * clock; time must not go back between calls.
 */
export class Judge {
  readonly #setup: JudgeSetup;
  #exclusions: readonly DeclaredExclusion[];
  #coversRegion: boolean | null;
  readonly #checks = new Map<string, JudgedCheck>();
  readonly #members: readonly Member[];
  readonly #membersOf = new Map<string, Member[]>();

  constructor(setup: JudgeSetup) {
    this.#setup = setup;
    this.#exclusions = setup.exclusions;
    this.#coversRegion = setup.coversRegion;
    for (const check of setup.checks) {
      this.#checks.set(check.id, { check, timeline: new CheckTimeline(check), bounds: new Map() });
    }
    const promises = promisesOf(versionsOf(setup));
    this.#members = promises.flatMap((promise) => membersUnder(promise, setup.checks, setup.compositions));
    for (const member of this.#members) {
      for (const check of member.checks) {
        this.#membersOf.set(check, [...(this.#membersOf.get(check) ?? []), member]);
      }
    }
  }

  get setup(): JudgeSetup {
    return this.#setup;
  }

  get checks(): readonly Check[] {
    return this.#setup.checks;
  }

  /** Whether the deployment covers every subregion of the region, as far as is known now; null when it is not. */
  get coversRegion(): boolean | null {
    return this.#coversRegion;
  }

  /** Judges by this knowledge of the region from now on. */
  learn(coversRegion: boolean | null): void {
    this.#coversRegion = coversRegion;
  }

  /** The declared exclusions that are judged by. */
  get exclusions(): readonly DeclaredExclusion[] {
    return this.#exclusions;
  }

  /** Judges by these exclusions from now on; only members that the change concerns are judged anew. */
  declare(exclusions: readonly DeclaredExclusion[]): void {
    const before = new Set(this.#exclusions.map((one) => JSON.stringify(one)));
    const after = new Set(exclusions.map((one) => JSON.stringify(one)));
    const changed = [...this.#exclusions, ...exclusions].filter((one) => {
      const text = JSON.stringify(one);
      return !before.has(text) || !after.has(text);
    });
    this.#exclusions = exclusions;
    for (const member of this.#members) {
      const kept = member.judged.filter(
        ({ verdict: { setup } }) => !changed.some((one) => concerns(one, setup)),
      );
      member.judged.splice(0, Infinity, ...kept);
    }
  }

  /** The length of the slots that a check is judged by; undefined of one that is not judged. */
  intervalMs(check: string): number | undefined {
    return this.#checks.get(check)?.check.intervalMs;
  }

  /** Where judging of a check goes on; undefined before its first observation. */
  cursorMs(check: string): number | undefined {
    return this.#checks.get(check)?.timeline.cursorMs;
  }

  /** When the first observation of a check was due, in ms since the epoch; undefined before it. */
  beginMs(check: string): number | undefined {
    return this.#checks.get(check)?.timeline.beginMs;
  }

  /** Says that slots of a check may have changed since they were judged. */
  touch(check: string): void {
    this.#checks.get(check)?.timeline.touch();
  }

  /** Whether judging a check at `nowMs` could come to anything else than it did last; not before its first observation. */
  isDue(check: string, nowMs: number): boolean {
    return this.#checks.get(check)?.timeline.isDue(nowMs) ?? false;
  }

  /** Puts back what was judged of a check before. */
  restore(check: string, transitions: readonly Transition[], cursorMs: number): void {
    const state = this.#checks.get(check);
    if (!state) return;
    state.timeline.restore(transitions, cursorMs);
    this.#forget(check);
  }

  /** Says that a check was first seen at `atMs`, or that its bits have changed from there on. */
  rewind(check: string, atMs: number): void {
    const state = this.#checks.get(check);
    const begins = state?.timeline.beginMs;
    state?.timeline.rewind(atMs);
    if (begins === undefined || atMs < begins) this.#forget(check);
  }

  /** Judges the slots of a check from its cursor to `nowMs`; the bits must cover them. */
  advance(bits: SlotBits, nowMs: number): void {
    const state = this.#checks.get(bits.check);
    const changedMs = state?.timeline.advance(bits, nowMs);
    if (!state || changedMs === undefined) return;
    const fromMs = new Map<CheckBounds, number>();
    for (const bounds of state.bounds.values()) fromMs.set(bounds, bounds.refresh(changedMs));
    for (const { judged } of this.#membersOf.get(bits.check) ?? []) {
      for (const period of judged) {
        const bounds = period.verdict.setup.checks.get(bits.check);
        const from = bounds && fromMs.get(bounds);
        // Taken in when the verdict is asked for: once, however many checks of the row have changed.
        if (from !== undefined) period.staleFromMs = Math.min(period.staleFromMs, from);
      }
    }
  }

  /** What of a check is settled and not stored yet, which may be nothing; undefined before it was ever seen. */
  unsaved(check: string): Unsaved | undefined {
    const timeline = this.#checks.get(check)?.timeline;
    const { cursorMs, unsavedFromMs: fromMs } = timeline ?? {};
    if (!timeline || cursorMs === undefined || fromMs === undefined) return undefined;
    return { fromMs, cursorMs, transitions: timeline.unsavedTransitions() };
  }

  /** Says that everything settled of a check is stored. */
  markSaved(check: string): void {
    this.#checks.get(check)?.timeline.markSaved();
  }

  /**
   * The verdicts at `nowMs`, one at a time, so that the caller may pause between them: for each member that of the
   * period, or the part of one, that is going on; or those of all parts of the periods that `wholeOf` names.
   */
  *verdicts(nowMs: number, wholeOf?: WholePeriods): Generator<Verdict, void, void> {
    const periodsOf = this.#periodsOf(nowMs, wholeOf);
    for (const member of this.#members) {
      for (const ruled of periodsOf(member)) {
        yield this.#kept(member, ruled, nowMs).verdict(nowMs, this.#coversRegion);
      }
    }
  }

  /**
   * The same verdicts on one row as {@link verdicts} gives, each as the object that can also tell how it came about.
   * Computed anew on request.
   */
  examined(question: Question, nowMs: number, wholeOf?: WholePeriods): readonly RowVerdict[] {
    const periodsOf = this.#periodsOf(nowMs, wholeOf);
    return this.#asked(question).flatMap((member) =>
      periodsOf(member).map((ruled) => this.#newVerdict(member, ruled)),
    );
  }

  /** The verdict on a member with and without each kind of declared exclusion. Computed anew on request. */
  counterfactuals(examined: RowVerdict, nowMs: number): readonly Counterfactual[] {
    return counterfactuals(examined, this.#exclusions, this.#coversRegion, nowMs);
  }

  #asked({ row, scope, reading }: Question): readonly Member[] {
    return this.#members.filter(
      (member) =>
        member.promise.row === row &&
        (scope === undefined || member.scope === scope) &&
        (reading === undefined || member.promise.reading === reading),
    );
  }

  #periodsOf(nowMs: number, wholeOf?: WholePeriods): (member: Member) => readonly RuledPeriod[] {
    const { contract } = this.#setup;
    const { timezone } = contract;
    if (wholeOf) return ({ promise }) => ruledPeriods(promise, wholeOf, timezone);
    const current = { month: periodAt(contract, 'month', nowMs), year: periodAt(contract, 'year', nowMs) };
    return ({ promise }) =>
      ruledPeriods(promise, (kind) => current[kind], timezone).filter(
        ({ period }) => period.fromMs <= nowMs && nowMs < period.toMs,
      );
  }

  /** A period that is not kept is judged from the timelines anew. */
  #kept(member: Member, ruled: RuledPeriod, nowMs: number): RowVerdict {
    const { judged } = member;
    const index = judged.findIndex(({ verdict: { setup } }) => isOf(setup, ruled));
    const known = judged[index];
    if (!known) {
      if (judged.length >= PERIODS_KEPT) judged.shift();
      const verdict = this.#newVerdict(member, ruled);
      judged.push({ verdict, staleFromMs: Infinity });
      return verdict;
    }
    if (index < judged.length - 1) judged.push(...judged.splice(index, 1));
    const { staleFromMs } = known;
    known.staleFromMs = Infinity;
    if (staleFromMs < Infinity) known.verdict.refresh(staleFromMs, nowMs);
    return known.verdict;
  }

  #newVerdict({ composition, checks: ids, scope }: Member, { rules, period }: RuledPeriod): RowVerdict {
    const checks = new Map<string, CheckBounds>();
    for (const id of ids) {
      const state = this.#checks.get(id);
      if (state) checks.set(id, boundsFor(state, rules));
    }
    return new RowVerdict({ rules, scope, composition, checks, exclusions: this.#exclusions, period });
  }

  /** Has everything that was derived from a check derived again. */
  #forget(check: string): void {
    this.#checks.get(check)?.bounds.clear();
    for (const { judged } of this.#membersOf.get(check) ?? []) judged.splice(0);
  }
}

function isOf(setup: RowVerdict['setup'], { rules, period }: RuledPeriod): boolean {
  return setup.period.fromMs === period.fromMs && setup.period.toMs === period.toMs && setup.rules === rules;
}
