import type { Config } from '../config/config.ts';
import type { Check } from '../core/check.ts';
import { type PeriodKind, periodNamed } from '../contract/periods.ts';
import type { CancelTimer, Clock } from '../core/clock.ts';
import type { DeclaredExclusion } from '../core/exclusion.ts';
import type { Explanation } from '../core/explanation.ts';
import type { Period, Verdict } from '../core/verdict.ts';
import type { Judge, Question } from '../judge/judge.ts';
import { explainRow } from '../casework/explaining.ts';
import { coversRegion, judgeFor, takeIn } from '../casework/judging.ts';
import { StoredJudgements, type StoredJudgementsOptions } from './stored-judgements.ts';

/** How often the windows are judged. */
const EVALUATE_EVERY_MS = 1_000;
/** For how long verdicts are made before the event loop gets its turn. */
const TURN_MS = 1;

/** What the loop works with and whom it tells. */
export interface JudgeLoopOptions extends StoredJudgementsOptions {
  readonly clock: Clock;
  /** Every evaluation, with all verdicts. Must not throw. */
  readonly onVerdicts: (atMs: number, verdicts: readonly Verdict[]) => void;
  /** An evaluation failed, with what the store threw; the next one is tried all the same. Must not throw. */
  readonly onFailure: (error: unknown) => void;
}

/**
 * Judges the windows every second, commits what is settled, and tells the verdicts. A configuration can be changed
 * under way: what was judged goes on from where it stands. Without a term it judges the same beside the judge that
 * leads, goes on from what that one stores, and stores nothing itself.
 */
export class JudgeLoop {
  readonly #options: JudgeLoopOptions;
  #config: Config;
  #judge: Judge;
  #stored: StoredJudgements;
  #nextConfig: Config | undefined;
  #nextExclusions: readonly DeclaredExclusion[] | undefined;
  #toldSubregions: readonly string[] | undefined;
  #lastNowMs = 0;
  #cancel: CancelTimer = () => undefined;
  #underWay: Promise<void> = Promise.resolve();
  #stopped = false;

  constructor(options: JudgeLoopOptions, config: Config) {
    this.#options = options;
    this.#config = config;
    this.#judge = judgeFor(config);
    this.#stored = new StoredJudgements(options, this.#judge);
  }

  /** Takes up what was judged before, and begins. */
  async start(): Promise<void> {
    await this.#stored.restore();
    this.#arm(0);
  }

  /** Judges by this configuration from the next evaluation on. */
  reconfigure(config: Config): void {
    this.#nextConfig = config;
  }

  /** Judges by these declared exclusions, and by no others, from the next evaluation on. */
  declare(exclusions: readonly DeclaredExclusion[]): void {
    this.#nextExclusions = exclusions;
  }

  /** Says what subregions the region has, as its API tells them. */
  tellSubregions(subregions: readonly string[]): void {
    this.#toldSubregions = subregions;
    this.#judge.learn(coversRegion(this.#config, subregions));
  }

  /** The verdicts on the rows of this kind of period, for a period that may be over, in all its parts. */
  async verdictsOf(kind: PeriodKind, period: Period): Promise<readonly Verdict[]> {
    await this.#underWay;
    return [...this.#judge.verdicts(this.#lastNowMs, (of) => (of === kind ? period : undefined))];
  }

  /**
   * How the verdicts on a row came about, as of the last evaluation; of the period of that name, or of the current one.
   * Undefined when the name is none of a period. Rejects when the store is broken.
   */
  async explain(question: Question, period?: string): Promise<readonly Explanation[] | undefined> {
    const named = period === undefined ? undefined : periodNamed(this.#config.contract, period);
    if (period !== undefined && !named) return undefined;
    await this.#underWay;
    return explainRow(this.#judge, this.#options.store, question, this.#lastNowMs, named);
  }

  /** Ends the loop and stores what is settled. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#cancel();
    await this.#underWay;
    await this.#settle();
  }

  #arm(delayMs: number): void {
    if (this.#stopped) return;
    this.#cancel = this.#options.clock.after(delayMs, () => {
      this.#underWay = this.#evaluate();
    });
  }

  async #evaluate(): Promise<void> {
    const { clock, onFailure } = this.#options;
    const startedMs = clock.monotonicMs();
    try {
      await this.#adopt();
      this.#adoptExclusions();
      await this.#step();
    } catch (error) {
      onFailure(error);
    }
    this.#arm(EVALUATE_EVERY_MS - (clock.monotonicMs() - startedMs));
  }

  async #step(): Promise<void> {
    const { clock, breathe, onVerdicts } = this.#options;
    // A clock that goes back is waited for: what was judged stays judged.
    const nowMs = Math.max(this.#lastNowMs, clock.wallMs());
    this.#lastNowMs = nowMs;
    await this.#stored.follow();
    await this.#takeIn(nowMs, async (group) => {
      await this.#stored.commit(group, nowMs, false);
      await breathe();
    });
    const verdicts: Verdict[] = [];
    let turnMs = clock.monotonicMs();
    for (const verdict of this.#judge.verdicts(nowMs)) {
      verdicts.push(verdict);
      if (clock.monotonicMs() - turnMs < TURN_MS) continue;
      await breathe();
      turnMs = clock.monotonicMs();
    }
    onVerdicts(nowMs, verdicts);
  }

  /** Judges every check once more at the last instant, and stores all that is settled. */
  async #settle(): Promise<void> {
    const nowMs = this.#lastNowMs;
    if (this.#options.epoch === undefined || nowMs === 0) return;
    for (const { id } of this.#judge.checks) this.#judge.touch(id);
    await this.#takeIn(nowMs, (group) => this.#stored.commit(group, nowMs, true));
  }

  async #takeIn(nowMs: number, settle: (group: readonly Check[]) => Promise<void>): Promise<void> {
    const stored = this.#stored;
    await stored.lookBack();
    // The store tells of late bits behind the cursor that is stored; those between it and ours are read again.
    const storedMs = (check: string): number | undefined => stored.cursorMs(check);
    await takeIn(this.#judge, this.#options.store, nowMs, { storedMs, settle });
  }

  #adoptExclusions(): void {
    if (this.#nextExclusions) this.#judge.declare(this.#nextExclusions);
    this.#nextExclusions = undefined;
  }

  async #adopt(): Promise<void> {
    const config = this.#nextConfig;
    if (!config) return;
    await this.#settle();
    const judge = judgeFor(config);
    // Whole before anything is judged by it: what is stored is never gone about as if it were not there.
    const stored = await this.#stored.handedTo(judge);
    judge.learn(coversRegion(config, this.#toldSubregions));
    this.#config = config;
    this.#judge = judge;
    this.#stored = stored;
    if (this.#nextConfig === config) this.#nextConfig = undefined;
  }
}
