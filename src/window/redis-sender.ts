import type { CheckKey } from '../core/observation.ts';
import { type RedisCode, redisFailure } from './redis-code.ts';
import { type RedisKeys, seriesName } from './redis-keys.ts';
import type { RedisLink, RedisResult } from './redis-link.ts';
import { observeCalls } from './redis-observe.ts';
import type { SlotRun } from './slot-run.ts';

/** What came of sending runs. */
export interface Sent {
  /** Runs that were not acknowledged. They may be stored all the same. */
  readonly failed: readonly SlotRun[];
  /** Code of the first failure; undefined when all were acknowledged. */
  readonly code: RedisCode | undefined;
}

/** Sends runs of slots to Redis, each check by the list of all before its first slot. Never rejects. */
export class RedisSender {
  readonly #link: RedisLink;
  readonly #keys: RedisKeys;
  readonly #registered = new Set<string>();

  constructor(link: RedisLink, keys: RedisKeys) {
    this.#link = link;
    this.#keys = keys;
  }

  async send(runs: readonly SlotRun[]): Promise<Sent> {
    const calls = observeCalls(this.#keys, runs);
    let results: readonly RedisResult[];
    try {
      await this.#register(runs);
      results = await this.#link.send(calls);
    } catch (error) {
      return { failed: runs, code: redisFailure(error).code };
    }
    const failures = results.map((result) => ('failure' in result ? result.failure : undefined));
    return {
      failed: calls.filter((_, i) => failures[i] !== undefined).flatMap((call) => call.runs),
      code: failures.find((failure) => failure !== undefined)?.code,
    };
  }

  /** Redis may have forgotten which checks there are: each is named again before its next slot. */
  forget(): void {
    this.#registered.clear();
  }

  /** Before its first slot, so that nothing is ever stored of a check that no list names. */
  async #register(runs: readonly CheckKey[]): Promise<void> {
    const names = new Set<string>();
    for (const run of runs) {
      const name = seriesName(run);
      if (!this.#registered.has(name)) names.add(name);
    }
    if (names.size === 0) return;
    const key = this.#keys.series;
    await this.#link.ask({ key, add: (to) => to.sadd(key, ...names) });
    for (const name of names) this.#registered.add(name);
  }
}
