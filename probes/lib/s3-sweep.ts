import type { Clock } from '../../src/core/clock.ts';
import { decodeListing } from '../wire/s3.ts';
import type { S3Client, S3Session } from './s3-client.ts';
import { runMadeMs, runPrefix } from './s3-objects.ts';

const BETWEEN_SWEEPS_MS = 15 * 60_000;
/** How many keys one look at the bucket asks for. */
const LISTED = 100;
/** How many leftovers one sweep deletes at most; the rest is for the next. */
const SWEPT = 20;
/** A key is at most 1,024 bytes; with it come owner, dates and tags. */
const LISTING_BYTES = LISTED * 4_096;

/**
 * Deletes the objects that runs left behind, cut short as they were: those under the prefix, with a key of our own
 * pattern, older than `leftoverAgeMs`; never anything else. It works beside the runs, so that it neither lengthens one
 * nor makes one late, and ends when the next run begins at the latest.
 */
export class Sweep {
  readonly #client: S3Client;
  readonly #prefix: string;
  readonly #leftoverAgeMs: number;
  #lastMs: number | undefined;
  #stop = new AbortController();
  #bug: Error | undefined;

  constructor(client: S3Client, prefix: string, leftoverAgeMs: number) {
    this.#client = client;
    this.#prefix = prefix;
    this.#leftoverAgeMs = leftoverAgeMs;
  }

  /** Ends what is going on. Throws the bug, if any, that ended it before. */
  stop(): void {
    this.#stop.abort();
    const bug = this.#bug;
    this.#bug = undefined;
    if (bug) throw bug;
  }

  /** Begins to sweep if it is time: at the first call, and a quarter of an hour after the last sweep. */
  beginWhenDue(clock: Clock): void {
    const nowMs = clock.monotonicMs();
    if (this.#lastMs !== undefined && nowMs - this.#lastMs < BETWEEN_SWEEPS_MS) return;
    this.#lastMs = nowMs;
    this.#stop = new AbortController();
    void this.#run(this.#client.open(this.#stop.signal, clock), clock.wallMs());
  }

  async #run(session: S3Session, nowMs: number): Promise<void> {
    try {
      if (!(await this.#sweep(session, nowMs))) this.#lastMs = undefined;
      session.end();
    } catch (error) {
      this.#bug = error instanceof Error ? error : new Error('sweep failed', { cause: error });
    }
  }

  /** Whether there is nothing left to do for now: not after a sweep that was cut short though it came on. */
  async #sweep(session: S3Session, nowMs: number): Promise<boolean> {
    const query = { 'max-keys': String(LISTED), prefix: runPrefix(this.#prefix) };
    const listed = await session.send({ method: 'GET', key: '', query, maxBody: LISTING_BYTES });
    if (listed.kind === 'ended' || listed.status !== 200) return true;
    const leftovers = (decodeListing(listed.body)?.keys ?? []).filter((key) => {
      const madeMs = runMadeMs(this.#prefix, key);
      return madeMs !== undefined && nowMs - madeMs > this.#leftoverAgeMs;
    });
    for (const [swept, key] of leftovers.slice(0, SWEPT).entries()) {
      const step = await session.send({ method: 'DELETE', key, maxBody: 0 });
      if (step.kind === 'ended' || step.status > 299) return swept === 0;
    }
    return leftovers.length <= SWEPT;
  }
}
