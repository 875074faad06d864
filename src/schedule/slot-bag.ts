/**
 * A few slots, each once. Holds on to the place that they took, so that a slot put in and taken out at every run leaves
 * nothing behind.
 */
export class SlotBag {
  readonly #slots: number[] = [];
  #size = 0;

  put(slot: number): void {
    this.#slots[this.#size++] = slot;
  }

  /** Takes out a slot that is in it. */
  take(slot: number): void {
    const at = this.#slots.indexOf(slot);
    if (at < 0 || at >= this.#size) throw new RangeError(`slot ${slot} is not here`);
    this.#slots.copyWithin(at, at + 1, this.#size);
    this.#size--;
  }

  /** Those in it, in the order in which they were put. */
  slots(): readonly number[] {
    return this.#slots.slice(0, this.#size);
  }
}
