import { randomUUID } from 'node:crypto';
import type { CheckKey, Observation } from '../core/observation.ts';
import type { SlotBits } from '../core/slots.ts';
import type { JudgedHead } from './judged-head.ts';
import type { LatencyStore } from './latency-store.ts';
import type { LedgerEntry, LedgerName, NewLedgerEntry } from './ledger.ts';
import { assertStorable } from './observed.ts';
import { showAddress } from '../core/redis-address.ts';
import { meaningOf, RedisFailure } from './redis-code.ts';
import { RedisFacts } from './redis-facts.ts';
import type { RedisHealth } from './redis-health.ts';
import { DEFAULT_PREFIX, parseSeriesName, RedisKeys } from './redis-keys.ts';
import { RedisJudged } from './redis-judged.ts';
import { pruneLatencies, redisLatencies } from './redis-latencies.ts';
import { RedisLedgers } from './redis-ledger.ts';
import { RedisLink } from './redis-link.ts';
import { freeLock, type Held, reserve, takeLock } from './redis-lock.ts';
import { bitsFrom, marksFrom } from './redis-pages.ts';
import { type Presence, readPresence, removePresence, writePresence } from './redis-presence.ts';
import { pruneSeries } from './redis-prune.ts';
import { RedisReader } from './redis-reader.ts';
import { RecentWrites } from './redis-recent.ts';
import { asTexts } from './redis-reply.ts';
import type { RedisStore, RedisStoreOptions } from './redis-store.ts';
import { RedisWriter } from './redis-writer.ts';
import { Backlog } from './spill-backlog.ts';
import { WindowStoreError } from './store-error.ts';
import type {
  CommitResult,
  JudgeCommit,
  JudgedCheck,
  Mark,
  Retention,
  SeenRange,
  SlotRange,
} from './store.ts';

export type { RedisStore, RedisStoreOptions } from './redis-store.ts';

/** Opens shared windows. Resolves even when Redis is away: then what is put is kept here until it comes. */
export async function openRedisStore(options: RedisStoreOptions): Promise<RedisStore> {
  const store = new SharedStore(options);
  await store.start();
  return store;
}

class SharedStore implements RedisStore {
  readonly #name: string;
  readonly #link: RedisLink;
  readonly #keys: RedisKeys;
  readonly #backlog: Backlog;
  readonly #recent: RecentWrites;
  readonly #writer: RedisWriter;
  readonly #reader: RedisReader;
  readonly #judged: RedisJudged;
  readonly #ledgers: RedisLedgers;
  readonly #facts: RedisFacts;
  readonly latencies: LatencyStore;
  /** Names this process to the others. */
  readonly #self = randomUUID();
  #closing: Promise<void> | undefined;

