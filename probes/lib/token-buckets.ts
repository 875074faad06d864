/** How much may pass. */
export interface Allowance {
  readonly perSecond: number;
  /** How much may pass at once after a pause. */
  readonly burst: number;
}

interface Bucket {
  tokens: number;
  filledMs: number;
}

/**
 * One allowance for each name, refilled steadily. Of more names than `most` the one that asked first is forgotten, and
 * begins anew with a whole burst: memory is bounded, whoever invents names.
 */
export class TokenBuckets {
  readonly #allowance: Allowance;
  readonly #most: number;
  readonly #buckets = new Map<string, Bucket>();

  constructor(allowance: Allowance, most: number) {
    this.#allowance = allowance;
    this.#most = most;
  }

  /** Takes one from what the name may have at this instant (monotonic ms); false when nothing is left. */
  take(name: string, nowMs: number): boolean {
    const bucket = this.#bucketOf(name, nowMs);
    const { perSecond, burst } = this.#allowance;
    bucket.tokens = Math.min(burst, bucket.tokens + ((nowMs - bucket.filledMs) / 1000) * perSecond);
    bucket.filledMs = nowMs;
    if (bucket.tokens < 1) return false;
    bucket.tokens -= 1;
    return true;
  }

  #bucketOf(name: string, nowMs: number): Bucket {
    const known = this.#buckets.get(name);
    if (known) return known;
    const [oldest] = this.#buckets.keys();
    if (oldest !== undefined && this.#buckets.size >= this.#most) this.#buckets.delete(oldest);
    const bucket = { tokens: this.#allowance.burst, filledMs: nowMs };
    this.#buckets.set(name, bucket);
    return bucket;
  }
}
