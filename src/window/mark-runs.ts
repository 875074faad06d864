import type { Cause } from '../core/cause.ts';
import { strongerMark, type Outcome } from '../core/observation.ts';

/** What is said of a slot that was not good, without its evidence. */
export interface Blame {
  readonly outcome: Exclude<Outcome, 'good'>;
  readonly cause: Cause;
}

/** Slots [from, to) that carry the same blame. */
export interface MarkRun extends Blame {
  readonly from: number;
  readonly to: number;
}

/** Whether two say the same. */
export function sameBlame(a: Blame, b: Blame): boolean {
  return a.outcome === b.outcome && a.cause === b.cause;
}

/**
 * The blame of each slot as a list of runs: sorted, disjoint, no two that touch alike. Where additions overlap,
 * {@link strongerMark} decides slot by slot, so neither their order nor their number matters.
 */
export class MarkRuns {
  #runs: MarkRun[] = [];

  /** All runs, in the order of their slots. */
  get runs(): readonly MarkRun[] {
    return this.#runs;
  }

  /** The blame of a slot; undefined when it has none. */
  at(slot: number): Blame | undefined {
    const run = this.#runs[this.#firstEndingAfter(slot)];
    return run && run.from <= slot ? run : undefined;
  }

  /** The runs that touch [from, to), clipped to it. */
  within(from: number, to: number): readonly MarkRun[] {
    const found: MarkRun[] = [];
    for (let i = this.#firstEndingAfter(from); i < this.#runs.length; i++) {
      const run = this.#runs[i];
      if (!run || run.from >= to) break;
      found.push({ ...run, from: Math.max(from, run.from), to: Math.min(to, run.to) });
    }
    return found;
  }

  /** Lays a blame over [from, to). */
  add(from: number, to: number, { outcome, cause }: Blame): void {
    if (from >= to) return;
    const added: MarkRun = { from, to, outcome, cause };
    const last = this.#runs.at(-1);
    if (!last || last.to < from) {
      this.#runs.push(added);
      return;
    }
    const first = this.#firstEndingAfter(from - 1);
    let end = first;
    while ((this.#runs[end]?.from ?? Infinity) <= to) end++;
    const pieces = joined(overlay(this.#runs.slice(first, end), added));
    if (first === end && pieces.length === 1) this.#runs.splice(first, 0, added);
    else this.#runs = this.#runs.toSpliced(first, end - first, ...pieces);
  }

  #firstEndingAfter(slot: number): number {
    let low = 0;
    let high = this.#runs.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#runs[middle]?.to ?? Infinity) > slot) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}

function overlay(runs: readonly MarkRun[], added: MarkRun): MarkRun[] {
  const pieces: MarkRun[] = [];
  const cut = (from: number, to: number, { outcome, cause }: Blame): void => {
    if (from < to) pieces.push({ from, to, outcome, cause });
  };
  let at = added.from;
  for (const run of runs) {
    cut(at, Math.min(run.from, added.to), added);
    cut(run.from, Math.min(run.to, added.from), run);
    cut(Math.max(run.from, added.from), Math.min(run.to, added.to), strongerMark<Blame>(run, added));
    cut(Math.max(run.from, added.to), run.to, run);
    at = Math.max(at, run.to);
  }
  cut(at, added.to, added);
  return pieces;
}

function joined(pieces: readonly MarkRun[]): MarkRun[] {
  const out: MarkRun[] = [];
  for (const piece of pieces) {
    const last = out.at(-1);
    if (last?.to === piece.from && sameBlame(last, piece)) out[out.length - 1] = { ...last, to: piece.to };
    else out.push(piece);
  }
  return out;
}
