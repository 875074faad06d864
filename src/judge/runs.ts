import type { Cause } from '../core/cause.ts';
import type { SlotState } from '../core/timeline.ts';

/** A maximal stretch of slots that are alike. */
export interface Run {
  readonly fromMs: number;
  readonly toMs: number;
  readonly state: SlotState;
  /** Sorted; empty unless the state is D or X. */
  readonly causes: readonly Cause[];
  readonly contested: boolean;
}

const NO_CAUSES: readonly Cause[] = [];

/** What a slot or a stretch of slots came to. */
export type RunKind = Pick<Run, 'state' | 'causes' | 'contested'>;

export const UP: RunKind = { state: 'U', causes: NO_CAUSES, contested: false };
export const UNKNOWN: RunKind = { state: '?', causes: NO_CAUSES, contested: false };

/** Whether two stretches belong to one run. */
export function alike(a: RunKind, b: RunKind): boolean {
  return (
    a === b ||
    (a.state === b.state &&
      a.contested === b.contested &&
      a.causes.length === b.causes.length &&
      a.causes.every((cause, i) => cause === b.causes[i]))
  );
}

function runOf(fromMs: number, toMs: number, { state, causes, contested }: RunKind): Run {
  return { fromMs, toMs, state, causes, contested };
}

/** Runs in the order of time that grow at the end and can be cut back. Between two runs there may be a gap. */
export class RunList {
  readonly #runs: Run[] = [];

  get last(): Run | undefined {
    return this.#runs.at(-1);
  }

  get first(): Run | undefined {
    return this.#runs[0];
  }

  /** Adds a stretch at or after the end; one that touches the last run and is like it extends it. */
  append(fromMs: number, toMs: number, kind: RunKind): void {
    if (fromMs >= toMs) return;
    const last = this.#runs.at(-1);
    if (last && last.toMs === fromMs && alike(last, kind)) {
      this.#runs[this.#runs.length - 1] = runOf(last.fromMs, toMs, last);
    } else {
      this.#runs.push(runOf(fromMs, toMs, kind));
    }
  }

  /** Forgets everything at and after `atMs`. */
  truncate(atMs: number): void {
    for (let last = this.#runs.at(-1); last && last.toMs > atMs; last = this.#runs.at(-1)) {
      this.#runs.pop();
      if (last.fromMs < atMs) this.#runs.push(runOf(last.fromMs, atMs, last));
    }
  }

  /** The runs that end after `atMs`, whole. */
  since(atMs: number): readonly Run[] {
    return this.#runs.slice(this.indexAfter(atMs));
  }

  at(index: number): Run | undefined {
    return this.#runs[index];
  }

  /** The index of the first run that ends after `atMs`; the number of runs when none does. */
  indexAfter(atMs: number): number {
    let low = 0;
    let high = this.#runs.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#runs[middle]?.toMs ?? 0) > atMs) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}
