/** Bounds of a bucket are so far apart that its middle is within 1 % of all in it. */
const GAMMA = 1.02;
const LOG_GAMMA = Math.log(GAMMA);
const LEAST_MS = 0.01;
const MOST_MS = 600_000;
const BUCKETS = Math.ceil(Math.log(MOST_MS / LEAST_MS) / LOG_GAMMA) + 1;

/** Counts latencies from 0.01 ms to 10 minutes, so that quantiles of them are known within 1 %. Others count as the nearest. */
export class LatencySketch {
  readonly #counts = new Uint32Array(BUCKETS);
  #count = 0;
  #maxMs = 0;

  get count(): number {
    return this.#count;
  }

  /** The longest, exactly; 0 of none. */
  get maxMs(): number {
    return this.#maxMs;
  }

  add(latencyMs: number): void {
    const within = Math.min(MOST_MS, Math.max(LEAST_MS, latencyMs));
    const bucket = Math.ceil(Math.log(within / LEAST_MS) / LOG_GAMMA);
    this.#counts[bucket] = (this.#counts[bucket] ?? 0) + 1;
    this.#count++;
    this.#maxMs = Math.max(this.#maxMs, latencyMs);
  }

  /** The latency that a share of all, from 0 to 1, does not exceed; 0 of none. */
  quantileMs(share: number): number {
    const rank = Math.max(1, Math.ceil(share * this.#count));
    let seen = 0;
    for (const [bucket, count] of this.#counts.entries()) {
      seen += count;
      if (seen >= rank) return Math.min(this.#maxMs, middleOf(bucket));
    }
    return 0;
  }

  clear(): void {
    this.#counts.fill(0);
    this.#count = 0;
    this.#maxMs = 0;
  }
}

/** Of equal relative distance to both bounds of a bucket. */
function middleOf(bucket: number): number {
  return (2 * LEAST_MS * GAMMA ** bucket) / (GAMMA + 1);
}
