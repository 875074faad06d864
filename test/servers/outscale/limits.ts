import { type Refusal, REFUSALS } from './refusal.ts';

/** How the double keeps itself from being asked too much. */
export interface LimitOptions {
  /** Requests of one account within a second; more get 429/24. */
  readonly perAccount?: number;
  /** Whether a request identical to one of the second before gets 429/25. */
  readonly identical?: boolean;
}

/** The limiters of one platform, in the provider's order: the account's, then the account's and call's. */
export class Limits {
  readonly #options: LimitOptions;
  #recent: { readonly atMs: number; readonly account: string; readonly call: string }[] = [];

  constructor(options: LimitOptions) {
    this.#options = options;
  }

  /** Counts one request; the refusal that it gets. */
  take(account: string, call: string, nowMs: number): Refusal | undefined {
    this.#recent = this.#recent.filter(({ atMs }) => nowMs - atMs < 1_000);
    const own = this.#recent.filter((each) => each.account === account);
    this.#recent.push({ atMs: nowMs, account, call });
    const { perAccount = Infinity, identical = false } = this.#options;
    if (own.length >= perAccount) return REFUSALS.throttledAccount;
    return identical && own.some((each) => each.call === call) ? REFUSALS.throttledCall : undefined;
  }
}

const LOCKED_AT = 4;

/** Locks an access after four bad signatures in a row. */
export class BruteForceLock {
  readonly #bad = new Map<string, number>();
  /** For how long, in milliseconds; undefined: for good. */
  readonly #lockMs: number | undefined;
  readonly #lockedUntilMs = new Map<string, number>();

  constructor(lockMs: number | undefined) {
    this.#lockMs = lockMs;
  }

  /** The refusal of a locked access. */
  refusalOf(accessKey: string, nowMs: number): Refusal | undefined {
    const untilMs = this.#lockedUntilMs.get(accessKey);
    if (untilMs === undefined || nowMs >= untilMs) return undefined;
    return this.#lockMs === undefined ? REFUSALS.lockedForGood : REFUSALS.lockedForAWhile;
  }

  /** Told of every signature that was looked at. */
  saw(accessKey: string, valid: boolean, nowMs: number): void {
    const bad = valid ? 0 : (this.#bad.get(accessKey) ?? 0) + 1;
    this.#bad.set(accessKey, bad);
    if (bad >= LOCKED_AT) this.#lockedUntilMs.set(accessKey, nowMs + (this.#lockMs ?? Infinity));
  }

  /** Whether any access was ever locked. */
  get tripped(): boolean {
    return this.#lockedUntilMs.size > 0;
  }
}
