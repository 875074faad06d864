import type { CancelTimer, Clock } from '../core/clock.ts';
import type { Observation } from '../core/observation.ts';
import { ClockWatch } from './redis-clock.ts';
import { meaningOf, type RedisCode, RedisFailure, redisFailure } from './redis-code.ts';
import type { RedisHealth } from './redis-health.ts';
import type { RedisKeys } from './redis-keys.ts';
import type { RedisLink } from './redis-link.ts';
import { KEPT_MS, type RecentWrites } from './redis-recent.ts';
import { RedisSender } from './redis-sender.ts';
import { runOf, type SlotRun, SlotRuns } from './slot-run.ts';
import type { Backlog } from './spill-backlog.ts';

const WRITE_MS = 200;
const LOOK_MS = 2_000;
const FIRST_RETRY_MS = 250;
const SLOWEST_RETRY_MS = 4_000;

/** What the writing works with. */
export interface RedisWriterParts {
  readonly link: RedisLink;
  readonly keys: RedisKeys;
  readonly clock: Clock;
  readonly backlog: Backlog;
  readonly recent: RecentWrites;
  /** Writes again what else was written lately; after a replacement, before anything is read. */
  readonly rewrite: () => Promise<void>;
  /** Told whenever the store goes away, comes back, or its last code changes. */
  readonly onHealth: (health: RedisHealth) => void;
}

/**
 * Writes what was observed a fifth of a second later. When Redis is away it goes into the backlog instead; when it is
 * back, the backlog is merged before anything is read again. Where a master was replaced, so are the last ten minutes.
 */
export class RedisWriter {
  readonly #parts: RedisWriterParts;
  readonly #pending = new SlotRuns();
  readonly #sender: RedisSender;
  readonly #labels: ClockWatch;
  #writing = Promise.resolve();
  #writeTimer: CancelTimer | undefined;
  #lookTimer: CancelTimer | undefined;
  #looking: Promise<void> = Promise.resolve();
  #isLooking = false;
  #isUp = false;
  #isStopped = false;
  #lastCode: RedisCode | undefined;
  #sinceMs: number;
  #retryMs = FIRST_RETRY_MS;
  #identity: string | undefined;
  /** Whether what was acknowledged may be gone. */
  #mayHaveLost = false;
  #replacements = 0;
  #refusedSlots = 0;

  constructor(parts: RedisWriterParts) {
    this.#parts = parts;
    this.#sender = new RedisSender(parts.link, parts.keys);
    this.#labels = new ClockWatch(parts.link, parts.clock);
    this.#sinceMs = parts.clock.wallMs();
  }

  get health(): RedisHealth {
    const { backlog } = this.#parts;
    return {
      isUp: this.#isUp,
      lastCode: this.#lastCode,
      sinceMs: this.#sinceMs,
      spillSlots: backlog.slots,
      droppedSlots: backlog.dropped,
      refusedSlots: this.#refusedSlots,
      replacements: this.#replacements,
      clockOffsetMs: this.#labels.offsetMs,
    };
  }

  /** Looks for Redis for the first time; resolves whether or not it is there. */
  async start(): Promise<void> {
    this.#parts.backlog.recover();
    await this.#parts.link.connected();
    this.#looking = this.#look();
    await this.#looking;
  }

  /** Takes observations in. Nothing is awaited. */
  observe(observations: readonly Observation[]): void {
    const runs: SlotRun[] = [];
    for (const observation of observations) {
      if (!this.mayLabel(observation.intervalMs)) {
        this.#refusedSlots++;
        this.#say('CLOCK');
      } else {
        this.#labels.labelled(observation.intervalMs);
        runs.push(runOf(observation));
      }
    }
    this.#pending.addAll(runs);
    this.#parts.recent.addSlots(runs);
    if (runs.length > 0) this.#nudge();
  }

  /** Whether slots of this length may be labelled by our clock, as far as is known. */
  mayLabel(intervalMs: number): boolean {
    return this.#labels.mayLabel(intervalMs);
  }