  constructor({ access, prefix, clock, spill, onHealth, onError }: RedisStoreOptions) {
    this.#name = showAddress(access.address);
    this.#link = new RedisLink(access, clock, () => this.#writer.failed(new RedisFailure('CLOSED')));
    this.#keys = new RedisKeys(prefix ?? DEFAULT_PREFIX);
    this.#backlog = new Backlog({ ...spill, clock, onError: onError ?? ((): void => {}) });
    this.#recent = new RecentWrites(clock);
    this.#reader = new RedisReader(this.#link, this.#keys);
    this.#judged = new RedisJudged(this.#link, this.#keys, this.#reader);
    this.#ledgers = new RedisLedgers(this.#link, this.#keys);
    this.#facts = new RedisFacts(this.#link, this.#keys);
    const latencies = redisLatencies(this.#link, this.#keys);
    this.latencies = {
      put: (days) => this.#ask(() => latencies.put(days)),
      read: (range) => this.#ask(() => latencies.read(range)),
    };
    this.#writer = new RedisWriter({
      link: this.#link,
      keys: this.#keys,
      clock,
      backlog: this.#backlog,
      recent: this.#recent,
      rewrite: () => this.#rewrite(),
      onHealth: onHealth ?? ((): void => {}),
    });
  }

  get health(): RedisHealth {
    return this.#writer.health;
  }

  start(): Promise<void> {
    return this.#writer.start();
  }

  async put(observations: readonly Observation[]): Promise<void> {
    this.#assertOpen();
    assertStorable(observations);
    this.#writer.observe(observations);
  }

  async read(ranges: readonly SlotRange[]): Promise<readonly SlotBits[]> {
    const pages = await this.#ask(() => this.#reader.read(ranges, true));
    return ranges.map((range, i) => bitsFrom(range, pages[i] ?? []));
  }

  async marks(range: SlotRange): Promise<readonly Mark[]> {
    const [pages] = await this.#ask(() => this.#reader.read([range], false));
    return marksFrom(range, pages ?? []);
  }

  seen(key: CheckKey): Promise<SeenRange | undefined> {
    return this.#ask(() => this.#reader.seen(key));
  }

  takeLate(): Promise<ReadonlyMap<string, number>> {
    return this.#ask(() => this.#judged.takeLate());
  }

  commit(commits: readonly JudgeCommit[]): Promise<readonly CommitResult[]> {
    return this.#ask(() => this.#judged.commit(commits));
  }

  judged(checks: readonly string[]): Promise<readonly (JudgedCheck | undefined)[]> {
    return this.#ask(() => this.#judged.judged(checks));
  }

  getFact(name: string): Promise<string | undefined> {
    return this.#ask(() => this.#facts.get(name));
  }

  setFact(name: string, value: string): Promise<void> {
    return this.#ask(() => this.#facts.set(name, value));
  }

  prune(nowMs: number, retention: Retention): Promise<number> {
    return this.#ask(async () => {
      const series = [...(await this.#series()), ...(await this.#judgedAlone())];
      this.#judged.prune(nowMs - retention.transitionsMs);
      const checks = series.map(({ check }) => check);
      const beforeMs = nowMs - retention.transitionsMs;
      return (
        (await pruneSeries(this.#link, this.#keys, this.#reader, series, nowMs, retention)) +
        (await pruneLatencies(this.#link, this.#keys, checks, beforeMs))
      );
    });
  }

  async flush(): Promise<void> {
    this.#assertOpen();
    await this.#writer.flush();
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  series(): Promise<readonly CheckKey[]> {
    return this.#ask(() => this.#series());
  }

  async append(ledger: LedgerName, entries: readonly NewLedgerEntry[]): Promise<readonly boolean[]> {
    const written = await this.#ask(() => this.#ledgers.append(ledger, entries));
    this.#recent.addEntries(ledger, entries);
    return written;
  }

  entries(ledger: LedgerName, afterSequence: number): Promise<readonly LedgerEntry[]> {
    return this.#ask(() => this.#ledgers.entries(ledger, afterSequence));
  }

  async heartbeat(vantage: string, member: string, nowMs: number): Promise<void> {
    await this.#ask(() => writePresence(this.#link, this.#keys, { vantage, member, atMs: nowMs }));
  }

  vantages(): Promise<readonly Presence[]> {
    return this.#ask(() => readPresence(this.#link, this.#keys));
  }

  async leave(vantage: string, member: string): Promise<void> {
    await this.#ask(() => removePresence(this.#link, this.#keys, { vantage, member }));
  }

  async reserve(identity: string): Promise<number> {
    this.#assertOpen();
    if (!this.health.isUp) return 0;
    try {
      return await reserve(this.#link, this.#keys, identity, this.#self);
    } catch (error) {
      if (this.#judgeFailure(error).trouble === 'away') return 0;
      throw error;
    }
  }

  lock(name: string, holder: string, forMs: number): Promise<Held> {
    return this.#ask(() => takeLock(this.#link, this.#keys.lock(name), holder, forMs));
  }

  unlock(name: string, holder: string): Promise<void> {
    return this.#ask(() => freeLock(this.#link, this.#keys.lock(name), holder));
  }

  next(name: string, above: number): Promise<number> {
    return this.#ask(() => this.#facts.next(name, above));
  }

  heads(checks: readonly string[]): Promise<readonly (JudgedHead | undefined)[]> {
    return this.#ask(() => this.#judged.heads(checks));
  }

  mayLabel(intervalMs: number): boolean {
    return this.#writer.mayLabel(intervalMs);
  }

  async #close(): Promise<void> {
    await this.#writer.stop();
    this.#backlog.close();
    this.#link.close();
  }

  async #series(): Promise<readonly CheckKey[]> {
    const key = this.#keys.series;
    return asTexts(await this.#link.ask({ key, add: (to) => to.smembers(key) })).map(parseSeriesName);
  }

  /** Checks that are judged and were never put: under an interval that nothing has. */
  async #judgedAlone(): Promise<readonly CheckKey[]> {
    const put = new Set((await this.#series()).map(({ check }) => check));
    return new Set(await this.#judged.checks())
      .difference(put)
      .values()
      .map((check) => ({ check, intervalMs: 1 }))
      .toArray();
  }

  /** Tells a Redis that may have forgotten it what is not written by slots. */
  async #rewrite(): Promise<void> {
    await this.#facts.rewrite();
    await this.#judged.rewrite();
    await this.#ledgers.rewrite();
    for (const [ledger, entry] of this.#recent.entries()) await this.#ledgers.append(ledger, [entry]);
  }

  /** Does what needs Redis, after everything that was put. */
  async #ask<Result>(work: () => Promise<Result>): Promise<Result> {
    this.#assertOpen();
    try {
      await this.#writer.settled();
      return await work();
    } catch (error) {
      throw this.#judgeFailure(error);
    }
  }

  #judgeFailure(error: unknown): WindowStoreError {
    if (error instanceof WindowStoreError) return error;
    if (!(error instanceof RedisFailure)) {
      return new WindowStoreError('broken', `the shared windows at ${this.#name} failed: ${String(error)}`, {
        cause: error,
      });
    }
    this.#writer.failed(error);
    const { trouble } = meaningOf(error.code);
    const what = trouble === 'away' ? 'cannot be had' : 'failed';
    return new WindowStoreError(trouble, `the shared windows at ${this.#name} ${what}: ${error.code}`, {
      cause: error,
    });
  }

  #assertOpen(): void {
    if (this.#closing) throw new WindowStoreError('closed', `the shared windows at ${this.#name} are closed`);
  }
}
