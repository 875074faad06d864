import type { Logger } from 'pino';
import type { Config } from '../config/config.ts';
import type { CancelTimer, Clock } from '../core/clock.ts';
import type { DeclaredExclusion } from '../core/exclusion.ts';
import { JudgeLoop, type JudgeLoopOptions } from './judge-loop.ts';
import { Election } from '../leader/election.ts';
import type { LeaderLock } from '../leader/leader-lock.ts';
import type { RedisStore } from '../window/redis.ts';
import type { WindowStore } from '../window/store.ts';

const EPOCH_FACT = 'judge.epoch';
const RETRY_MS = 1_000;

/** Shared windows, and the lock by which one of their judges leads. */
export interface SharedDuty {
  readonly windows: RedisStore;
  readonly lock: LeaderLock;
}

/** What the duty works with and whom it tells. */
export interface JudgeDutyOptions extends Pick<
  JudgeLoopOptions,
  'breathe' | 'onVerdicts' | 'onFailure' | 'onCommit'
> {
  readonly clock: Clock;
  readonly store: WindowStore;
  /** Undefined where no other process has these windows: then this judge always leads. */
  readonly shared: SharedDuty | undefined;
  readonly log: Logger;
  /** What is to be judged by besides the configuration. */
  readonly declared: () => readonly DeclaredExclusion[];
  /** Told whenever this judge begins to lead, or no longer does. Must not throw. */
  readonly onLeading: (leads: boolean) => void;
}

/**
 * The judge of this process: it leads, and stores what it judges, or judges beside the one that leads, so as to show the
 * same and to take over. At every change a new loop goes on from what is stored. With the windows away it is tried again.
 */
export class JudgeDuty {
  readonly #options: JudgeDutyOptions;
  readonly #election: Election | undefined;
  #config: Config;
  #loop: JudgeLoop | undefined;
  #subregions: readonly string[] | undefined;
  #epoch: number | undefined;
  #lastEpoch = 0;
  #changing: Promise<void> = Promise.resolve();
  #cancelRetry: CancelTimer = () => undefined;
  #stopped = false;

  constructor(options: JudgeDutyOptions, config: Config) {
    this.#options = options;
    this.#config = config;
    const { clock, shared } = options;
    this.#election =
      shared &&
      new Election({
        clock,
        lock: shared.lock,
        isFit: () => shared.windows.health.isUp,
        onChange: () => this.#change(),
      });
  }

  /** Begins; the first loop has started when this resolves, unless the windows are away. */
  async start(): Promise<void> {
    if (this.#election) await this.#election.start();
    if (!this.leads || !this.#election) this.#change();
    await this.#changing;
  }

  /** The loop that judges now; undefined before there is one. */
  get loop(): JudgeLoop | undefined {
    return this.#loop;
  }

  /** Whether this judge leads at this instant: it alone stores, alerts, closes and archives. */
  get leads(): boolean {
    return this.#election?.leads ?? true;
  }

  /** The term of this judge; undefined while it does not lead. */
  get epoch(): number | undefined {
    return this.#epoch;
  }

  reconfigure(config: Config): void {
    this.#config = config;
    this.#loop?.reconfigure(config);
  }

  declare(exclusions: readonly DeclaredExclusion[]): void {
    this.#loop?.declare(exclusions);
  }

  tellSubregions(subregions: readonly string[]): void {
    this.#subregions = subregions;
    this.#loop?.tellSubregions(subregions);
  }

  /** Ends the loop, which stores what is settled, and lets another lead. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#cancelRetry();
    await this.#changing;
    await this.#endLoop();
    await this.#election?.stop();
  }

  /** One change at a time; each begins by how things stand then. */
  #change(): void {
    if (this.#stopped) return;
    this.#cancelRetry();
    this.#changing = this.#changing.then(() => this.#begin());
  }

  async #begin(): Promise<void> {
    const { onFailure, onLeading, shared } = this.#options;
    if (this.#stopped) return;
    try {
      await this.#endLoop();
      this.#epoch = this.leads ? await this.#nextEpoch() : undefined;
      const loop = this.#newLoop(this.#epoch);
      await loop.start();
      this.#loop = loop;
      this.#tell();
    } catch (error) {
      this.#epoch = undefined;
      // Embedded windows that fail at the start will not do better later.
      if (!shared) throw error;
      onFailure(error);
      this.#cancelRetry = this.#options.clock.after(RETRY_MS, () => this.#change());
    }
    onLeading(this.#epoch !== undefined);
  }

  #tell(): void {
    const { log, shared } = this.#options;
    if (!shared) return;
    if (this.#epoch === undefined) log.info('another judge leads; this one judges beside it');
    else log.info({ epoch: this.#epoch }, 'this judge leads');
  }

  /** Higher than that of any judge who ever stored anything, even where the count itself was lost. */
  async #nextEpoch(): Promise<number> {
    const { store, shared } = this.#options;
    if (shared) {
      const heads = await shared.windows.heads(this.#config.checks.map(({ id }) => id));
      const stored = Math.max(this.#lastEpoch, ...heads.map((head) => head?.epoch ?? 0));
      this.#lastEpoch = await shared.windows.next(EPOCH_FACT, stored);
    } else {
      this.#lastEpoch = Number((await store.getFact(EPOCH_FACT)) ?? 0) + 1;
      await store.setFact(EPOCH_FACT, String(this.#lastEpoch));
    }
    return this.#lastEpoch;
  }

  #newLoop(epoch: number | undefined): JudgeLoop {
    const { clock, store, shared, breathe, onVerdicts, onFailure, onCommit, log, declared } = this.#options;
    const loop = new JudgeLoop(
      {
        ...{ clock, store, epoch, breathe, onVerdicts, onFailure, onCommit },
        leads: () => this.leads,
        ...(shared && { heads: (checks: readonly string[]) => shared.windows.heads(checks) }),
        onFenced: () => {
          log.warn({ epoch }, 'another judge has taken over: this one stores nothing');
          this.#change();
        },
      },
      this.#config,
    );
    loop.declare(declared());
    if (this.#subregions) loop.tellSubregions(this.#subregions);
    return loop;
  }

  /** With shared windows away the last commit has to wait for the next judge. */
  async #endLoop(): Promise<void> {
    const loop = this.#loop;
    await loop?.stop().catch((error: unknown) => this.#options.onFailure(error));
  }
}
