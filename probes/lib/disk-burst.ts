import { closeSync, read, write } from 'node:fs';
import { randomFillSync, randomInt } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import { sleep } from '../../src/core/clock.ts';
import type { Clock } from '../../src/core/clock.ts';
import { alignedBlocks } from './disk-memory.ts';
import { BLOCK_BYTES } from './disk-messages.ts';
import type { BurstCount, BurstPlan, DiskPlace, DiskResult } from './disk-messages.ts';
import { openMarked } from './disk-place.ts';
import { blockOffset } from './disk-round-trip.ts';
import type { StepTeller } from './disk-round-trip.ts';
import { threadsQueuedMs } from './threads-queued.ts';

/**
 * Reads and writes blocks at random for a while: as many as are due by the rate, and never more than the depth at
 * once. What a slow disk has left due is made up for at full depth, so that the rate is asked for all the time. Ends
 * when the last operation is done; rejects with the system's error of the first that failed.
 */
export async function burst(
  place: DiskPlace,
  plan: BurstPlan,
  clock: Clock,
  tell: StepTeller,
): Promise<DiskResult> {
  tell('open');
  const opened = openMarked(place);
  if (opened.kind !== 'open') return opened;
  try {
    tell('burst');
    const count = await new Burst(opened.fd, place, plan, clock).run();
    return count ? { kind: 'burst', count } : { kind: 'short', step: 'burst' };
  } finally {
    closeSync(opened.fd);
  }
}

const TICK_MS = 1;

/** One burst under way. */
class Burst {
  readonly #fd: number;
  readonly #place: DiskPlace;
  readonly #plan: BurstPlan;
  readonly #clock: Clock;
  /** A block of memory for each operation that may be under way; those not in use. */
  readonly #idle: Buffer[];
  readonly #startedMs: number;
  readonly #drained = Promise.withResolvers<void>();
  #reads = 0;
  #writes = 0;
  #spentMs = 0;
  #lastDoneMs = 0;
  #short = false;
  #failure: Error | undefined;
  #over = false;

  constructor(fd: number, place: DiskPlace, plan: BurstPlan, clock: Clock) {
    this.#fd = fd;
    this.#place = place;
    this.#plan = plan;
    this.#clock = clock;
    this.#idle = [...alignedBlocks(plan.depth)];
    for (const block of this.#idle) randomFillSync(block);
    this.#startedMs = clock.monotonicMs();
  }

  /** The whole burst; undefined when an operation moved less than a block. */
  async run(): Promise<BurstCount | undefined> {
    // Shares of time, not instants: no clock of the machine is read here.
    const before = { use: performance.eventLoopUtilization(), queuedMs: threadsQueuedMs() };
    while (!this.#over) {
      this.#issueDue();
      await sleep(this.#clock, TICK_MS);
      this.#over ||= this.#sinceStartMs() >= this.#plan.seconds * 1_000;
    }
    if (this.#underWay() === 0) this.#drained.resolve();
    await this.#drained.promise;
    if (this.#failure) throw this.#failure;
    const { utilization } = performance.eventLoopUtilization(before.use);
    const queuedMs = threadsQueuedMs() - before.queuedMs;
    return this.#short ? undefined : this.#count(utilization, queuedMs);
  }

  #sinceStartMs(): number {
    return this.#clock.monotonicMs() - this.#startedMs;
  }

  #underWay(): number {
    return this.#plan.depth - this.#idle.length;
  }

  #begun(): number {
    return this.#reads + this.#writes;
  }

  #issueDue(): void {
    if (this.#over) return;
    const forSeconds = Math.min(this.#sinceStartMs() / 1_000, this.#plan.seconds);
    const due = 1 + Math.floor(forSeconds * this.#plan.perSecond);
    while (this.#begun() < due) {
      const block = this.#idle.pop();
      if (!block) return;
      this.#issue(block);
    }
  }

  #issue(block: Buffer): void {
    const position = blockOffset(this.#place, randomInt(this.#place.sizeBytes / BLOCK_BYTES - 1));
    const begunMs = this.#clock.monotonicMs();
    const done = (error: Error | null, bytes: number): void => this.#done(block, begunMs, error, bytes);
    // Evenly spread rather than drawn: a share of 0.5 is every other operation.
    if (this.#reads + 1 <= (this.#begun() + 1) * this.#plan.readShare) {
      this.#reads += 1;
      read(this.#fd, block, 0, BLOCK_BYTES, position, done);
    } else {
      this.#writes += 1;
      write(this.#fd, block, 0, BLOCK_BYTES, position, done);
    }
  }

  #done(block: Buffer, begunMs: number, error: Error | null, bytes: number): void {
    this.#idle.push(block);
    this.#lastDoneMs = this.#clock.monotonicMs();
    this.#spentMs += this.#lastDoneMs - begunMs;
    if (error) this.#failure ??= error;
    else if (bytes < BLOCK_BYTES) this.#short = true;
    this.#over ||= this.#short || this.#failure !== undefined;
    this.#issueDue();
    if (this.#over && this.#underWay() === 0) this.#drained.resolve();
  }

  #count(busyShare: number, queuedMs: number): BurstCount {
    const operations = this.#begun();
    const elapsedMs = Math.max(TICK_MS, this.#lastDoneMs - this.#startedMs);
    return {
      // The first is asked for at the very begin: it is the others that take the time.
      perSecond: ((operations - 1) / elapsedMs) * 1_000,
      reads: this.#reads,
      writes: this.#writes,
      elapsedMs,
      busyShare,
      queuedShare: this.#spentMs > 0 ? Math.min(1, Math.max(0, queuedMs) / this.#spentMs) : 0,
      meanMs: this.#spentMs / operations,
    };
  }
}
