interface Held<T> {
  readonly value: T;
  readonly weight: number;
}

/** Values by name, in the order in which they were set last; the first go when all together weigh more than they may. */
export class Weighed<T> {
  readonly #most: number;
  readonly #held = new Map<string, Held<T>>();
  #weight = 0;

  constructor(most: number) {
    this.#most = most;
  }

  /** What all together weigh. */
  get weight(): number {
    return this.#weight;
  }

  get(name: string): T | undefined {
    return this.#held.get(name)?.value;
  }

  /** Sets a value, the last then; one that is too heavy by itself does not stay. */
  set(name: string, value: T, weight: number): void {
    this.drop(name);
    this.#held.set(name, { value, weight });
    this.#weight += weight;
    this.dropFirst(() => this.#weight > this.#most);
  }

  drop(name: string): void {
    this.#weight -= this.#held.get(name)?.weight ?? 0;
    this.#held.delete(name);
  }

  /** Drops the first of all as long as they are such. */
  dropFirst(isSuch: (value: T) => boolean): void {
    for (const [name, { value }] of this.#held) {
      if (!isSuch(value)) return;
      this.drop(name);
    }
  }
}
