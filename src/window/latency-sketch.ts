import { ByteReader, ByteWriter, DamagedBytes } from './bytes.ts';

/** Bounds of a bucket are so far apart that its middle is within 2 % of all in it. */
const GAMMA = 1.04;
const LOG_GAMMA = Math.log(GAMMA);
const LEAST_MS = 0.01;
const MOST_MS = 600_000;
const BUCKETS = Math.ceil(Math.log(MOST_MS / LEAST_MS) / LOG_GAMMA) + 1;

/**
 * Counts latencies from 0.01 ms to 10 minutes, so that quantiles of them are known within 2 %. Others count as the
 * nearest. Sketches of parts make the sketch of the whole, in any order.
 */
export class LatencySketch {
  readonly #counts = new Uint32Array(BUCKETS);
  #count = 0;
  #maxMs = 0;
  /** Buckets outside [first, end) are empty. */
  #first = BUCKETS;
  #end = 0;

  get count(): number {
    return this.#count;
  }

  /** The longest, exactly, or to the microsecond once it was written and read; 0 of none. */
  get maxMs(): number {
    return this.#maxMs;
  }

  add(latencyMs: number): void {
    const within = Math.min(MOST_MS, Math.max(LEAST_MS, latencyMs));
    this.#addTo(Math.ceil(Math.log(within / LEAST_MS) / LOG_GAMMA), 1);
    this.#maxMs = Math.max(this.#maxMs, latencyMs);
  }

  /** The latency that a share of all, from 0 to 1, does not exceed; 0 of none. */
  quantileMs(share: number): number {
    const rank = Math.max(1, Math.ceil(share * this.#count));
    let seen = 0;
    for (let bucket = this.#first; bucket < this.#end; bucket++) {
      seen += this.#counts[bucket] ?? 0;
      if (seen >= rank) return Math.min(this.#maxMs, middleOf(bucket));
    }
    return 0;
  }

  clear(): void {
    this.#counts.fill(0, this.#first, this.#end);
    this.#count = 0;
    this.#maxMs = 0;
    this.#first = BUCKETS;
    this.#end = 0;
  }

  /** The longest in microseconds, then the counts from the first bucket to the last, with runs of empty ones. */
  encoded(): Uint8Array {
    const to = new ByteWriter();
    const width = Math.max(0, this.#end - this.#first);
    to.number(Math.round(this.#maxMs * 1_000));
    to.number(width);
    if (width > 0) to.number(this.#first);
    for (let bucket = this.#first; bucket < this.#end; bucket++) {
      const from = bucket;
      while (this.#counts[bucket] === 0) bucket++;
      if (bucket > from) {
        to.number(0);
        to.number(bucket - from);
      }
      to.number(this.#counts[bucket] ?? 0);
    }
    return to.bytes();
  }

  /** Takes in what {@link LatencySketch.encoded} made. @throws {DamagedBytes} when it cannot have: then nothing of it. */
  absorb(encoded: Uint8Array): void {
    const from = new ByteReader(encoded);
    const maxMs = from.number() / 1_000;
    const width = from.number();
    const first = width > 0 ? from.number() : 0;
    const end = first + width;
    if (end > BUCKETS) throw new DamagedBytes('a latency sketch with too many buckets');
    const found: { readonly bucket: number; readonly count: number }[] = [];
    for (let bucket = first; bucket < end; bucket++) {
      let count = from.number();
      if (count === 0) {
        bucket += from.number();
        if (bucket >= end) throw new DamagedBytes('a latency sketch that ends with nothing');
        count = from.number();
      }
      found.push({ bucket, count });
    }
    from.end();
    for (const { bucket, count } of found) this.#addTo(bucket, count);
    this.#maxMs = Math.max(this.#maxMs, maxMs);
  }

  #addTo(bucket: number, count: number): void {
    if (count === 0) return;
    this.#counts[bucket] = (this.#counts[bucket] ?? 0) + count;
    this.#count += count;
    this.#first = Math.min(this.#first, bucket);
    this.#end = Math.max(this.#end, bucket + 1);
  }
}

/** Of equal relative distance to both bounds of a bucket. */
function middleOf(bucket: number): number {
  return (2 * LEAST_MS * GAMMA ** bucket) / (GAMMA + 1);
}
