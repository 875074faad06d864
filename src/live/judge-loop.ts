import type { Config } from '../config/config.ts';
import type { Check } from '../core/check.ts';
import { type PeriodKind, periodNamed } from '../contract/periods.ts';
import type { CancelTimer, Clock } from '../core/clock.ts';
import type { DeclaredExclusion } from '../core/exclusion.ts';
import type { Explanation } from '../core/explanation.ts';
import type { Period, Verdict } from '../core/verdict.ts';
import type { Judge, Question } from '../judge/judge.ts';
import { explainRow } from '../casework/explaining.ts';
import { coversRegion, judgeFor, reachBack, takeIn } from '../casework/judging.ts';
import type { JudgedHead } from '../window/judged-head.ts';
import type { CommitResult, JudgeCommit, WindowStore } from '../window/store.ts';

/** How often the windows are judged. */
const EVALUATE_EVERY_MS = 1_000;
/** How often the progress of a check without news is stored. */
const COMMIT_AT_LEAST_EVERY_MS = 60_000;
/** How many checks are taken up at a time. */
const CHECKS_A_RESTORE = 200;
/** For how long verdicts are made before the event loop gets its turn. */
const TURN_MS = 1;

/** What the loop works with and whom it tells. */
export interface JudgeLoopOptions {
  readonly clock: Clock;
  readonly store: WindowStore;
  /** This judge's term, higher than any before; undefined when another leads: then nothing is stored. */
  readonly epoch: number | undefined;
  /** Whether this judge still leads, at this very instant; always when absent. */
  readonly leads?: () => boolean;
  /** Where the stored judgements stand; asked for by one that follows another. */
  readonly heads?: (checks: readonly string[]) => Promise<readonly (JudgedHead | undefined)[]>;
  /** Told once when another judge has taken over, by what it has stored. Must not throw. */
  readonly onFenced?: () => void;
  /** Gives the event loop a turn. */
  readonly breathe: () => Promise<void>;
  /** Every evaluation, with all verdicts. Must not throw. */
  readonly onVerdicts: (atMs: number, verdicts: readonly Verdict[]) => void;
  /** An evaluation failed, with what the store threw; the next one is tried all the same. Must not throw. */
  readonly onFailure: (error: unknown) => void;
  /** The store was written to at this instant. */
  readonly onCommit: (atMs: number) => void;
}

/** Where the stored judgement of each check ends, and when that was stored. */
type Committed = Map<string, { cursorMs: number; atMs: number }>;

/**
 * Judges the windows every second, commits what is settled, and tells the verdicts. A configuration can be changed
 * under way: what was judged goes on from where it stands. Without a term it judges the same beside the judge that
 * leads, goes on from what that one stores, and stores nothing itself.
 */
export class JudgeLoop {
  readonly #options: JudgeLoopOptions;
  #config: Config;
  #judge: Judge;
  #nextConfig: Config | undefined;
  #nextExclusions: readonly DeclaredExclusion[] | undefined;
  #toldSubregions: readonly string[] | undefined;
  #lastNowMs = 0;
  #committed: Committed = new Map();
  /** Checks that had their first commit, and of which what was seen is to be asked for once more. */
  readonly #begun = new Set<string>();
  /** What was last known of the judgements that another stores. */
  readonly #heads = new Map<string, JudgedHead>();
  #isFenced = false;
  #cancel: CancelTimer = () => undefined;
  #underWay: Promise<void> = Promise.resolve();
  #stopped = false;

  constructor(options: JudgeLoopOptions, config: Config) {
    this.#options = options;
    this.#config = config;
    this.#judge = judgeFor(config);
  }

  /** Takes up what was judged before, and begins. */
  async start(): Promise<void> {
    await this.#restore();
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
    await this.#follow();
    await this.#takeIn(nowMs, async (group) => {
      await this.#commit(group, nowMs, false);
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
    await this.#takeIn(nowMs, (group) => this.#commit(group, nowMs, true));
  }

  async #takeIn(nowMs: number, settle: (group: readonly Check[]) => Promise<void>): Promise<void> {
    await this.#lookBack();
    await takeIn(this.#judge, this.#options.store, nowMs, { storedMs: this.#storedMs, settle });
  }

  /** The store tells of late bits behind the cursor that is stored; those between it and ours are read again. */
  readonly #storedMs = (check: string): number | undefined => this.#committed.get(check)?.cursorMs;

