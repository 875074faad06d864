import type { Logger } from 'pino';
import type { Config } from '../config/config.ts';
import type { Clock } from '../core/clock.ts';
import { formatDuration } from '../core/duration.ts';
import type { ProbeKind } from '../core/probe.ts';
import type { Metrics } from '../export/metrics.ts';
import type { RunResult, ScheduledCheck } from '../schedule/scheduled-check.ts';
import { Shard } from '../schedule/sharding.ts';
import { identitiesElsewhere } from './scheduling.ts';
import { VantagePresence, type VantageStanding } from './vantage-presence.ts';
import type { RedisStore } from '../window/redis.ts';

/** With members that stand in for each other, a death must be noticed within two slots of a second. */
const LOOK_SHARDED_MS = 500;
const LOOK_MS = 2_000;

/** What the fleet is seen with, and who is told. */
export interface FleetOptions {
  readonly clock: Clock;
  readonly log: Logger;
  readonly windows: RedisStore;
  readonly kinds: ReadonlyMap<string, ProbeKind>;
  /** The vantages that this process looks from; none for one that only judges. */
  readonly vantages: readonly string[];
  /** The name of this process. */
  readonly member: string;
  readonly metrics: Pick<Metrics, 'spilled' | 'dropped' | 'clockOffset' | 'vantages'>;
  /** Told when what {@link Fleet.runs} answers may have changed. Must not throw. */
  readonly onMoved: () => void;
}

/** The processes that share windows, as one of them sees them: who looks from where, and what is left for this one. */
export class Fleet {
  readonly #options: FleetOptions;
  readonly #presence: VantagePresence;
  readonly #shard: Shard;
  #config: Config;
  /** Requests that other processes send, too. */
  #shared: ReadonlySet<string>;
  #silent: readonly string[] = [];

  constructor(options: FleetOptions, config: Config) {
    const { clock, windows, vantages, member } = options;
    this.#options = options;
    this.#config = config;
    this.#shared = identitiesElsewhere(config, options.kinds, vantages);
    this.#shard = new Shard(member);
    const everyMs = shardedOf(config).length > 0 ? LOOK_SHARDED_MS : LOOK_MS;
    const onLook = (ok: boolean): void => this.#looked(ok);
    this.#presence = new VantagePresence({ clock, windows, vantages, member, everyMs, onLook });
  }

  /** Says that this process is there, and looks who else is. */
  start(): Promise<void> {
    return this.#presence.start();
  }

  stop(): Promise<void> {
    return this.#presence.stop();
  }

  reconfigure(config: Config): void {
    const { kinds, vantages } = this.#options;
    this.#config = config;
    this.#shared = identitiesElsewhere(config, kinds, vantages);
  }

  /** Whether a check of ours is run by this process now. */
  runs(scheduled: ScheduledCheck): boolean {
    if (!shardedOf(this.#config).includes(scheduled.vantage)) return true;
    return this.#shard.runs(scheduled, this.#presence.members, this.#presence.nowMs);
  }

  /**
   * How long a request has to wait until it is a second after an identical one of any process, in milliseconds; 0 when it
   * may leave. Undefined when no other process sends it.
   */
  reserve(identity: string): Promise<number> | undefined {
    if (!this.#shared.has(identity) && !this.#isAccompanied) return undefined;
    // Trouble with the windows is told by whoever writes to them.
    return this.#options.windows.reserve(identity).catch(() => 0);
  }

  /** A slot that our clock may not label was not seen. */
  labelled(result: RunResult): RunResult {
    const { check, vantage, slot, seen } = result;
    const { windows } = this.#options;
    if (seen.outcome === 'absent' || windows.mayLabel(check.intervalMs)) return result;
    const offsetMs = Math.round(windows.health.clockOffsetMs ?? 0);
    const detail = `our clock is ${offsetMs} ms from that of the shared windows`;
    const key = { check: check.id, intervalMs: check.intervalMs, vantage, slot };
    return { ...result, seen: { ...key, outcome: 'absent', blind: 'clock-skew', detail }, detail };
  }

  /** How all expected vantages stand. */
  get standing(): readonly VantageStanding[] {
    return this.#presence.standing(this.#config.vantages);
  }

  /** What somebody should know of it, one line each for people. */
  get warnings(): readonly string[] {
    return this.standing.flatMap(({ vantage, silentForMs }) => {
      if (silentForMs === 0) return [];
      const since =
        silentForMs === null ? 'yet' : `for ${formatDuration(Math.floor(silentForMs / 1_000) * 1_000)}`;
      return [`nothing is heard of vantage ${vantage} ${since}: its slots are not seen`];
    });
  }

  /** Whether another process looks from a vantage of ours. */
  get #isAccompanied(): boolean {
    const { vantages } = this.#options;
    return this.#presence.standing(vantages).some(({ members }) => members.length > 1);
  }

  #looked(ok: boolean): void {
    const { metrics, windows, onMoved } = this.#options;
    const { spillSlots, droppedSlots, clockOffsetMs } = windows.health;
    metrics.spilled(spillSlots);
    metrics.dropped(droppedSlots);
    metrics.clockOffset(clockOffsetMs ?? null);
    if (!ok) return;
    const { standing } = this;
    metrics.vantages(
      standing.map(({ vantage, silentForMs, members }) => ({
        vantage,
        isHeard: silentForMs === 0,
        members: members.length,
      })),
    );
    this.#tellSilent(standing);
    if (shardedOf(this.#config).length > 0) onMoved();
  }

  #tellSilent(standing: readonly VantageStanding[]): void {
    const silent = standing.filter(({ silentForMs }) => silentForMs !== 0).map(({ vantage }) => vantage);
    const news = silent.filter((vantage) => !this.#silent.includes(vantage));
    const back = this.#silent.filter((vantage) => !silent.includes(vantage));
    this.#silent = silent;
    if (news.length > 0) this.#options.log.warn({ vantages: news }, 'nothing is heard of these vantages');
    if (back.length > 0) this.#options.log.info({ vantages: back }, 'these vantages are heard again');
  }
}

function shardedOf({ shardedVantages = [] }: Config): readonly string[] {
  return shardedVantages;
}
