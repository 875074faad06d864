import type { Clock } from '../../core/clock.ts';
import { householdOf } from './addresses.ts';

/** How many log-ins may fail at once. */
const BURST = 10;
/** After how long one more may. */
const REFILL_MS = 6_000;
/** Of how many households is kept account. */
const MOST_HOUSEHOLDS = 10_000;

interface Account {
  left: number;
  atMs: number;
}

/**
 * Counts the log-ins that fail, by household. An attempt is paid for before it is looked at, so that many at once don't
 * slip through, and given back when it was right.
 */
export class FailedLogins {
  readonly #clock: Clock;
  readonly #accounts = new Map<string, Account>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Takes an attempt from an address; in how many milliseconds there is one again when none is left. */
  attempt(address: string): 'taken' | { readonly againInMs: number } {
    const household = householdOf(address);
    const nowMs = this.#clock.monotonicMs();
    const account = this.#accounts.get(household) ?? { left: BURST, atMs: nowMs };
    const back = Math.floor((nowMs - account.atMs) / REFILL_MS);
    account.left = Math.min(BURST, account.left + back);
    account.atMs = account.left === BURST ? nowMs : account.atMs + back * REFILL_MS;
    if (account.left === 0) return { againInMs: account.atMs + REFILL_MS - nowMs };
    account.left--;
    this.#accounts.delete(household);
    this.#accounts.set(household, account);
    if (this.#accounts.size > MOST_HOUSEHOLDS) this.#forgetOldest();
    return 'taken';
  }

  /** Whether an address has none left just now. */
  isSpent(address: string): boolean {
    return this.#accounts.get(householdOf(address))?.left === 0;
  }

  /** Gives an attempt back: it did not fail. */
  giveBack(address: string): void {
    const household = householdOf(address);
    const account = this.#accounts.get(household);
    if (!account) return;
    account.left++;
    if (account.left >= BURST) this.#accounts.delete(household);
  }

  #forgetOldest(): void {
    const [oldest] = this.#accounts.keys();
    if (oldest !== undefined) this.#accounts.delete(oldest);
  }
}
