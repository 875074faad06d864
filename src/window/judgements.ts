import type { Transition } from '../core/timeline.ts';
import type { CommitResult, JudgeCommit, JudgedCheck } from './store.ts';

/** What is kept of the last commit of a check besides its transitions; enough to know it again. */
export interface JudgementHead {
  readonly check: string;
  readonly epoch: number;
  readonly cursorMs: number;
  readonly expectedCursorMs: number | null;
}

/** The judge's commits and what changed behind them: the rules of {@link WindowStore.commit}, in memory. */
export class Judgements {
  readonly #heads = new Map<string, JudgementHead>();
  readonly #transitions = new Map<string, Transition[]>();
  readonly #lateMs = new Map<string, number>();
  /** What was told as late and no commit has reached back to yet. */
  readonly #takenMs = new Map<string, number>();

  /** Restores what was stored. */
  restore(heads: readonly JudgementHead[], late: readonly (readonly [check: string, ms: number])[]): void {
    for (const head of heads) this.#heads.set(head.check, head);
    for (const [check, ms] of late) this.#lateMs.set(check, ms);
  }

  /** Restores the transitions of one check, by time. */
  restoreTransitions(check: string, transitions: readonly Transition[]): void {
    this.#transitions.set(check, [...transitions]);
  }

  /** Whether the head of a check is here and its transitions are still to be restored. */
  lacksTransitions(check: string): boolean {
    return this.#heads.has(check) && !this.#transitions.has(check);
  }

  head(check: string): JudgementHead | undefined {
    return this.#heads.get(check);
  }

  /** The transitions at or after an instant, by time. */
  transitionsFrom(check: string, fromMs: number): readonly Transition[] {
    const all = this.#transitions.get(check) ?? [];
    return all.slice(indexAt(all, fromMs));
  }

  /** The judgement of a check. Whoever takes it up anew is told anew what is late. */
  judged(check: string): JudgedCheck | undefined {
    const head = this.#heads.get(check);
    if (!head) return undefined;
    const lateMs = this.lateMs(check);
    if (lateMs !== undefined) this.#lateMs.set(check, lateMs);
    this.#takenMs.delete(check);
    const { epoch, cursorMs } = head;
    return { check, epoch, cursorMs, transitions: this.transitionsFrom(check, -Infinity) };
  }

  apply(commit: JudgeCommit): CommitResult {
    const { check, epoch, cursorMs, expectedCursorMs, replaceFromMs } = commit;
    const head = this.#heads.get(check);
    if (head && epoch < head.epoch) return 'fenced';
    if (head && this.#isRepeated(commit, head)) return 'repeated';
    if ((head?.cursorMs ?? null) !== expectedCursorMs) return 'stale';
    const all = this.#transitions.get(check) ?? [];
    all.length = indexAt(all, replaceFromMs);
    for (const transition of commit.transitions) all.push(transition);
    this.#transitions.set(check, all);
    this.#heads.set(check, { check, epoch, cursorMs, expectedCursorMs });
    if (replaceFromMs <= (this.#takenMs.get(check) ?? -Infinity)) this.#takenMs.delete(check);
    return 'committed';
  }

  #isRepeated(commit: JudgeCommit, head: JudgementHead): boolean {
    if (
      commit.epoch !== head.epoch ||
      commit.cursorMs !== head.cursorMs ||
      commit.expectedCursorMs !== head.expectedCursorMs
    ) {
      return false;
    }
    const stored = this.transitionsFrom(commit.check, commit.replaceFromMs);
    return (
      stored.length === commit.transitions.length &&
      stored.every((transition, i) => isSame(transition, commit.transitions[i]))
    );
  }

  /** Notes a slot that changed, by the instant it begins. Returns whether that lies behind the cursor. */
  changed(check: string, instantMs: number): boolean {
    const head = this.#heads.get(check);
    if (!head || instantMs >= head.cursorMs) return false;
    this.#lateMs.set(check, Math.min(instantMs, this.#lateMs.get(check) ?? Infinity));
    return true;
  }

  /** The earliest instant noted for a check that no commit has reached back to; undefined when there is none. */
  lateMs(check: string): number | undefined {
    const lateMs = Math.min(this.#lateMs.get(check) ?? Infinity, this.#takenMs.get(check) ?? Infinity);
    return lateMs === Infinity ? undefined : lateMs;
  }

  /** The earliest instant per check that changed behind its cursor, once. */
  takeLate(): ReadonlyMap<string, number> {
    const taken = new Map(this.#lateMs);
    for (const [check, ms] of taken)
      this.#takenMs.set(check, Math.min(ms, this.#takenMs.get(check) ?? Infinity));
    this.#lateMs.clear();
    return taken;
  }

  /** Takes what is late before an instant, whose slots are gone, for late at it; returns the checks. */
  raiseLate(toMs: number): readonly string[] {
    const raised = new Set<string>();
    for (const late of [this.#lateMs, this.#takenMs]) {
      for (const [check, ms] of late) {
        if (ms >= toMs) continue;
        late.set(check, toMs);
        raised.add(check);
      }
    }
    return [...raised];
  }

  /** Drops transitions before an instant, but the one in force at it. Returns how many. */
  prune(beforeMs: number): number {
    let dropped = 0;
    for (const all of this.#transitions.values()) {
      dropped += all.splice(0, Math.max(0, indexAt(all, beforeMs + 1) - 1)).length;
    }
    return dropped;
  }
}

function isSame(a: Transition, b: Transition | undefined): boolean {
  return (
    b !== undefined &&
    a.atMs === b.atMs &&
    a.state === b.state &&
    a.contested === b.contested &&
    a.causes.join() === b.causes.join()
  );
}

function indexAt(transitions: readonly Transition[], fromMs: number): number {
  let low = 0;
  let high = transitions.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((transitions[middle]?.atMs ?? Infinity) < fromMs) low = middle + 1;
    else high = middle;
  }
  return low;
}
