import { Worker } from 'node:worker_threads';
import type { ReplyTo, RequestOf, StoreOp, StoreReply } from './sqlite-messages.ts';
import { WindowStoreError } from './store-error.ts';

/** The thread that owns a file, seen from the thread that asks it. */
export class StoreThread {
  readonly #worker = new Worker(new URL('./sqlite-worker.ts', import.meta.url), {
    // What it makes is short-lived; the default lets three times as much lie about.
    resourceLimits: { maxYoungGenerationSizeMb: 4 },
  });
  /** Who waits for an answer, in the order of asking. */
  readonly #waiting: ((reply: StoreReply) => void)[] = [];
  #ended: StoreReply | undefined;

  constructor() {
    this.#worker.on('message', (reply: StoreReply) => this.#waiting.shift()?.(reply));
    this.#worker.on('error', (error: unknown) =>
      this.#end(`the window store's thread failed: ${String(error)}`),
    );
    this.#worker.on('exit', () => this.#end("the window store's thread has ended"));
  }

  /** Asks, and waits for the answer. @throws {WindowStoreError} when the thread could not do it, or is gone. */
  async ask<Op extends StoreOp>(request: RequestOf<Op>): Promise<ReplyTo<Op>> {
    const reply = await new Promise<StoreReply>((resolve) => {
      if (this.#ended) return resolve(this.#ended);
      this.#waiting.push(resolve);
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
      this.#worker.postMessage(request);
    });
    if (answers<Op>(reply, request)) return reply;
    const failed = reply.op === 'failed';
    const message = failed ? reply.message : `window store answered ${reply.op} to ${request.op}`;
    throw new WindowStoreError(failed ? reply.trouble : 'broken', message);
  }

  /** Ends the thread; what is still asked fails. */
  async end(): Promise<void> {
    await this.#worker.terminate();
  }

  #end(message: string): void {
    this.#ended ??= { op: 'failed', trouble: 'broken', message };
    for (const resolve of this.#waiting.splice(0)) resolve(this.#ended);
  }
}

function answers<Op extends StoreOp>(reply: StoreReply, request: RequestOf<Op>): reply is ReplyTo<Op> {
  return reply.op === request.op;
}
