import type { Cause } from '../core/cause.ts';
import type { CheckKey, Observation, Outcome } from '../core/observation.ts';
import type { SlotBits } from '../core/slots.ts';
import { NotesOfSlots, withEvidence } from './evidence-notes.ts';
import { Judgements } from './judgements.ts';
import { assertStorable } from './observed.ts';
import { SeriesIndex } from './series-index.ts';
import { DayPage, Series, splitByPage } from './series.ts';
import { WindowStoreError } from './store-error.ts';
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

/** A store that takes long spans at once; what is recorded is replayed from it. */
export interface SpanStore extends WindowStore {
  /**
   * As a `put` of the same outcome for every slot in [fromSlot, toSlot), at a cost that does not grow with the slots
   * but with the days. Obeys the laws of `put`.
   */
  putSpan(
    key: CheckKey,
    vantage: string,
    fromSlot: number,
    toSlot: number,
    outcome: Outcome,
    cause?: Cause,
  ): void;
}

/** A window store that keeps everything in memory and nothing after its end. A year of quiet costs a few bytes a day. */
export function memoryStore(): SpanStore {
  return new MemoryStore();
}

class MemoryStore implements SpanStore {
  readonly #index = new SeriesIndex();
  readonly #judgements = new Judgements();
  readonly #notes = new Map<Series, NotesOfSlots>();
  readonly #facts = new Map<string, string>();
  #closed = false;

  async put(observations: readonly Observation[]): Promise<void> {
    this.#assertOpen();
    assertStorable(observations);
    for (const { vantage, slot, outcome, cause, evidence, ...key } of observations) {
      const series = this.#fill(key, vantage, slot, slot + 1, outcome, cause);
      if (outcome === 'good' || cause === undefined || evidence === undefined) continue;
      const notes = this.#notes.get(series) ?? new NotesOfSlots();
      this.#notes.set(series, notes);
      notes.add({ vantage, slot, outcome, cause, evidence });
    }
  }

  putSpan(
    key: CheckKey,
    vantage: string,
    fromSlot: number,
    toSlot: number,
    outcome: Outcome,
    cause?: Cause,
  ): void {
    this.#assertOpen();
    if (fromSlot < toSlot) this.#fill(key, vantage, fromSlot, toSlot, outcome, cause);
  }

  async read(ranges: readonly SlotRange[]): Promise<readonly SlotBits[]> {
    this.#assertOpen();
    return ranges.map((range) =>
      (this.#index.find(range) ?? new Series(0, range)).bits(range.fromSlot, range.toSlot),
    );
  }

  async marks(range: SlotRange): Promise<readonly Mark[]> {
    this.#assertOpen();
    const series = this.#index.find(range);
    if (!series) return [];
    const notes = this.#notes.get(series)?.within(range.fromSlot, range.toSlot) ?? [];
    return withEvidence(series.marks(range.fromSlot, range.toSlot), notes);
  }

  async seen(key: CheckKey): Promise<SeenRange | undefined> {
    this.#assertOpen();
    return this.#index.find(key)?.seen;
  }

  takeChanged(): ReadonlyMap<CheckKey, number> {
    return this.#index.takeChanged();
  }

  async takeLate(): Promise<ReadonlyMap<string, number>> {
    this.#assertOpen();
    return this.#judgements.takeLate();
  }

  async commit(commits: readonly JudgeCommit[]): Promise<readonly CommitResult[]> {
    this.#assertOpen();
    return commits.map((commit) => {
      const result = this.#judgements.apply(commit);
      const changedMs = this.#index.changedMs(commit.check);
      if (result === 'committed' && changedMs !== undefined)
        this.#judgements.changed(commit.check, changedMs);
      return result;
    });
  }

  async judged(checks: readonly string[]): Promise<readonly (JudgedCheck | undefined)[]> {
    this.#assertOpen();
    return checks.map((check) => this.#judgements.judged(check));
  }

  async getFact(name: string): Promise<string | undefined> {
    this.#assertOpen();
    return this.#facts.get(name);
  }

  async setFact(name: string, value: string): Promise<void> {
    this.#assertOpen();
    this.#facts.set(name, value);
  }

  async prune(nowMs: number, retention: Retention): Promise<number> {
    this.#assertOpen();
    this.#judgements.raiseLate(nowMs - retention.slotsMs);
    let dropped = this.#judgements.prune(nowMs - retention.transitionsMs);
    for (const series of this.#index.all()) {
      const firstKept = series.pageAt(nowMs - retention.slotsMs);
      for (const page of series.dropPagesBefore(firstKept)) dropped += page.vantages.size;
      this.#notes.get(series)?.dropBefore(firstKept * series.shape.slots);
    }
    return dropped;
  }

  async flush(): Promise<void> {
    this.#assertOpen();
  }

  async close(): Promise<void> {
    this.#closed = true;
  }

  #fill(
    key: CheckKey,
    vantage: string,
    fromSlot: number,
    toSlot: number,
    outcome: Outcome,
    cause?: Cause,
  ): Series {
    const series = this.#index.find(key) ?? this.#index.add(new Series(this.#index.size + 1, key));
    series.extend(fromSlot, toSlot);
    splitByPage(series, fromSlot, toSlot, (number, from, to) => {
      const page = series.pages.get(number) ?? new DayPage();
      series.pages.set(number, page);
      const changed = page.of(vantage, series.shape).fill(from, to, outcome, cause);
      if (changed === undefined) return;
      this.#judgements.changed(key.check, this.#index.changed(series, number * series.shape.slots + changed));
    });
    return series;
  }

  #assertOpen(): void {
    if (this.#closed) throw new WindowStoreError('closed', 'the window store in memory is closed');
  }
}
