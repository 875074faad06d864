const DAY_MS = 86_400_000;

/** So much a day (UTC), and no more. What was taken is forgotten with the process. */
export class DayAllowance {
  readonly #perDay: number;
  #day = Number.NEGATIVE_INFINITY;
  #taken = 0;

  constructor(perDay: number) {
    this.#perDay = perDay;
  }

  /** Takes an amount from the day of an instant (ms since the epoch), or nothing and says false. */
  take(amount: number, nowMs: number): boolean {
    const day = Math.floor(nowMs / DAY_MS);
    // A clock that steps back does not give a day twice.
    if (day > this.#day) {
      this.#day = day;
      this.#taken = 0;
    }
    if (this.#taken + amount > this.#perDay) return false;
    this.#taken += amount;
    return true;
  }
}
