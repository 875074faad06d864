import type { Check } from '../core/check.ts';
import { reachBack } from '../casework/judging.ts';
import type { Judge } from '../judge/judge.ts';
import type { JudgedHead } from '../window/judged-head.ts';
import type { CommitResult, JudgeCommit, WindowStore } from '../window/store.ts';

/** How often the progress of a check without news is stored. */
const COMMIT_AT_LEAST_EVERY_MS = 60_000;
/** How many checks are taken up at a time. */
const CHECKS_A_RESTORE = 200;

/** What the keeping of judgements works with and whom it tells. */
export interface StoredJudgementsOptions {
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
  /** The store was written to at this instant. */
  readonly onCommit: (atMs: number) => void;
}

/** What is known whichever judge it is that works by it. */
interface Known {
  /** Checks that had their first commit, and of which what was seen is to be asked for once more. */
  readonly begun: Set<string>;
  /** What was last known of the judgements that another stores. */
  readonly heads: Map<string, JudgedHead>;
  isFenced: boolean;
}

/**
 * What is stored of a judge's work: commits what is settled when it is its term, goes on from what another stores when
 * it is not, and takes up what was stored. Everything rejects with what the store threw; it can be called again.
 */
export class StoredJudgements {
  readonly #options: StoredJudgementsOptions;
  readonly #judge: Judge;
  readonly #known: Known;
  /** Where the stored judgement of each check ends, and when that was stored. */
  readonly #committed = new Map<string, { readonly cursorMs: number; readonly atMs: number }>();

  constructor(
    options: StoredJudgementsOptions,
    judge: Judge,
    known: Known = { begun: new Set(), heads: new Map(), isFenced: false },
  ) {
    this.#options = options;
    this.#judge = judge;
    this.#known = known;
  }

  /** The same for another judge, once that has taken up all that is stored. */
  async handedTo(judge: Judge): Promise<StoredJudgements> {
    const next = new StoredJudgements(this.#options, judge, this.#known);
    await next.restore();
    return next;
  }

  /** Where the stored judgement of a check ends; undefined when none is known of. */
  cursorMs(check: string): number | undefined {
    return this.#committed.get(check)?.cursorMs;
  }

  /** Takes up what is stored of these checks; of all when absent. */
  async restore(checks: readonly string[] = this.#judge.checks.map(({ id }) => id)): Promise<void> {
    const groups = Array.from({ length: Math.ceil(checks.length / CHECKS_A_RESTORE) }, (_, i) =>
      checks.slice(i * CHECKS_A_RESTORE, (i + 1) * CHECKS_A_RESTORE),
    );
    // All are asked for at once, so that one group is taken in while the store reads the next.
    await Promise.all(
      groups.map(async (group) => {
        for (const judged of await this.#options.store.judged(group)) {
          if (!judged) continue;
          const { check, transitions, cursorMs } = judged;
          this.#judge.restore(check, transitions, cursorMs);
          // To be stored again soon: from then on, whoever judged before is refused.
          this.#committed.set(check, { cursorMs, atMs: -Infinity });
          await this.#options.breathe();
        }
      }),
    );
  }

  /**
   * Once more, after the first commit: slots older than the first may have come between the judge's asking and that, and the
   * store tells only of what comes after it.
   */
  async lookBack(): Promise<void> {
    if (this.#known.begun.size === 0) return;
    const begun = this.#judge.checks.filter(({ id }) => this.#known.begun.has(id));
    await reachBack(this.#judge, this.#options.store, begun);
    this.#known.begun.clear();
  }

  /**
   * Takes note of what the judge that leads has stored since, before anything is read: what changes behind that later
   * is told as late. Where something had, its judgement is taken up anew.
   */
  async follow(): Promise<void> {
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
    await this.restore([...anew.keys()]);
    for (const [check, head] of anew) this.#known.heads.set(check, head);
  }

  /** Whether a judgement that was taken up has only been added to since. */
  #goesOn(check: string, { epoch, revision, cursorMs }: JudgedHead): boolean {
    const known = this.#known.heads.get(check);
    if (!known || !this.#committed.has(check)) return false;
    return known.epoch === epoch && known.revision === revision && known.cursorMs <= cursorMs;
  }

  /** What changed before that was stored is not told as late: it is read once more. */
  #followed(check: string, head: JudgedHead): void {
    const before = this.cursorMs(check);
    if (before !== undefined) this.#judge.rewind(check, before);
    this.#committed.set(check, { cursorMs: head.cursorMs, atMs: -Infinity });
    this.#known.heads.set(check, head);
  }

  /** Stores what is due of these checks, or all that is settled. Not when another leads. */
  async commit(checks: readonly Check[], nowMs: number, all: boolean): Promise<void> {
    const { epoch, leads = () => true } = this.#options;
    if (epoch === undefined || this.#known.isFenced || !leads()) return;
    const commits = checks.flatMap((check) => this.#commitOf(check.id, epoch, nowMs, all));
    if (commits.length === 0) return;
    const results = await this.#store(commits);
    if (results.includes('fenced')) return this.#fenced();
    for (const [i, { check, cursorMs, expectedCursorMs }] of commits.entries()) {
      if (expectedCursorMs === null) this.#known.begun.add(check);
      if (results[i] === 'stale') continue;
      this.#judge.markSaved(check);
      this.#committed.set(check, { cursorMs, atMs: nowMs });
    }
    await this.restore(commits.filter((_, i) => results[i] === 'stale').map(({ check }) => check));
    this.#options.onCommit(nowMs);
  }

  /** What could not be stored is tried again at the next evaluation, whether or not anything changes until then. */
  async #store(commits: readonly JudgeCommit[]): Promise<readonly CommitResult[]> {
    try {
      return await this.#options.store.commit(commits);
    } catch (error) {
      for (const { check } of commits) this.#judge.touch(check);
      throw error;
    }
  }

  #fenced(): void {
    if (this.#known.isFenced) return;
    this.#known.isFenced = true;
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
