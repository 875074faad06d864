import type { Cause } from '../core/cause.ts';
import type { Outcome } from '../core/observation.ts';
import { setBits } from '../core/slots.ts';
import { firstBeyond, nextBit } from './bit-scan.ts';
import { MarkRuns } from './mark-runs.ts';

const DAY_MS = 86_400_000;

/** How the slots of an interval are laid out in pages, and the two bitmaps that all its pages share. */
export interface PageShape {
  /** Slots of one page: those that start in one UTC day, since T divides an hour. A multiple of 8. */
  readonly slots: number;
  /** No bit set. Never written to. */
  readonly none: Uint8Array;
  /** Every bit set. Never written to. */
  readonly all: Uint8Array;
}

const shapes = new Map<number, PageShape>();

/** The layout of an interval in milliseconds. */
export function pageShape(intervalMs: number): PageShape {
  const known = shapes.get(intervalMs);
  if (known) return known;
  const bytes = Math.ceil(DAY_MS / intervalMs / 8);
  const shape = { slots: bytes * 8, none: new Uint8Array(bytes), all: new Uint8Array(bytes).fill(0xff) };
  shapes.set(intervalMs, shape);
  return shape;
}

/**
 * What one vantage saw of one check on one day: three grow-only bitmaps and the blame of its slots. Slots are
 * counted from the start of the page. Whole days alike share one bitmap, so a quiet year costs next to nothing.
 */
export class VantagePage {
  readonly shape: PageShape;
  #seen: Uint8Array;
  #bad: Uint8Array;
  #excluded: Uint8Array;
  #marks: MarkRuns | undefined;

  constructor(shape: PageShape) {
    this.shape = shape;
    this.#seen = shape.none;
    this.#bad = shape.none;
    this.#excluded = shape.none;
  }

  get seen(): Uint8Array {
    return this.#seen;
  }

  get bad(): Uint8Array {
    return this.#bad;
  }

  get excluded(): Uint8Array {
    return this.#excluded;
  }

  /** Undefined while every slot is good. */
  get marks(): MarkRuns | undefined {
    return this.#marks;
  }

  /** Records an outcome for slots [from, to). Returns the first slot where a bit changed, undefined if none did. */
  fill(from: number, to: number, outcome: Outcome, cause?: Cause): number | undefined {
    let changed = nextBit(this.#seen, from, to, false);
    if (changed < to) this.#seen = this.#with(this.#seen, from, to);
    if (outcome !== 'good') {
      const bits = outcome === 'bad' ? this.#bad : this.#excluded;
      const turned = nextBit(bits, from, to, false);
      if (turned < to) {
        if (outcome === 'bad') this.#bad = this.#with(bits, from, to);
        else this.#excluded = this.#with(bits, from, to);
      }
      changed = Math.min(changed, turned);
      if (cause !== undefined) (this.#marks ??= new MarkRuns()).add(from, to, { outcome, cause });
    }
    return changed < to ? changed : undefined;
  }

  /** Adds what another page of the same vantage and day holds, which is not to be used any more. */
  absorb(other: VantagePage): void {
    this.#seen = this.#union(this.#seen, other.#seen);
    this.#bad = this.#union(this.#bad, other.#bad);
    this.#excluded = this.#union(this.#excluded, other.#excluded);
    for (const run of other.#marks?.runs ?? []) {
      (this.#marks ??= new MarkRuns()).add(run.from, run.to, run);
    }
  }

  /** The first slot of which this page holds a bit that the other does not; undefined if there is none. */
  firstBeyond(other: VantagePage): number | undefined {
    const slots = [
      firstBeyond(this.#seen, other.#seen),
      firstBeyond(this.#bad, other.#bad),
      firstBeyond(this.#excluded, other.#excluded),
    ].filter((slot) => slot !== undefined);
    return slots.length > 0 ? Math.min(...slots) : undefined;
  }

  #with(bits: Uint8Array, from: number, to: number): Uint8Array {
    const { slots, none, all } = this.shape;
    if (to - from === slots) return all;
    const own = bits === none ? new Uint8Array(none.length) : bits;
    setBits(own, from, to);
    return own;
  }

  #union(bits: Uint8Array, more: Uint8Array): Uint8Array {
    const { none, all } = this.shape;
    if (more === none || bits === all) return bits;
    if (more === all || bits === none) return more;
    for (let i = 0; i < bits.length; i++) bits[i] = (bits[i] ?? 0) | (more[i] ?? 0);
    return bits;
  }
}
