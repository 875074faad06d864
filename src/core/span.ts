/** A half-open span [from, to) of milliseconds since the epoch; `from` < `to`. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** Time covered by at least `quorum` of the lists. Each list is sorted and disjoint, and so is the result. */
export function covered(lists: readonly (readonly Span[])[], quorum: number): Span[] {
  if (quorum <= 0 || quorum > lists.length) return [];
  if (lists.length === 1) return joined(lists[0] ?? []);
  const size = lists.reduce((sum, list) => sum + list.length, 0);
  const starts = new Float64Array(size);
  const ends = new Float64Array(size);
  let filled = 0;
  for (const list of lists) {
    for (const span of list) {
      starts[filled] = span.from;
      ends[filled++] = span.to;
    }
  }
  return sweep(starts.sort(), ends.sort(), quorum);
}

/** Where at least `quorum` spans are open, by the sorted instants at which they start and end. */
function sweep(starts: Float64Array, ends: Float64Array, quorum: number): Span[] {
  const result: Span[] = [];
  let depth = 0;
  let from = 0;
  let next = 0;
  for (const end of ends) {
    // At one instant the starts go first, so that spans which touch stay one.
    for (let start = starts[next]; start !== undefined && start <= end; start = starts[++next]) {
      if (++depth === quorum) from = start;
    }
    if (depth-- === quorum && end > from) push(result, from, end);
  }
  return result;
}

/** Time in any of the lists. */
export function union(...lists: readonly (readonly Span[])[]): Span[] {
  return covered(lists, 1);
}

/** Time in the first list and not in the second. */
export function subtract(spans: readonly Span[], removed: readonly Span[]): Span[] {
  if (removed.length === 0) return [...spans];
  const result: Span[] = [];
  let next = 0;
  for (const span of spans) {
    let from = span.from;
    while (next < removed.length && (removed[next]?.to ?? 0) <= from) next++;
    for (let i = next; i < removed.length; i++) {
      const hole = removed[i];
      if (!hole || hole.from >= span.to) break;
      if (hole.from > from) push(result, from, hole.from);
      from = Math.max(from, hole.to);
    }
    if (from < span.to) push(result, from, span.to);
  }
  return result;
}

/** The parts of the spans that lie in [from, to). */
export function clip(spans: readonly Span[], from: number, to: number): Span[] {
  const result: Span[] = [];
  for (const span of spans) {
    const start = Math.max(span.from, from);
    const end = Math.min(span.to, to);
    if (start < end) result.push({ from: start, to: end });
  }
  return result;
}

/** Sum of the lengths. */
export function lengthOf(spans: readonly Span[]): number {
  let total = 0;
  for (const span of spans) total += span.to - span.from;
  return total;
}

/** Sorted and disjoint, from spans in any order that may overlap; empty ones are dropped. */
export function normalized(spans: readonly Span[]): Span[] {
  return joined(spans.filter((span) => span.from < span.to).sort((a, b) => a.from - b.from || a.to - b.to));
}

function joined(spans: readonly Span[]): Span[] {
  const result: Span[] = [];
  for (const span of spans) push(result, span.from, span.to);
  return result;
}

function push(spans: Span[], from: number, to: number): void {
  const last = spans.at(-1);
  if (last && from <= last.to) spans[spans.length - 1] = { from: last.from, to: Math.max(last.to, to) };
  else spans.push({ from, to });
}

/**
 * Sorted disjoint spans that grow at the end and can be cut back, with the sum of any stretch in O(log n). This is
 * what makes judging incremental: a change at an instant touches only what lies after it.
 */
export class SpanList {
  readonly #from: number[] = [];
  readonly #to: number[] = [];
  /** Sum of the lengths of the spans before i. */
  readonly #before: number[] = [];

  get size(): number {
    return this.#from.length;
  }

  /** Where the last span ends; undefined when empty. */
  get end(): number | undefined {
    return this.#to.at(-1);
  }

  /** Adds a span at the end; it must not begin before the last one ends. One that touches it extends it. */
  append(from: number, to: number): void {
    if (from >= to) return;
    const last = this.#to.length - 1;
    const end = this.#to[last];
    if (end !== undefined && from < end) throw new RangeError(`span [${from}, ${to}) begins before ${end}`);
    if (end === from) {
      this.#to[last] = to;
      return;
    }
    this.#before.push(this.#total());
    this.#from.push(from);
    this.#to.push(to);
  }

  appendAll(spans: readonly Span[]): void {
    for (const span of spans) this.append(span.from, span.to);
  }

  /** Forgets everything at and after `at`. */
  truncate(at: number): void {
    const keep = this.#firstEndingAfter(at);
    const start = this.#from[keep];
    if (start === undefined) return;
    const crossing = start < at;
    const size = keep + (crossing ? 1 : 0);
    this.#from.length = size;
    this.#to.length = size;
    this.#before.length = size;
    if (crossing) this.#to[keep] = at;
  }

  /** The spans, or what is left of them, at and after `from`. */
  since(from: number): Span[] {
    const result: Span[] = [];
    for (let i = this.#firstEndingAfter(from); i < this.#from.length; i++) {
      result.push({ from: Math.max(this.#from[i] ?? 0, from), to: this.#to[i] ?? 0 });
    }
    return result;
  }

  /** Sum of what lies in [from, to). */
  within(from: number, to: number): number {
    return to <= from ? 0 : this.#sumBefore(to) - this.#sumBefore(from);
  }

  #total(): number {
    const last = this.#from.length - 1;
    return last < 0 ? 0 : (this.#before[last] ?? 0) + (this.#to[last] ?? 0) - (this.#from[last] ?? 0);
  }

  #sumBefore(at: number): number {
    const i = this.#firstEndingAfter(at);
    const start = this.#from[i];
    if (start === undefined) return this.#total();
    return (this.#before[i] ?? 0) + Math.max(0, at - start);
  }

  #firstEndingAfter(at: number): number {
    let low = 0;
    let high = this.#to.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#to[middle] ?? 0) > at) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}