  /**
   * Once more, after the first commit: slots older than the first may have come between the judge's asking and that, and the
   * store tells only of what comes after it.
   */
  async #lookBack(): Promise<void> {
    if (this.#begun.size === 0) return;
    const begun = this.#judge.checks.filter(({ id }) => this.#begun.has(id));
    await reachBack(this.#judge, this.#options.store, begun);
    this.#begun.clear();
  }

  /**
   * Takes note of what the judge that leads has stored since, before anything is read: what changes behind that later
   * is told as late. Where something had, its judgement is taken up anew.
   */
  async #follow(): Promise<void> {
    const { epoch, heads } = this.#options;
    if (epoch !== undefined || !heads) return;
    const checks = this.#judge.checks.map(({ id }) => id);
    const anew = new Map<string, JudgedHead>();
    for (const [i, head] of (await heads(checks)).entries()) {
      const check = checks[i];
      if (check === undefined || !head) continue;
      if (this.#goesOn(check, head)) this.#followed(check, head);
      else anew.set(check, head);
    }
    await this.#restore([...anew.keys()]);
    for (const [check, head] of anew) this.#heads.set(check, head);
  }

  /** Whether a judgement that was taken up has only been added to since. */
  #goesOn(check: string, { epoch, revision, cursorMs }: JudgedHead): boolean {
    const known = this.#heads.get(check);
    if (!known || !this.#committed.has(check)) return false;
    return known.epoch === epoch && known.revision === revision && known.cursorMs <= cursorMs;
  }

  /** What changed before that was stored is not told as late: it is read once more. */
  #followed(check: string, head: JudgedHead): void {
    const before = this.#storedMs(check);
    if (before !== undefined) this.#judge.rewind(check, before);
    this.#committed.set(check, { cursorMs: head.cursorMs, atMs: -Infinity });
    this.#heads.set(check, head);
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
    const committed: Committed = new Map();
    // Whole before anything is judged by it: what is stored is never gone about as if it were not there.
    await this.#restoreTo(judge, committed);
    judge.learn(coversRegion(config, this.#toldSubregions));
    this.#config = config;
    this.#judge = judge;
    this.#committed = committed;
    if (this.#nextConfig === config) this.#nextConfig = undefined;
  }

  #restore(checks?: readonly string[]): Promise<void> {
    return this.#restoreTo(this.#judge, this.#committed, checks);
  }

  async #restoreTo(
    judge: Judge,
    committed: Committed,
    checks: readonly string[] = judge.checks.map(({ id }) => id),
  ): Promise<void> {
    const groups = Array.from({ length: Math.ceil(checks.length / CHECKS_A_RESTORE) }, (_, i) =>
      checks.slice(i * CHECKS_A_RESTORE, (i + 1) * CHECKS_A_RESTORE),
    );
    // All are asked for at once, so that one group is taken in while the store reads the next.
    await Promise.all(
      groups.map(async (group) => {
        for (const judged of await this.#options.store.judged(group)) {
          if (!judged) continue;
          const { check, transitions, cursorMs } = judged;
          judge.restore(check, transitions, cursorMs);
          // To be stored again soon: from then on, whoever judged before is refused.
          committed.set(check, { cursorMs, atMs: -Infinity });
          await this.#options.breathe();
        }
      }),
    );
  }

  async #commit(checks: readonly Check[], nowMs: number, all: boolean): Promise<void> {
    const { epoch, leads = () => true } = this.#options;
    if (epoch === undefined || this.#isFenced || !leads()) return;
    const commits = checks.flatMap((check) => this.#commitOf(check.id, epoch, nowMs, all));
    if (commits.length === 0) return;
    const results = await this.#stored(commits);
    if (results.includes('fenced')) return this.#fenced();
    for (const [i, { check, cursorMs, expectedCursorMs }] of commits.entries()) {
      if (expectedCursorMs === null) this.#begun.add(check);
      if (results[i] === 'stale') continue;
      this.#judge.markSaved(check);
      this.#committed.set(check, { cursorMs, atMs: nowMs });
    }
    await this.#restore(commits.filter((_, i) => results[i] === 'stale').map(({ check }) => check));
    this.#options.onCommit(nowMs);
  }

  /** What could not be stored is tried again at the next evaluation, whether or not anything changes until then. */
  async #stored(commits: readonly JudgeCommit[]): Promise<readonly CommitResult[]> {
    try {
      return await this.#options.store.commit(commits);
    } catch (error) {
      for (const { check } of commits) this.#judge.touch(check);
      throw error;
    }
  }

  #fenced(): void {
    if (this.#isFenced) return;
    this.#isFenced = true;
    this.#options.onFenced?.();
  }

  /** The commit that is due for a check, if one is: at once when its state has changed, else now and then. */
  #commitOf(check: string, epoch: number, nowMs: number, always: boolean): readonly JudgeCommit[] {
    const unsaved = this.#judge.unsaved(check);
    if (!unsaved) return [];
    const last = this.#committed.get(check);
    // A check is committed as soon as it has begun: only behind a cursor that is stored is late data noticed.
    if (last && unsaved.fromMs === unsaved.cursorMs) return [];
    const hasNews = unsaved.transitions.length > 0 || unsaved.fromMs !== last?.cursorMs;
    if (!hasNews && !always && nowMs - last.atMs < COMMIT_AT_LEAST_EVERY_MS) return [];
    const { fromMs: replaceFromMs, cursorMs, transitions } = unsaved;
    return [{ check, epoch, expectedCursorMs: last?.cursorMs ?? null, cursorMs, replaceFromMs, transitions }];
  }
}
