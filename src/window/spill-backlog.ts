import type { Clock } from '../core/clock.ts';
import { SlotRuns, type SlotRun, slotsOf } from './slot-run.ts';
import { Spill, type SpilledBatch, type SpillLimits } from './spill.ts';
import { WindowStoreError } from './store-error.ts';

/** Runs that wait in memory for a disk that takes none, before good ones are dropped. */
const LARGEST_UNWRITTEN = 200_000;
const TAKEN_SLOTS = 50_000;

/** Where slots wait that cannot be written to the shared windows. */
export interface BacklogOptions {
  /** The spill file; without one, slots wait in memory alone. */
  readonly path?: string;
  readonly limits?: SpillLimits;
  readonly clock: Clock;
  /** Told of trouble with the file, once until it is over. What is not in it waits in memory. */
  readonly onError: (error: WindowStoreError) => void;
}

/**
 * Slots that wait: in the spill file, which is opened when it is first needed or was left behind, and in memory while
 * the disk takes none. Never throws.
 */
export class Backlog {
  readonly #options: BacklogOptions;
  readonly #unwritten = new SlotRuns();
  /** Given out from memory, and not yet known to be merged. */
  #givenOut: readonly SlotRun[] = [];
  #spill: Spill | undefined;
  #dropped = 0;
  #isReported = false;

  constructor(options: BacklogOptions) {
    this.#options = options;
  }

  /** Slots that wait. */
  get slots(): number {
    return (this.#spill?.slots ?? 0) + this.#unwritten.slots + slotsOf(this.#givenOut);
  }

  /** Slots that were lost for want of room. */
  get dropped(): number {
    return this.#dropped + (this.#spill?.dropped ?? 0);
  }

  /** Opens what an earlier process may have left behind. */
  recover(): void {
    this.#try((spill) => spill.slots);
  }

  /** Keeps runs, and whatever the disk did not take before. */
  add(runs: readonly SlotRun[]): void {
    this.#unwritten.addAll(runs);
    this.#write();
  }

  /** Some of what waits: file first. Empty when nothing does. To be answered by `merged` or `notMerged`. */
  next(): { readonly runs: readonly SlotRun[]; readonly batches: readonly SpilledBatch[] } {
    this.#write();
    const batches = this.#try((spill) => (spill.slots > 0 ? spill.next(TAKEN_SLOTS) : [])) ?? [];
    if (batches.length > 0) return { runs: batches.flatMap(({ runs }) => runs), batches };
    this.#givenOut = this.#unwritten.take();
    return { runs: this.#givenOut, batches: [] };
  }

  /** What {@link Backlog.next} gave was acknowledged. */
  merged(batches: readonly SpilledBatch[]): void {
    this.#givenOut = [];
    if (batches.length > 0) this.#try((spill) => spill.merged(batches, this.#options.clock.wallMs()));
  }

  /** It was not. */
  notMerged(): void {
    this.add(this.#givenOut);
    this.#givenOut = [];
  }

  /** What acknowledged it may have lost it. */
  unmerge(): void {
    if (this.#spill) this.#try((spill) => spill.unmerge());
  }

  /** Forgets what was merged longer ago than this. */
  forgetMerged(agoMs: number): void {
    if (this.#spill) this.#try((spill) => spill.forgetMerged(this.#options.clock.wallMs() - agoMs));
  }

  close(): void {
    this.#write();
    this.#spill?.close();
    this.#spill = undefined;
  }

  #write(): void {
    if (this.#unwritten.size === 0) return;
    const runs = this.#unwritten.all();
    const nowMs = this.#options.clock.wallMs();
    if (this.#try((spill) => (spill.append(runs, nowMs), true))) this.#unwritten.take();
    else this.#limit();
  }

  #limit(): void {
    if (this.#unwritten.size <= LARGEST_UNWRITTEN) return;
    const before = this.#unwritten.slots;
    const runs = this.#unwritten.take();
    const marked = runs.filter(({ outcome }) => outcome !== 'good');
    const good = runs.filter(({ outcome }) => outcome === 'good').sort((a, b) => startMs(a) - startMs(b));
    // Half of the good ones at a time, so that this is not done at every slot.
    const kept = [...good.slice(Math.ceil(good.length / 2)), ...marked];
    this.#unwritten.addAll(kept.slice(Math.max(0, kept.length - LARGEST_UNWRITTEN)));
    this.#dropped += before - this.#unwritten.slots;
  }

  /** What the work returns; undefined when there is no file or it cannot be used. */
  #try<Result>(work: (spill: Spill) => Result): Result | undefined {
    const { path, limits, onError } = this.#options;
    if (path === undefined) return undefined;
    try {
      this.#spill ??= new Spill(path, limits);
      const result = work(this.#spill);
      this.#isReported = false;
      return result;
    } catch (error) {
      if (!(error instanceof WindowStoreError)) throw error;
      if (!this.#isReported) onError(error);
      this.#isReported = true;
      return undefined;
    }
  }
}

function startMs({ fromSlot, intervalMs }: SlotRun): number {
  return fromSlot * intervalMs;
}
