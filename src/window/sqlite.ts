import type { Clock } from '../core/clock.ts';
import type { CheckKey, Observation } from '../core/observation.ts';
import type { SlotBits } from '../core/slots.ts';
import { withEvidence } from './evidence-notes.ts';
import { Judgements } from './judgements.ts';
import { assertStorable } from './observed.ts';
import type { LatencyStore } from './latency-store.ts';
import { Outbox } from './outbox.ts';
import { PageCache } from './page-cache.ts';
import { SeriesIndex } from './series-index.ts';
import { Series } from './series.ts';
import type { OpenedFile, ReplyTo, RequestOf } from './sqlite-messages.ts';
import { StoreThread } from './sqlite-thread.ts';
import { WindowStoreError } from './store-error.ts';
import { StoreHealth } from './store-health.ts';
import { storeError } from './sqlite-file.ts';
import type {
  CommitResult,
  JudgeCommit,
  JudgedCheck,
  Mark,
  Retention,
  SeenRange,
  SlotRange,
  WindowStore,
} from './store.ts';
import { WriteBehind } from './write-behind.ts';

/** Characters of journal that may wait for a disk that takes no writes, before `put` is refused. */
const LARGEST_BACKLOG = 64_000_000;

/** Checks whose transitions are asked for at a time. */
const CHECKS_A_FETCH = 200;

/** What an embedded store is opened with. */
export interface SqliteStoreOptions {
  /** The file; its folder is made when it is not there. `-wal` beside it belongs to it. */
  readonly path: string;
  /** Times the writing. */
  readonly clock: Clock;
  /**
   * Told of trouble that no caller waits for. `unwritable`: what is not written is kept in memory and tried again
   * four times a second. Any other: the store is broken, and every later call rejects.
   */
  readonly onError?: (error: WindowStoreError) => void;
}

/**
 * Opens the embedded window store: one file, one process. Reads of recent days come from memory; a thread of its own
 * does all that touches the disk. What `put` was given is in the file 250 ms later and survives the process being
 * killed. A loss of power leaves the file whole but may take what came after the last checkpoint, at most two
 * minutes. A commit is stored with the observations before it; one that only moved a cursor up to 5 s later.
 *
 * @throws {WindowStoreError} naming the path: `locked` by another process, `corrupt`, `foreign`, `newer` or
 * `unwritable`. A file that cannot be read is never replaced.
 */
export async function openSqliteStore(options: SqliteStoreOptions): Promise<SqliteStore> {
  const thread = new StoreThread();
  try {
    const { opened } = await thread.ask({ op: 'open', path: options.path });
    return new EmbeddedStore(options, thread, opened);
  } catch (error) {
    await thread.end();
    throw error;
  }
}

/** The embedded windows, and in the same file the latencies beside them. */
export interface SqliteStore extends WindowStore {
  readonly latencies: LatencyStore;
}

