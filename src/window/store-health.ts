import { storeError } from './sqlite-file.ts';
import type { StoreTrouble, WindowStoreError } from './store-error.ts';

/** Whether a store can go on. Trouble that passes (`unwritable`) does not count; any other ends it for good. */
export class StoreHealth {
  readonly #path: string;
  readonly #onError: (error: WindowStoreError) => void;
  #broken: WindowStoreError | undefined;
  #reported: StoreTrouble | undefined;

  constructor(path: string, onError: (error: WindowStoreError) => void) {
    this.#path = path;
    this.#onError = onError;
  }

  /** Throws what broke the store, if anything did. */
  assertWhole(): void {
    if (this.#broken) throw this.#broken;
  }

  /** Waits for work that a caller waits for as well: the failure is his to handle. */
  async settle<Result>(work: Promise<Result>): Promise<Result> {
    try {
      return await work;
    } catch (error) {
      throw this.#judge(error);
    }
  }

  /** Reports a failure that no caller waits for; the same trouble once until it is over. Whether the store goes on. */
  report(error: unknown): boolean {
    const trouble = this.#judge(error);
    if (trouble.trouble !== this.#reported) this.#onError(trouble);
    this.#reported = trouble.trouble;
    return this.#broken === undefined;
  }

  /** What failed before has succeeded. */
  recovered(): void {
    this.#reported = undefined;
  }

  /** Ends the store: what is in memory is no longer what was stored. */
  end(error: unknown): void {
    this.#broken ??= storeError(error, this.#path);
    this.#onError(this.#broken);
  }

  #judge(error: unknown): WindowStoreError {
    const trouble = storeError(error, this.#path);
    if (trouble.trouble !== 'unwritable') this.#broken ??= trouble;
    return trouble;
  }
}
