import { isDeepStrictEqual } from 'node:util';
import type { WindowStore, SlotRange } from '../../src/window/store.ts';
import { bitsOf, type ReferenceWindow } from '../window/reference.ts';

/** A store under test. */
export interface OpenedStore {
  readonly store: WindowStore;
  /** Closes the store and opens what it left behind. */
  reopen(): Promise<WindowStore>;
  /** Ends whatever is open, and cleans up. */
  dispose(): Promise<void>;
}

/** The store that the tests of a contract share, one after the other. */
export class StoreSubject {
  readonly #open: () => Promise<OpenedStore>;
  #opened: OpenedStore | undefined;
  #store: WindowStore | undefined;

  constructor(open: () => Promise<OpenedStore>) {
    this.#open = open;
  }

  get store(): WindowStore {
    if (!this.#store) throw new Error('no store is open');
    return this.#store;
  }

  async open(): Promise<void> {
    this.#opened = await this.#open();
    this.#store = this.#opened.store;
  }

  async reopen(): Promise<void> {
    this.#store = await this.#opened?.reopen();
  }

  async dispose(): Promise<void> {
    await this.#opened?.dispose();
  }

  /** Every set bit of a range, by `slot vantage`. */
  async bits(range: SlotRange): Promise<Readonly<Record<string, string>>> {
    const [answer] = await this.store.read([range]);
    if (!answer) throw new Error('no answer to a range');
    if (answer.baseSlot % 8 !== 0 || answer.baseSlot > range.fromSlot) {
      throw new Error(`base slot ${answer.baseSlot} of a range from ${range.fromSlot}`);
    }
    return Object.fromEntries(bitsOf(answer, range));
  }

  /** Where the marks of a range are not those of the reference, each with one of the evidences that it may have. */
  async misfits(range: SlotRange, reference: ReferenceWindow): Promise<readonly unknown[]> {
    const expected = reference.marks(range);
    const marks = await this.store.marks(range);
    if (marks.length !== expected.length) return [{ marks, expected }];
    return marks.flatMap(({ evidence, ...mark }, i) => {
      const wanted = expected[i];
      const possible = wanted && wanted.evidence.length > 0 ? wanted.evidence : [undefined];
      const fits =
        isDeepStrictEqual(mark, wanted?.mark) && possible.some((each) => isDeepStrictEqual(each, evidence));
      return fits ? [] : [{ mark, evidence, wanted }];
    });
  }
}
