import type { Logger } from 'pino';
import type { CancelTimer, Clock } from '../core/clock.ts';
import type { RunResult } from '../schedule/scheduled-check.ts';
import { DamagedBytes } from '../window/bytes.ts';
import { dayAt, type LatencyDay, type LatencyStore } from '../window/latency-store.ts';
import { KeptLatencies } from './kept-latencies.ts';

const EVERY_MS = 60_000;
/** So many are written at a time, so that neither probes nor slots wait. */
const KEPT_A_SLICE = 20;

/** What latencies are kept with. */
export interface LatencyKeepingOptions {
  readonly clock: Clock;
  readonly log: Pick<Logger, 'info' | 'warn'>;
  readonly store: LatencyStore;
  readonly breathe: () => Promise<void>;
}

/**
 * Writes the latencies that this process measures, an hour of a check and a vantage at a time, once a minute: a process
 * that is killed loses those of its last minute. With the store away they wait in memory, a week of them at the most, and
 * the process says so. Nobody waits for it.
 */
export class LatencyKeeping {
  readonly #options: LatencyKeepingOptions;
  /** By vantage, then check: vantages are few, and looking for one of them costs next to nothing. */
  readonly #kept = new Map<string, Map<string, KeptLatencies>>();
  #cancel: CancelTimer = () => undefined;
  #underWay: Promise<void> = Promise.resolve();
  #stopped = false;
  #trouble: string | undefined;
  #dropped = 0;

  constructor(options: LatencyKeepingOptions) {
    this.#options = options;
  }

  /** Why latencies wait in memory, for people; undefined when they do not. */
  get trouble(): string | undefined {
    return this.#trouble;
  }

  start(): void {
    this.#cancel = this.#options.clock.after(EVERY_MS, () => {
      this.#underWay = this.#turn();
    });
  }

  /** Takes a run in, if it has a latency. */
  note({
    check,
    vantage,
    slot,
    latencyMs,
  }: Pick<RunResult, 'check' | 'vantage' | 'slot' | 'latencyMs'>): void {
    if (latencyMs === undefined) return;
    let checks = this.#kept.get(vantage);
    if (!checks) this.#kept.set(vantage, (checks = new Map<string, KeptLatencies>()));
    let kept = checks.get(check.id);
    if (!kept) checks.set(check.id, (kept = new KeptLatencies(check.id, vantage)));
    this.#dropped += kept.note(slot * check.intervalMs, latencyMs);
  }

  /** Writes what is new. Never rejects: what could not be written waits. */
  async flush(): Promise<void> {
    const today = dayAt(this.#options.clock.wallMs());
    const all = this.#forgetIdle();
    try {
      for (let at = 0; at < all.length; at += KEPT_A_SLICE) {
        await this.#write(all.slice(at, at + KEPT_A_SLICE), today);
        await this.#options.breathe();
      }
      this.#worked();
    } catch (error) {
      this.#failed(error);
    }
  }

  /** Writes what is new and ends; what cannot be written now is lost. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#cancel();
    await this.#underWay;
    await this.flush();
  }

  async #turn(): Promise<void> {
    await this.flush();
    if (!this.#stopped) this.start();
  }

  /** Another process may go on with what this one measures no more: it is taken up anew when it comes back. */
  #forgetIdle(): readonly KeptLatencies[] {
    for (const checks of this.#kept.values())
      for (const [check, kept] of checks) if (!kept.isNew) checks.delete(check);
    return [...this.#kept.values()].flatMap((checks) => [...checks.values()]);
  }

  async #write(some: readonly KeptLatencies[], today: number): Promise<void> {
    await this.#takeIn(some);
    const taken = some.map((kept) => ({ kept, days: kept.take(today) }));
    try {
      await this.#options.store.put(taken.flatMap(({ days }) => days));
    } catch (error) {
      for (const { kept, days } of taken) kept.putBack(days);
      throw error;
    }
    for (const { kept, days } of taken) kept.written(days, today);
  }

  /** What is stored of the days that go on: by this process before it was started anew, or by another. */
  async #takeIn(some: readonly KeptLatencies[]): Promise<void> {
    const unknown = some.map((kept) => ({ kept, wanted: kept.unknownDays }));
    const days = unknown.flatMap(({ wanted }) => wanted);
    if (days.length === 0) return;
    const checks = [...new Set(some.map(({ check }) => check))];
    const range = { checks, fromDay: Math.min(...days), toDay: Math.max(...days) + 1 };
    const stored = await this.#options.store.read(range);
    // A day that began meanwhile was not asked for: it waits for the next time.
    for (const { kept, wanted } of unknown) {
      const own = stored.filter(({ check, vantage }) => check === kept.check && vantage === kept.vantage);
      for (const day of wanted)
        this.#takeInDay(
          kept,
          day,
          own.find((one) => one.day === day),
        );
    }
  }

  #takeInDay(kept: KeptLatencies, day: number, stored: LatencyDay | undefined): void {
    try {
      kept.takeIn(day, stored?.body);
    } catch (error) {
      if (!(error instanceof DamagedBytes)) throw error;
      const { check, vantage } = kept;
      this.#options.log.warn(
        { err: error, check, vantage, day },
        'stored latencies cannot be read: they are left as they are, and nothing is added on this day',
      );
    }
  }

  #worked(): void {
    if (this.#trouble === undefined) return;
    this.#trouble = undefined;
    this.#options.log.info({ droppedHours: this.#dropped }, 'latencies are stored again');
    this.#dropped = 0;
  }

  #failed(error: unknown): void {
    if (this.#trouble === undefined)
      this.#options.log.warn(
        { err: error },
        'latencies cannot be stored: they wait in memory, a week of them at the most',
      );
    this.#trouble = `latencies wait in memory: ${error instanceof Error ? error.message : String(error)}`;
  }
}