class EmbeddedStore implements SqliteStore {
  readonly #path: string;
  readonly #thread: StoreThread;
  readonly #health: StoreHealth;
  readonly #index = new SeriesIndex();
  readonly #judgements = new Judgements();
  readonly #facts: Map<string, string>;
  readonly #outbox: Outbox;
  readonly #cache: PageCache;
  readonly #writer: WriteBehind;
  readonly latencies: LatencyStore = {
    put: async (days) => void (await this.#askAside({ op: 'put-latencies', days })),
    read: async (range) => (await this.#askAside({ op: 'read-latencies', range })).days,
  };
  #closing: Promise<void> | undefined;

  constructor({ path, clock, onError }: SqliteStoreOptions, thread: StoreThread, opened: OpenedFile) {
    this.#path = path;
    this.#thread = thread;
    this.#health = new StoreHealth(path, onError ?? ((): void => {}));
    for (const stored of opened.series) {
      const series = this.#index.add(new Series(stored.id, stored));
      series.extend(stored.firstSlot, stored.lastSlot + 1);
    }
    this.#judgements.restore(opened.heads, opened.late);
    this.#facts = new Map(opened.facts);
    this.#outbox = new Outbox(this.#judgements, this.#facts);
    this.#cache = new PageCache(this.#index, {
      load: async ({ id }, fromPage, toPage) =>
        (await thread.ask({ op: 'load', series: id, fromPage, toPage })).pages,
      changed: (series, slot) => this.#changed(series, slot),
      failed: (error) => this.#health.end(error),
    });
    this.#writer = new WriteBehind({
      thread,
      outbox: this.#outbox,
      cache: this.#cache,
      clock,
      health: this.#health,
    });
  }

  async put(observations: readonly Observation[]): Promise<void> {
    this.#assertUsable();
    if (this.#outbox.characters > LARGEST_BACKLOG) {
      const message = `window store ${this.#path} takes no writes; too much waits for it`;
      throw new WindowStoreError('unwritable', message);
    }
    assertStorable(observations);
    for (const observation of observations) this.#put(observation);
    this.#writer.nudge();
  }

  async read(ranges: readonly SlotRange[]): Promise<readonly SlotBits[]> {
    this.#assertUsable();
    const found = ranges.map((range) => this.#index.find(range) ?? new Series(0, range));
    const loads = ranges.flatMap(({ fromSlot, toSlot }, i) => {
      const series = found[i];
      return (series && this.#cache.whole(series, fromSlot, toSlot)) ?? [];
    });
    if (loads.length > 0) {
      await Promise.all(loads);
      this.#health.assertWhole();
    }
    return ranges.map((range, i) => (found[i] ?? new Series(0, range)).bits(range.fromSlot, range.toSlot));
  }

  async marks(range: SlotRange): Promise<readonly Mark[]> {
    this.#assertUsable();
    const series = this.#index.find(range);
    const { fromSlot, toSlot } = range;
    if (!series || fromSlot >= toSlot) return [];
    await this.#cache.whole(series, fromSlot, toSlot);
    this.#health.assertWhole();
    const marks = series.marks(fromSlot, toSlot);
    if (marks.length === 0) return [];
    await this.#health.settle(this.#writer.flush());
    const asked = this.#thread.ask({ op: 'evidence', series: series.id, fromSlot, toSlot });
    return withEvidence(marks, (await this.#health.settle(asked)).notes);
  }

  async seen(key: CheckKey): Promise<SeenRange | undefined> {
    this.#assertUsable();
    return this.#index.find(key)?.seen;
  }

  takeChanged(): ReadonlyMap<CheckKey, number> {
    return this.#index.takeChanged();
  }

  async takeLate(): Promise<ReadonlyMap<string, number>> {
    this.#assertUsable();
    await this.#cache.settled();
    this.#health.assertWhole();
    return this.#judgements.takeLate();
  }

  async commit(commits: readonly JudgeCommit[]): Promise<readonly CommitResult[]> {
    this.#assertUsable();
    const loading = this.#restoreTransitions(commits.map(({ check }) => check));
    if (loading) await loading;
    const results = commits.map((commit) => this.#commit(commit));
    this.#writer.nudge();
    return results;
  }

  async judged(checks: readonly string[]): Promise<readonly (JudgedCheck | undefined)[]> {
    this.#assertUsable();
    await this.#restoreTransitions(checks);
    return checks.map((check) => this.#judgements.judged(check));
  }

  async getFact(name: string): Promise<string | undefined> {
    this.#assertUsable();
    return this.#facts.get(name);
  }

  async setFact(name: string, value: string): Promise<void> {
    this.#assertUsable();
    this.#facts.set(name, value);
    this.#outbox.fact(name);
    await this.#health.settle(this.#writer.flush());
  }

  async prune(nowMs: number, retention: Retention): Promise<number> {
    this.#assertUsable();
    const slotsBeforeMs = nowMs - retention.slotsMs;
    for (const check of this.#judgements.raiseLate(slotsBeforeMs)) this.#outbox.late(check);
    await this.#health.settle(this.#writer.flush());
    const transitionsBeforeMs = nowMs - retention.transitionsMs;
    const pruned = this.#thread.ask({ op: 'prune', slotsBeforeMs, transitionsBeforeMs });
    this.#judgements.prune(transitionsBeforeMs);
    for (const series of this.#index.all()) series.dropPagesBefore(series.pageAt(slotsBeforeMs));
    return (await this.#health.settle(pruned)).dropped;
  }

  async flush(): Promise<void> {
    this.#assertUsable();
    await this.#health.settle(this.#writer.flush());
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    try {
      await this.#writer.stop();
      await this.#writer.flush();
      await this.#thread.ask({ op: 'close' });
    } finally {
      await this.#thread.end();
    }
  }

  /** What fails here is no trouble of the windows. */
  async #askAside<Op extends 'put-latencies' | 'read-latencies'>(
    request: RequestOf<Op>,
  ): Promise<ReplyTo<Op>> {
    this.#assertUsable();
    try {
      return await this.#thread.ask<Op>(request);
    } catch (error) {
      throw storeError(error, this.#path);
    }
  }

  #put(observation: Observation): void {
    const { vantage, slot, outcome, cause } = observation;
    const series = this.#series(observation);
    const number = series.pageOf(slot);
    const page = this.#cache.page(series, number);
    series.extend(slot, slot + 1);
    const at = slot - number * series.shape.slots;
    const changed = page.of(vantage, series.shape).fill(at, at + 1, outcome, cause);
    if (changed === undefined && outcome === 'good' && !page.loading) return;
    if (changed !== undefined && !page.loading) this.#changed(series, slot);
    this.#outbox.observed(series, observation);
    page.changedBatch = this.#writer.nextBatch;
  }

  #series(key: CheckKey): Series {
    const known = this.#index.find(key);
    if (known) return known;
    const made = this.#index.add(new Series(this.#index.size + 1, key));
    this.#outbox.series(made);
    return made;
  }

  #changed(series: Series, slot: number): void {
    this.#late(series.check, this.#index.changed(series, slot));
  }

  #late(check: string, atMs: number | undefined): void {
    if (atMs !== undefined && this.#judgements.changed(check, atMs)) this.#outbox.late(check);
  }

  #commit(commit: JudgeCommit): CommitResult {
    const { check, replaceFromMs, transitions } = commit;
    const replaces = this.#judgements.transitionsFrom(check, replaceFromMs).length > 0;
    const wasLateMs = this.#judgements.lateMs(check);
    const result = this.#judgements.apply(commit);
    if (result === 'committed') {
      if (this.#judgements.lateMs(check) !== wasLateMs) this.#outbox.late(check);
      this.#outbox.judged(check, replaces || transitions.length > 0 ? replaceFromMs : Infinity);
      // The judge does not know of it yet: should it never learn of it, the next one will.
      this.#late(check, this.#index.changedMs(check));
    }
    return result;
  }

  #restoreTransitions(checks: readonly string[]): Promise<void> | undefined {
    const wanted = checks.filter((check) => this.#judgements.lacksTransitions(check));
    if (wanted.length === 0) return undefined;
    // In groups, so that one is read from the file while another is taken in.
    const groups = Map.groupBy(wanted.keys(), (i) => Math.floor(i / CHECKS_A_FETCH));
    const fetches = Array.from(groups.values(), (group) =>
      this.#fetchTransitions(group.map((i) => wanted[i]).filter((check) => check !== undefined)),
    );
    return this.#health.settle(Promise.all(fetches).then(() => undefined));
  }

  async #fetchTransitions(checks: readonly string[]): Promise<void> {
    const { byCheck } = await this.#thread.ask({ op: 'transitions', checks });
    for (const [i, check] of checks.entries()) {
      if (!this.#judgements.lacksTransitions(check)) continue;
      this.#judgements.restoreTransitions(check, byCheck[i] ?? []);
    }
  }

  #assertUsable(): void {
    if (this.#closing) throw new WindowStoreError('closed', `window store ${this.#path} is closed`);
    this.#health.assertWhole();
  }
}
