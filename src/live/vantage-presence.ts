import type { CancelTimer, Clock } from '../core/clock.ts';
import { Members } from '../schedule/sharding.ts';
import type { RedisStore } from '../window/redis.ts';

/** A vantage of which nothing was heard for so long is silent. */
const SILENT_AFTER_MS = 15_000;

/** What presence is told by, and whom it tells. */
export interface VantagePresenceOptions {
  readonly clock: Clock;
  readonly windows: Pick<RedisStore, 'heartbeat' | 'leave' | 'vantages'>;
  /** The vantages that this process looks from; none for one that only judges. */
  readonly vantages: readonly string[];
  /** The name of this process, among all that look from the same vantages. */
  readonly member: string;
  /** From one look to the next, in milliseconds. */
  readonly everyMs: number;
  /** Told after every look, and whether it succeeded. Must not throw. */
  readonly onLook: (ok: boolean) => void;
}

/** Between two words nobody is silent. */
function silenceOf(ms: number): number {
  return ms <= SILENT_AFTER_MS ? 0 : Math.round(ms);
}

/** How an expected vantage stands. */
export interface VantageStanding {
  readonly vantage: string;
  /** Processes that look from it. */
  readonly members: readonly string[];
  /** For how long nothing was heard of it, in milliseconds; 0 while something is, null when nothing ever was. */
  readonly silentForMs: number | null;
}

/**
 * Says that this process is there, and knows who else is. Time counts only as long as the windows can be had: with them
 * away everyone falls silent, and nobody has gone.
 */
export class VantagePresence {
  readonly members = new Members();
  readonly #options: VantagePresenceOptions;
  #nowMs = 0;
  #lookedMs: number | undefined;
  #cancel: CancelTimer = () => undefined;
  #underWay: Promise<void> = Promise.resolve();
  #stopped = false;

  constructor(options: VantagePresenceOptions) {
    this.#options = options;
  }

  /** The instant of the last look on the clock of {@link members}. */
  get nowMs(): number {
    return this.#nowMs;
  }

  /** Begins; resolves after the first look, whatever came of it. */
  async start(): Promise<void> {
    this.#underWay = this.#turn();
    await this.#underWay;
  }

  /** How these vantages stand, in their order. */
  standing(expected: readonly string[]): readonly VantageStanding[] {
    return expected.map((vantage) => {
      const silentMs = this.members.silentForMs(vantage, this.#nowMs);
      return {
        vantage,
        members: this.members.alive(vantage, SILENT_AFTER_MS, this.#nowMs),
        silentForMs: silentMs === undefined || silentMs === Infinity ? null : silenceOf(silentMs),
      };
    });
  }

  /** Ends, and says that this process looks no more, so that others take over at once. */
  async stop(): Promise<void> {
    const { windows, vantages, member } = this.#options;
    this.#stopped = true;
    this.#cancel();
    await this.#underWay;
    // With the windows away, others find out by themselves.
    await Promise.allSettled(vantages.map((vantage) => windows.leave(vantage, member)));
  }

  async #turn(): Promise<void> {
    const { clock, everyMs, onLook } = this.#options;
    const startedMs = clock.monotonicMs();
    onLook(await this.#look());
    if (this.#stopped) return;
    this.#cancel = clock.after(everyMs - (clock.monotonicMs() - startedMs), () => {
      this.#underWay = this.#turn();
    });
  }

  /** Whether it succeeded; why not, the windows tell. */
  async #look(): Promise<boolean> {
    const { clock, windows, vantages, member, everyMs } = this.#options;
    try {
      await Promise.all(vantages.map((vantage) => windows.heartbeat(vantage, member, clock.wallMs())));
      const beats = await windows.vantages();
      const nowMs = clock.monotonicMs();
      this.#nowMs += Math.min(nowMs - (this.#lookedMs ?? nowMs), 2 * everyMs);
      this.#lookedMs = nowMs;
      this.members.note(beats, this.#nowMs);
      return true;
    } catch {
      return false;
    }
  }
}
