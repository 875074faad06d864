interface Span {
  readonly from: number;
  /** Exclusive. */
  to: number;
}

/** Gaps up to this long are remembered as run: a slot or two was missed. Longer ones are steps of the wall clock. */
const MERGED_GAP_MS = 60_000;

const SPANS_KEPT = 8;

/**
 * The slots that a check was run in by this process, so that a wall clock that goes back never makes it run in one
 * twice. Bounded: a few spans, the latest kept; a clock that was wrong by a year for a while leaves a span in the
 * wrong year and no blindness in the right one.
 */
export class SlotMemory {
  readonly #spans: Span[] = [];
  readonly #mergedGap: number;

  constructor(intervalMs: number) {
    this.#mergedGap = Math.ceil(MERGED_GAP_MS / intervalMs);
  }

  /** Remembers that the slot was run. */
  add(slot: number): void {
    const near = this.#spans.findLast((span) => slot >= span.from && slot <= span.to + this.#mergedGap);
    if (near) near.to = Math.max(near.to, slot + 1);
    else this.#spans.push({ from: slot, to: slot + 1 });
    if (this.#spans.length > SPANS_KEPT) this.#spans.shift();
  }

  /** The first slot at or after the given one that was not run. */
  firstFree(slot: number): number {
    let free = slot;
    for (;;) {
      const blocking = this.#spans.find((span) => free >= span.from && free < span.to);
      if (!blocking) return free;
      free = blocking.to;
    }
  }
}
