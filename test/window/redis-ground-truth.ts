import type { Cause } from '../../src/core/cause.ts';
import type { Observation } from '../../src/core/observation.ts';
import type { WindowStore } from '../../src/window/store.ts';
import { becomes } from '../servers/redis.ts';
import { bitsOf, ReferenceWindow } from './reference.ts';

/** Slots of several checks, put into a store one after the other and remembered outside of it. */
export class GroundTruth {
  readonly #reference = new ReferenceWindow();
  readonly #checks: readonly string[];
  readonly #firstSlot: number;
  readonly #intervalMs = 1_000;
  #slot: number;

  constructor(checks: number, startMs: number) {
    this.#checks = Array.from({ length: checks }, (_, i) => `check-${i}`);
    this.#firstSlot = Math.floor(startMs / this.#intervalMs);
    this.#slot = this.#firstSlot;
  }

  /** Puts the next slots of every check, some of them bad. */
  async put(store: WindowStore, slots: number): Promise<void> {
    for (let i = 0; i < slots; i++, this.#slot++) {
      const observations = this.#checks.map((check, n) => this.#observation(check, n));
      this.#reference.put(observations);
      await store.put(observations);
    }
  }

  /** Slots put so far, over all checks. */
  get size(): number {
    return (this.#slot - this.#firstSlot) * this.#checks.length;
  }

  /** Where a store differs from what was put: `check slot vantage: is/should be`. */
  async misfits(store: WindowStore): Promise<readonly string[]> {
    const found: string[] = [];
    for (const check of this.#checks) {
      const range = { check, intervalMs: this.#intervalMs, fromSlot: this.#firstSlot, toSlot: this.#slot };
      const [answer] = await store.read([range]);
      const is = answer ? bitsOf(answer, range) : new Map<string, string>();
      for (const [place, text] of this.#reference.bits(range)) {
        if (is.get(place) !== text) found.push(`${check} ${place}: ${is.get(place)}/${text}`);
      }
      const marks = (await store.marks(range)).length;
      const wanted = this.#reference.marks(range).length;
      if (marks !== wanted) found.push(`${check}: ${marks}/${wanted} marks`);
    }
    return found;
  }

  /** Waits until all of it can be read from a store again, then gives where it differs. */
  async misfitsOnceUp(store: WindowStore, withinMs: number): Promise<readonly string[]> {
    let found: readonly string[] = [];
    await becomes(async () => {
      found = await this.misfits(store);
      return true;
    }, withinMs);
    return found;
  }

  #observation(check: string, n: number): Observation {
    const place = { check, intervalMs: this.#intervalMs, vantage: 'a', slot: this.#slot };
    const cause: Cause | undefined = (this.#slot + n) % 7 === 0 ? 'timeout' : undefined;
    return cause ? { ...place, outcome: 'bad', cause } : { ...place, outcome: 'good' };
  }
}
