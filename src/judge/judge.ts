import type { Cause } from '../core/cause.ts';
import type { Check, RowComposition } from '../core/check.ts';
import type { Composition } from '../core/composition.ts';
import { checksOf } from '../core/composition.ts';
import type { DeclaredExclusion } from '../core/exclusion.ts';
import type { SlotBits } from '../core/slots.ts';
import type { Transition } from '../core/timeline.ts';
import type { Period, Verdict } from '../core/verdict.ts';
import { periodAt } from '../contract/periods.ts';
import { type RowRules, rulesOf } from '../contract/rules.ts';
import type { Contract } from '../contract/schema.ts';
import { CheckBounds } from './check-bounds.ts';
import { CheckTimeline } from './check-timeline.ts';
import { RowVerdict } from './row-verdict.ts';

/** What a judge judges by. */
export interface JudgeSetup {
  readonly contract: Contract;
  readonly checks: readonly Check[];
  readonly compositions: readonly RowComposition[];
  readonly exclusions: readonly DeclaredExclusion[];
  /** Whether the deployment covers every subregion of the region; null when that is not known. */
  readonly coversRegion: boolean | null;
}

/** Chooses the period that a row is judged in. */
export type PeriodChoice = (rules: RowRules) => Period;

/** What is to be stored of a check: these transitions in place of all that are stored from `fromMs` on. */
export interface Unsaved {
  readonly fromMs: number;
  readonly cursorMs: number;
  readonly transitions: readonly Transition[];
}

interface JudgedCheckState {
  readonly check: Check;
  readonly timeline: CheckTimeline;
  /** By the causes that a reading excuses: readings that excuse the same share their bounds. */
  readonly bounds: Map<string, CheckBounds>;
}

/** One row's promise to one of its members. */
interface Member {
  readonly rules: RowRules;
  readonly scope: string;
  readonly composition: Composition;
  verdict: RowVerdict | undefined;
  /** From where on the verdict is still to take in what changed; Infinity when nothing did. */
  staleFromMs: number;
}

/** The check that a row without any check is composed of: never seen, so unknown all along. */
const NOBODY = '';

/**
 * Windows to verdicts (sla-math): takes in the bits of slots, check by check, and gives a verdict for every row,
 * scope and reading at any later instant. Incremental: a step costs what changed, not what is remembered. Holds no
 * clock; time must not go back between calls.
 */
export class Judge {
  readonly #setup: JudgeSetup;
  readonly #checks = new Map<string, JudgedCheckState>();
  readonly #members: readonly Member[];
  readonly #membersOf = new Map<string, Member[]>();

  constructor(setup: JudgeSetup) {
    this.#setup = setup;
    for (const check of setup.checks) {
      this.#checks.set(check.id, { check, timeline: new CheckTimeline(check), bounds: new Map() });
    }
    this.#members = rulesOf(setup.contract).flatMap((rules) => this.#membersUnder(rules));
    for (const member of this.#members) {
      for (const check of checksOf(member.composition)) {
        this.#membersOf.set(check, [...(this.#membersOf.get(check) ?? []), member]);
      }
    }
  }

  get checks(): readonly Check[] {
    return this.#setup.checks;
  }

  /** Where judging of a check goes on; undefined before its first observation. */
  cursorMs(check: string): number | undefined {
    return this.#checks.get(check)?.timeline.cursorMs;
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
    for (const member of this.#membersOf.get(bits.check) ?? []) {
      const bounds = member.verdict?.setup.checks.get(bits.check);
      const from = bounds && fromMs.get(bounds);
      // Taken in when the verdict is asked for: once, however many checks of the row have changed.
      if (from !== undefined) member.staleFromMs = Math.min(member.staleFromMs, from);
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

  /** The verdicts at `nowMs`, one at a time, so that the caller may pause between them. */
  *verdicts(
    nowMs: number,
    periodOf: PeriodChoice = this.#currentPeriod(nowMs),
  ): Generator<Verdict, void, void> {
    for (const member of this.#members) {
      yield this.#verdictOf(member, periodOf(member.rules), nowMs).verdict(nowMs, this.#setup.coversRegion);
    }
  }

  #currentPeriod(nowMs: number): PeriodChoice {
    const periods = {
      month: periodAt(this.#setup.contract, 'month', nowMs),
      year: periodAt(this.#setup.contract, 'year', nowMs),
    };
    return (rules) => periods[rules.period];
  }

  /** A period that begins is judged from the timelines anew. */
  #verdictOf(member: Member, period: Period, nowMs: number): RowVerdict {
    const current = member.verdict;
    const { staleFromMs } = member;
    member.staleFromMs = Infinity;
    if (current?.setup.period.fromMs === period.fromMs && current.setup.period.toMs === period.toMs) {
      if (staleFromMs < Infinity) current.refresh(staleFromMs, nowMs);
      return current;
    }
    const checks = new Map<string, CheckBounds>();
    for (const id of checksOf(member.composition)) {
      const state = this.#checks.get(id);
      if (state) checks.set(id, boundsFor(state, member.rules.excusedCauses));
    }
    const { rules, scope, composition } = member;
    const verdict = new RowVerdict({
      rules,
      scope,
      composition,
      checks,
      exclusions: this.#setup.exclusions,
      period,
    });
    member.verdict = verdict;
    return verdict;
  }

  /** Has everything that was derived from a check derived again. */
  #forget(check: string): void {
    this.#checks.get(check)?.bounds.clear();
    for (const member of this.#membersOf.get(check) ?? []) member.verdict = undefined;
  }

  #membersUnder(rules: RowRules): readonly Member[] {
    const own = this.#setup.checks.filter((check) => check.row === rules.row);
    const composed = this.#setup.compositions.filter((composition) => composition.row === rules.row);
    const scopes = [...new Set([...own, ...composed].map(({ scope }) => scope))].sort();
    const memberOf = (scope: string, composition: Composition): Member => ({
      rules,
      scope,
      composition,
      verdict: undefined,
      staleFromMs: Infinity,
    });
    if (scopes.length === 0) return [memberOf('region', NOBODY)];
    return scopes.map((scope) => {
      const declared = composed.find((composition) => composition.scope === scope)?.bad;
      const any = own.filter((check) => check.scope === scope).map((check) => check.id);
      return memberOf(scope, declared ?? { any });
    });
  }
}

function boundsFor(state: JudgedCheckState, excusedCauses: ReadonlySet<Cause>): CheckBounds {
  const key = [...excusedCauses].sort().join(' ');
  const known = state.bounds.get(key);
  if (known) return known;
  const bounds = new CheckBounds(state.timeline, state.check.confirm, excusedCauses);
  bounds.refresh(0);
  state.bounds.set(key, bounds);
  return bounds;
}
