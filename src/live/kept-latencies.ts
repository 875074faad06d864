import { decodeLatencyDay, encodeLatencyDay } from '../window/latency-day.ts';
import { LatencySketch } from '../window/latency-sketch.ts';
import type { LatencyDay } from '../window/latency-store.ts';

const HOUR_MS = 3_600_000;
const HOURS_A_DAY = 24;
/** A week, and the day that goes on. */
const MOST_HOURS = 8 * HOURS_A_DAY;

/**
 * The latencies of one check from one vantage that are on their way to the store: the hour that goes on as a sketch, the
 * others of their days encoded. Hours and days are counted since the epoch.
 */
export class KeptLatencies {
  readonly check: string;
  readonly vantage: string;
  readonly #sketch = new LatencySketch();
  #hour = NaN;
  readonly #ended = new Map<number, Uint8Array>();
  /** Days with something that is not stored. */
  readonly #newDays = new Set<number>();
  /** Days whose stored record was taken in, or cannot be and is left alone. */
  readonly #known = new Map<number, 'taken-in' | 'unreadable'>();

  constructor(check: string, vantage: string) {
    this.check = check;
    this.vantage = vantage;
  }

  /** Whether anything is not stored. */
  get isNew(): boolean {
    return this.#newDays.size > 0;
  }

  /** Days to be written whose stored record was not taken in yet. */
  get unknownDays(): readonly number[] {
    return [...this.#newDays].filter((day) => !this.#known.has(day));
  }

  /** Takes in the latency of a run that was due at an instant (ms). Returns how many hours had to go: they waited too long. */
  note(atMs: number, latencyMs: number): number {
    const hour = Math.floor(atMs / HOUR_MS);
    const dropped = hour === this.#hour ? 0 : this.#turn(hour);
    this.#sketch.add(latencyMs);
    this.#newDays.add(dayOf(hour));
    return dropped;
  }

  /**
   * Takes in the stored record of a day, or that there is none. @throws {DamagedBytes} when it cannot be read: then the day
   * is not written.
   */
  takeIn(day: number, body: Uint8Array | undefined): void {
    this.#known.set(day, 'unreadable');
    const stored = body ? decodeLatencyDay(body) : new Map<number, Uint8Array>();
    const both = Array.from(stored, ([hourOfDay, encoded]) =>
      this.#with(day * HOURS_A_DAY + hourOfDay, encoded),
    );
    for (const [hour, sketch] of both) {
      if (hour === this.#hour) this.#sketch.absorb(sketch.encoded());
      else this.#ended.set(hour, sketch.encoded());
    }
    this.#known.set(day, 'taken-in');
  }

  /** The days to be written, whole. They are taken as stored until {@link KeptLatencies.putBack} says otherwise. */
  take(today: number): readonly LatencyDay[] {
    const days = [...this.#newDays].filter((day) => this.#known.has(day));
    for (const day of days) this.#newDays.delete(day);
    const writable = days.filter((day) => this.#known.get(day) === 'taken-in');
    return writable.map((day) => ({
      ...{ check: this.check, vantage: this.vantage, day },
      body: encodeLatencyDay(this.#hoursOf(day), day < today),
    }));
  }

  /** What was taken could not be stored. */
  putBack(days: readonly LatencyDay[]): void {
    for (const { day } of days) this.#newDays.add(day);
  }

  /** What was taken is stored: days that are over are forgotten. */
  written(days: readonly LatencyDay[], today: number): void {
    for (const { day } of days) if (day < today && !this.#newDays.has(day)) this.#forget(day);
  }

  /** Goes on with another hour, be it an earlier one. */
  #turn(hour: number): number {
    this.#end();
    this.#hour = hour;
    const begun = this.#ended.get(hour);
    if (begun) this.#sketch.absorb(begun);
    this.#ended.delete(hour);
    return this.#trim();
  }

  #end(): void {
    if (this.#sketch.count > 0) {
      this.#ended.set(this.#hour, this.#sketch.encoded());
      // Written once more: a day that is over is deflated.
      this.#newDays.add(dayOf(this.#hour));
    }
    this.#sketch.clear();
    this.#hour = NaN;
  }

  #trim(): number {
    const oldest = [...this.#ended.keys()].sort((a, b) => a - b).slice(0, -MOST_HOURS);
    for (const hour of oldest) {
      this.#ended.delete(hour);
      if (this.#hoursOf(dayOf(hour)).size === 0) this.#forget(dayOf(hour));
    }
    return oldest.length;
  }

  #forget(day: number): void {
    if (dayOf(this.#hour) === day) this.#end();
    for (const hour of this.#ended.keys()) if (dayOf(hour) === day) this.#ended.delete(hour);
    this.#known.delete(day);
    this.#newDays.delete(day);
  }

  #with(hour: number, stored: Uint8Array): readonly [hour: number, sketch: LatencySketch] {
    const sketch = new LatencySketch();
    sketch.absorb(stored);
    const own = this.#ended.get(hour);
    if (own) sketch.absorb(own);
    return [hour, sketch];
  }

  #hoursOf(day: number): ReadonlyMap<number, Uint8Array> {
    const hours = new Map<number, Uint8Array>();
    for (const [hour, encoded] of this.#ended)
      if (dayOf(hour) === day) hours.set(hour - day * HOURS_A_DAY, encoded);
    if (dayOf(this.#hour) === day && this.#sketch.count > 0)
      hours.set(this.#hour - day * HOURS_A_DAY, this.#sketch.encoded());
    return hours;
  }
}

function dayOf(hour: number): number {
  return Math.floor(hour / HOURS_A_DAY);
}
