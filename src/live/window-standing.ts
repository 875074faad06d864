import type { Logger } from 'pino';
import type { Metrics } from '../export/metrics.ts';
import type { HealthJson } from '../web/health-source.ts';
import type { RedisHealth } from '../window/redis-health.ts';
import { WindowStoreError } from '../window/store-error.ts';

/** Whom it is told how the windows stand. */
export interface WindowStandingOptions {
  readonly log: Logger;
  readonly metrics: Pick<Metrics, 'windowUp' | 'spilled'>;
  /** Of shared windows; undefined where they are embedded. */
  readonly health: () => RedisHealth | undefined;
}

/** Whether the windows can be written and read, as metrics, log and readiness tell it. */
export class WindowStanding {
  readonly #options: WindowStandingOptions;
  #trouble: string | undefined;

  constructor(options: WindowStandingOptions) {
    this.#options = options;
  }

  /** What is wrong, for people; undefined when nothing is. */
  get trouble(): string | undefined {
    return this.#trouble;
  }

  /** An evaluation read them whole. */
  worked(): void {
    this.#trouble = undefined;
    this.#tell(true);
  }

  /** Something that was asked of them failed. */
  failed(error: unknown): void {
    this.#trouble = error instanceof Error ? error.message : String(error);
    this.#tell(false);
    // Shared windows that are away are told of once, when they go.
    if (error instanceof WindowStoreError && error.trouble === 'away') return;
    this.#options.log.error({ err: error }, 'the window store failed');
  }

  /** Shared windows came, went, or took up what waited. */
  changed(health: RedisHealth): void {
    const { log } = this.#options;
    const { isUp, lastCode, spillSlots, droppedSlots, refusedSlots, replacements, clockOffsetMs } = health;
    if (isUp) this.#trouble = undefined;
    else this.#trouble ??= `the shared windows are away: ${lastCode}`;
    this.#tell(isUp, health);
    const facts = { lastCode, spillSlots, droppedSlots, refusedSlots, replacements, clockOffsetMs };
    if (lastCode === 'CLOCK' && refusedSlots > 0)
      log.error(facts, 'our clock is not that of the shared windows: nothing is written');
    else if (isUp) log.info(facts, 'the shared windows are there; what waited here is merged');
    else log.error(facts, 'the shared windows are away: what is seen is kept here');
  }

  /** As the page and the API show it. */
  shown(): HealthJson['windows'] {
    const health = this.#options.health();
    return {
      kind: health ? 'shared' : 'embedded',
      up: health?.isUp ?? this.#trouble === undefined,
      trouble: this.#trouble ?? null,
      spilledSlots: health?.spillSlots ?? 0,
    };
  }

  #tell(isUp: boolean, health: RedisHealth | undefined = this.#options.health()): void {
    this.#options.metrics.windowUp(isUp);
    this.#options.metrics.spilled(health?.spillSlots ?? 0);
  }
}