  /** Everything taken in so far is in Redis; rejects with a {@link RedisFailure} when it is not. */
  async settled(): Promise<void> {
    if (this.#isUp && this.#pending.size > 0) await this.#enqueue();
    else await this.#writing;
    if (!this.#isUp) throw new RedisFailure(this.#lastCode ?? 'CLOSED');
  }

  /** Everything taken in so far outlives this process: in Redis, or in the spill. */
  flush(): Promise<void> {
    return this.#enqueue();
  }

  /** A caller has met a failure that the writer may not have seen yet. */
  failed({ code }: RedisFailure): void {
    if (meaningOf(code).trouble === 'away') this.#away(code);
  }

  /** Ends all timers and waits for what is under way; what is pending is written, or spilled. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#writeTimer?.();
    this.#lookTimer?.();
    await this.#looking;
    await this.#enqueue();
  }

  #nudge(): void {
    if (this.#isStopped) return;
    this.#writeTimer ??= this.#parts.clock.after(WRITE_MS, () => {
      this.#writeTimer = undefined;
      void this.#enqueue();
    });
  }

  #enqueue(): Promise<void> {
    this.#writing = this.#writing.then(() => this.#write());
    return this.#writing;
  }

  async #write(): Promise<void> {
    const runs = this.#pending.take();
    if (runs.length === 0) return;
    const { failed, code } = this.#isUp ? await this.#sender.send(runs) : { failed: runs, code: undefined };
    if (failed.length > 0) this.#parts.backlog.add(failed);
    if (code !== undefined) this.#away(code);
  }

  #away(code: RedisCode): void {
    if (this.#isStopped) return;
    if (meaningOf(code).mayHaveLost) this.#mayHaveLost = true;
    const wasUp = this.#isUp;
    if (wasUp) {
      this.#isUp = false;
      this.#sinceMs = this.#parts.clock.wallMs();
      this.#retryMs = FIRST_RETRY_MS;
      if (!this.#isLooking) this.#arm(FIRST_RETRY_MS);
    }
    this.#say(code, wasUp);
    // What led us to a replica leads there again: ask anew who is the master.
    if (code === 'READONLY') this.#parts.link.reset();
  }

  #say(code: RedisCode, isNews = code !== this.#lastCode): void {
    this.#lastCode = code;
    if (isNews) this.#parts.onHealth(this.health);
  }

  #arm(delayMs: number): void {
    this.#lookTimer?.();
    if (this.#isStopped) return;
    this.#lookTimer = this.#parts.clock.after(delayMs, () => {
      this.#looking = this.#look();
    });
  }

  /** Whether Redis is there, and whether it is the one that we know. */
  async #look(): Promise<void> {
    this.#isLooking = true;
    try {
      const identity = await this.#parts.link.identity();
      await this.#labels.look(this.#isUp);
      if (this.#identity !== undefined && identity !== this.#identity) {
        this.#replacements++;
        this.#mayHaveLost = true;
        this.#away('REPLACED');
      }
      this.#identity = identity;
      const waits = this.#parts.backlog.slots > 0 && this.#labels.mayLabelAll;
      if (!this.#isUp || waits) await this.#comeBack();
      this.#parts.backlog.forgetMerged(2 * KEPT_MS);
      this.#arm(LOOK_MS);
    } catch (error) {
      this.#away(redisFailure(error).code);
      this.#arm(this.#retryMs);
      this.#retryMs = Math.min(this.#retryMs * 2, SLOWEST_RETRY_MS);
    }
    this.#isLooking = false;
  }

  /** Merges what was kept here, until nothing is left; only then may anything be read. */
  async #comeBack(): Promise<void> {
    const { backlog, recent, rewrite } = this.#parts;
    this.#isUp = false;
    if (this.#mayHaveLost) {
      this.#sender.forget();
      backlog.unmerge();
      await this.#merge(recent.slots());
      await rewrite();
      this.#mayHaveLost = false;
    }
    if (this.#labels.mayLabelAll) while (await this.#mergeSome());
    this.#isUp = true;
    this.#sinceMs = this.#parts.clock.wallMs();
    this.#retryMs = FIRST_RETRY_MS;
    this.#parts.onHealth(this.health);
  }

  /** Whether there was anything to merge. */
  async #mergeSome(): Promise<boolean> {
    const { backlog } = this.#parts;
    await this.#enqueue();
    const { runs, batches } = backlog.next();
    try {
      await this.#merge(runs);
    } catch (error) {
      backlog.notMerged();
      throw error;
    }
    backlog.merged(batches);
    return runs.length > 0;
  }

  async #merge(runs: readonly SlotRun[]): Promise<void> {
    if (runs.length === 0) return;
    const { code } = await this.#sender.send(runs);
    if (code !== undefined) throw new RedisFailure(code);
  }
}
