import { type Span, SpanList } from '../core/span.ts';

/** How bad time becomes counted downtime (sla-math §5). */
export interface IncidentRules {
  readonly mergeGapMs: number;
  readonly minimumMs: number;
  readonly deductMs: number;
}

/** Bad runs that are at most the merge gap apart. */
export interface BadRun extends Span {
  /** Bad time within it; gaps are not bad. */
  readonly badMs: number;
  /** Whether it is long enough to be an incident. */
  readonly counts: boolean;
}

/**
 * Forms incidents of bad time and counts them: merge, minimum, deduction, in this order. Clipping to a period is
 * left to who asks, so that an incident over an edge uses up its deduction from its own start.
 */
export class IncidentLedger {
  /** All runs in the order of time, those too short to count included. */
  readonly runs: BadRun[] = [];
  /** Bad time that counts. */
  readonly counted = new SpanList();
  readonly #rules: IncidentRules;

  constructor(rules: IncidentRules) {
    this.#rules = rules;
  }

  /** Counts again from `fromMs` on, where the bad time has changed. Returns the index of the first run redone. */
  refresh(bad: SpanList, fromMs: number): number {
    let resumeMs = fromMs;
    for (
      let last = this.runs.at(-1);
      last && last.to + this.#rules.mergeGapMs >= fromMs;
      last = this.runs.at(-1)
    ) {
      this.runs.pop();
      resumeMs = Math.min(resumeMs, last.from);
    }
    const first = this.runs.length;
    this.counted.truncate(resumeMs);
    let group: Span[] = [];
    for (const span of bad.since(resumeMs)) {
      const end = group.at(-1)?.to;
      if (end !== undefined && span.from - end > this.#rules.mergeGapMs) {
        this.#close(group);
        group = [];
      }
      group.push(span);
    }
    this.#close(group);
    return first;
  }

  #close(group: readonly Span[]): void {
    const [first] = group;
    const last = group.at(-1);
    if (!first || !last) return;
    const badMs = group.reduce((sum, span) => sum + span.to - span.from, 0);
    const counts = badMs >= this.#rules.minimumMs;
    this.runs.push({ from: first.from, to: last.to, badMs, counts });
    if (!counts) return;
    let deduct = this.#rules.deductMs;
    for (const span of group) {
      const used = Math.min(deduct, span.to - span.from);
      deduct -= used;
      this.counted.append(span.from + used, span.to);
    }
  }
}
