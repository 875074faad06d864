import type { CancelTimer, Clock } from '../core/clock.ts';
import type { Outbox } from './outbox.ts';
import type { PageCache } from './page-cache.ts';
import type { Batch } from './sqlite-messages.ts';
import type { StoreThread } from './sqlite-thread.ts';
import type { StoreHealth } from './store-health.ts';

const FLUSH_MS = 250;
const CURSORS_MS = 5_000;
const FOLD_MS = 60_000;
const FOLD_CHARACTERS = 8_000_000;

/** What the writing works with. */
export interface WriteBehindParts {
  readonly thread: StoreThread;
  readonly outbox: Outbox;
  readonly cache: PageCache;
  readonly clock: Clock;
  /** Told of writes that nobody waits for. */
  readonly health: StoreHealth;
}

/**
 * Writes the outbox a quarter of a second after something was put in, one transaction at a time and in order, and
 * has the journal folded into pages every minute or 8 MB.
 */
export class WriteBehind {
  readonly #parts: WriteBehindParts;
  #flushTimer: CancelTimer | undefined;
  #foldTimer: CancelTimer | undefined;
  #writing = Promise.resolve();
  #folding: Promise<void> | undefined;
  #stopped = false;
  #unsent: Batch | undefined;
  #takenBatch = 0;
  /** The last batch that the fold under way takes in; kept when a fold fails and has to go on later. */
  #foldBatch: number | undefined;
  #cursorsDueMs = 0;
  #unfolded = 0;

  constructor(parts: WriteBehindParts) {
    this.#parts = parts;
    this.#armFold();
  }

  /** The number of the batch that what is put in the outbox now will be part of. */
  get nextBatch(): number {
    return this.#takenBatch + 1;
  }

  /** Something is in the outbox: writes it soon. */
  nudge(): void {
    if (this.#stopped) return;
    this.#flushTimer ??= this.#parts.clock.after(FLUSH_MS, () => {
      this.#flushTimer = undefined;
      void this.#flushUnasked();
    });
  }

  /** Writes everything that is in the outbox now. Rejects when it could not be written; it is then kept. */
  flush(): Promise<void> {
    return this.#enqueue(true);
  }

  /** No timer fires any more, and the fold under way has ended. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#flushTimer?.();
    this.#foldTimer?.();
    await this.#folding;
  }

  async #flushUnasked(): Promise<void> {
    const { clock, outbox, health } = this.#parts;
    try {
      await this.#enqueue(clock.monotonicMs() >= this.#cursorsDueMs);
    } catch (error) {
      this.#failed(error);
      return;
    }
    health.recovered();
    if (!outbox.isEmpty) this.nudge();
  }

  #failed(error: unknown): void {
    if (this.#parts.health.report(error)) this.nudge();
  }

  #enqueue(cursors: boolean): Promise<void> {
    const written = this.#writing.then(() => this.#write(cursors));
    this.#writing = written.catch(() => {});
    return written;
  }

  async #write(cursors: boolean): Promise<void> {
    const { cache, outbox, clock } = this.#parts;
    await this.#send();
    // A write to a page on its way may turn out to be late, which belongs in the same transaction.
    await cache.settled();
    this.#unsent = outbox.take(cursors);
    this.#takenBatch++;
    if (cursors) this.#cursorsDueMs = clock.monotonicMs() + CURSORS_MS;
    await this.#send();
  }

  async #send(): Promise<void> {
    const batch = this.#unsent;
    if (!batch) return;
    await this.#parts.thread.ask({ op: 'append', batch });
    this.#unsent = undefined;
    this.#unfolded += batch.lines.length;
    if (this.#unfolded > FOLD_CHARACTERS) this.#fold();
  }

  #armFold(): void {
    this.#foldTimer = this.#parts.clock.after(FOLD_MS, () => {
      this.#fold();
      this.#armFold();
    });
  }

  #fold(): void {
    if (this.#stopped) return;
    this.#folding ??= this.#foldAll()
      .catch((error: unknown) => this.#failed(error))
      .finally(() => {
        this.#folding = undefined;
      });
  }

  async #foldAll(): Promise<void> {
    const { thread, cache } = this.#parts;
    if (this.#foldBatch === undefined) {
      await this.#enqueue(false);
      this.#foldBatch = this.#takenBatch;
      this.#unfolded = 0;
    }
    let done = false;
    while (!done && !this.#stopped) ({ done } = await thread.ask({ op: 'fold' }));
    if (!done) return;
    cache.sweep(this.#foldBatch);
    this.#foldBatch = undefined;
  }
}
