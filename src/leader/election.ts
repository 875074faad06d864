import type { CancelTimer, Clock } from '../core/clock.ts';
import type { LeaderLock } from './leader-lock.ts';

/** From one try to the next, whether to take the lock or to renew it. */
const RETRY_MS = 2_000;
/** A leader that could not renew for so long steps down: 5 s before another may take over (client-go's figures). */
const RENEW_WITHIN_MS = 10_000;

/** What an election is made of. */
export interface ElectionOptions {
  readonly clock: Clock;
  readonly lock: LeaderLock;
  /** Whether this process could do the leader's work now; one that cannot lets others lead. */
  readonly isFit: () => boolean;
  /** Told whenever this process begins to lead, or no longer does. Must not throw. */
  readonly onChange: (leads: boolean) => void;
}

/**
 * Which of several processes leads. Laws:
 * - while {@link Election.leads} is true here it is true nowhere else, as long as monotonic clocks run alike: it turns
 *   false by the clock alone, so that a process that was stopped and goes on does not believe it for an instant;
 * - a leader that dies is followed within {@link LOCK_LIFE_MS} and one retry, 17 s.
 */
export class Election {
  readonly #options: ElectionOptions;
  #leads = false;
  /** When the lock was last asked for that was then held; monotonic. */
  #heldMs = -Infinity;
  #fitMs = -Infinity;
  #cancelTurn: CancelTimer = () => undefined;
  #cancelEnd: CancelTimer = () => undefined;
  #underWay: Promise<void> = Promise.resolve();
  #stopped = false;

  constructor(options: ElectionOptions) {
    this.#options = options;
  }

  /** Whether this process leads at this instant. */
  get leads(): boolean {
    return this.#leads && this.#options.clock.monotonicMs() < this.#heldMs + RENEW_WITHIN_MS;
  }

  /** Stands for election. Resolves when the first try is over. */
  async start(): Promise<void> {
    this.#underWay = this.#turn();
    await this.#underWay;
  }

  /** Leads no more and lets go of the lock. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#cancelTurn();
    await this.#underWay;
    await this.#resign();
  }

  async #turn(): Promise<void> {
    const { clock, lock } = this.#options;
    if (this.#isFit()) {
      const askedMs = clock.monotonicMs();
      const answer = await lock.hold();
      if (answer === 'held') this.#held(askedMs);
      else if (answer === 'another') this.#set(false);
    } else {
      await this.#resign();
    }
    if (this.#stopped) return;
    this.#cancelTurn = clock.after(RETRY_MS, () => {
      this.#underWay = this.#turn();
    });
  }

  /** What passes soon is no reason to change the leader. */
  #isFit(): boolean {
    const nowMs = this.#options.clock.monotonicMs();
    if (this.#options.isFit()) this.#fitMs = nowMs;
    return this.#fitMs === nowMs || (this.#leads && nowMs - this.#fitMs < RENEW_WITHIN_MS);
  }

  #held(askedMs: number): void {
    const { clock } = this.#options;
    this.#heldMs = askedMs;
    this.#cancelEnd();
    const leftMs = askedMs + RENEW_WITHIN_MS - clock.monotonicMs();
    if (leftMs <= 0) return this.#set(false);
    this.#cancelEnd = clock.after(leftMs, () => this.#set(false));
    this.#set(true);
  }

  async #resign(): Promise<void> {
    const led = this.#leads;
    this.#set(false);
    if (led) await this.#options.lock.release();
  }

  #set(leads: boolean): void {
    if (!leads) this.#cancelEnd();
    if (leads === this.#leads) return;
    this.#leads = leads;
    this.#options.onChange(leads);
  }
}
