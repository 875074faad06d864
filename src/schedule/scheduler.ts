import type { Clock } from '../core/clock.ts';
import { dueWallMs, enter, type Entry } from './entry.ts';
import { IdenticalGuard } from './identical-guard.ts';
import { LoopLag, type LagMeter } from './loop-lag.ts';
import { resultOf } from './run-result.ts';
import { IN_STEP_MS, lastStartMs, run, type RunnerOptions } from './runner.ts';
import type { Due, Excuse, Reserve, ScheduledCheck, ScheduleSink, SkipReason } from './scheduled-check.ts';
import { TimerHeap } from './timer-heap.ts';

/** What a scheduler is made of. */
export interface SchedulerOptions {
  readonly clock: Clock;
  /** Uniform in [0, 1); lent to probes. */
  readonly random: () => number;
  readonly sink: ScheduleSink;
  readonly excuse?: Excuse;
  readonly reserve?: Reserve;
}

/**
 * A check that the guard holds back more and more gives a slot up to be back in step, one in so many at the most: a
 * slot seen late is worth more than one not seen.
 */
const SLOTS_A_STEP = 500;

/** A step of the wall clock is noticed within this time, however long the intervals. */
const LONGEST_WAIT_MS = 60_000;

/**
 * Runs every check in each of its slots, at its phase (phase.ts), by the wall clock: nothing drifts, whatever
 * the timers do. Laws:
 * - a slot is run at most once, also when the wall clock goes back or a check is reloaded;
 * - a slot that goes by without a run is told to the sink as skipped, once; those before the first one due are not;
 * - a run belongs to the slot that it was due in, however late it begins or ends;
 * - at most one run of a (check, vantage) is under way;
 * - no result is told of a run that {@link stop} or {@link update} cut short; where the check goes on in another form,
 *   its slot is told as skipped.
 */
export class Scheduler {
  readonly #timers: TimerHeap;
  readonly #sink: ScheduleSink;
  readonly #excuse: Excuse | undefined;
  readonly #runner: RunnerOptions;
  readonly #lag: LoopLag;
  #entries: ReadonlyMap<string, Entry> = new Map();
  /** Runs whose attempts are being made, and runs whose result is still to be told. */
  #runs = 0;
  #untold = 0;
  #allTold: PromiseWithResolvers<void> | undefined;
  #stopped = false;

  constructor({ clock, random, sink, excuse, reserve }: SchedulerOptions) {
    this.#timers = new TimerHeap(clock);
    this.#sink = sink;
    this.#lag = new LoopLag(this.#timers);
    this.#excuse = excuse;
    this.#runner = {
      clock: this.#timers,
      random,
      guard: new IdenticalGuard(),
      lag: this.#lag,
      ...(reserve && { reserve }),
      onReading: (scheduled, reading) => sink.onReading?.(scheduled, reading),
    };
  }

  /** How late the event loop is; measured while any run is under way. */
  get lag(): LagMeter {
    return this.#lag;
  }

  /**
   * What is to be run from now on. A check with the fingerprint that it had keeps its probe, its timing and its run
   * under way; every other run under way is dropped. Throws when a (check, vantage) is there twice or the vantage is
   * not one of the check's; nothing is changed then. Does nothing after {@link stop}.
   */
  update(next: readonly ScheduledCheck[]): void {
    if (this.#stopped) return;
    const entries = new Map<string, Entry>();
    for (const scheduled of next) {
      const key = `${scheduled.check.id}\0${scheduled.vantage}`;
      if (entries.has(key)) throw new RangeError(`check ${scheduled.check.id} is scheduled twice`);
      const former = this.#entries.get(key);
      const kept = former?.scheduled.fingerprint === scheduled.fingerprint ? former : undefined;
      entries.set(key, kept ?? enter(scheduled, former, this.#timers, (entry) => this.#onDue(entry)));
    }
    for (const [key, former] of this.#entries) {
      if (entries.get(key) !== former) this.#drop(former, entries.has(key));
    }
    for (const [key, entry] of entries) {
      if (this.#entries.get(key) !== entry) this.#aim(entry);
    }
    this.#entries = entries;
  }

  /**
   * Begins nothing more, aborts what is under way and drops it. Resolves when all runs have settled, which takes
   * 250 ms at the most; then no timer is left. May be called again.
   */
  async stop(): Promise<void> {
    this.#stopped = true;
    for (const entry of this.#entries.values()) this.#drop(entry, false);
    this.#entries = new Map();
    if (this.#untold === 0) return;
    this.#allTold ??= Promise.withResolvers();
    await this.#allTold.promise;
  }

  #drop({ scheduled, alarm, cancel, untold }: Entry, replaced: boolean): void {
    alarm.cancel();
    cancel.abort();
    if (!replaced) return;
    for (const slot of untold.slots()) this.#skip(scheduled, slot, slot + 1, 'changed');
  }

  /** Sets the timer for the first slot that is due from now on. */
  #aim(entry: Entry): void {
    const { intervalMs } = entry.scheduled.check;
    const wallMs = this.#timers.wallMs();
    entry.slot = Math.ceil((wallMs - entry.phaseMs) / intervalMs);
    if (entry.inStepSinceSlot === 0) entry.inStepSinceSlot = entry.slot;
    this.#arm(entry, wallMs);
  }

  #arm(entry: Entry, wallMs: number): void {
    const dueInMs = dueWallMs(entry, entry.slot) - wallMs;
    const waitMs = Math.max(dueInMs, this.#allowedInMs(entry, dueInMs));
    entry.alarm.set(Math.min(waitMs, LONGEST_WAIT_MS));
  }

  /**
   * When the guard will let the next run begin, as far as is known. With an interval of one second a run that began
   * late by a little holds back every one after it, for ever, and the littles add up. Past {@link IN_STEP_MS} a slot is
   * therefore given up, by aiming at its due instant: the run finds that it would have to wait too long.
   */
  #allowedInMs(entry: Entry, dueInMs: number): number {
    const { probe } = entry.scheduled;
    const allowedInMs = this.#runner.guard.freeAtMs(probe.identity) - this.#timers.monotonicMs();
    const inStep = allowedInMs - dueInMs <= IN_STEP_MS;
    if (inStep || entry.slot - entry.inStepSinceSlot < SLOTS_A_STEP) return allowedInMs;
    entry.inStepSinceSlot = entry.slot;
    return dueInMs;
  }

  #onDue(entry: Entry): void {
    const wallMs = this.#timers.wallMs();
    if (wallMs < dueWallMs(entry, entry.slot)) {
      this.#aim(entry);
      return;
    }
    const { scheduled, memory } = entry;
    const { check } = scheduled;
    const current = Math.floor((wallMs - entry.phaseMs) / check.intervalMs);
    const nowMs = this.#timers.monotonicMs();
    const dueMs = nowMs - (wallMs - dueWallMs(entry, current));
    const tooLate = nowMs > lastStartMs(check, dueMs);
    this.#skip(scheduled, memory.firstFree(entry.slot), tooLate ? current + 1 : current, 'missed');
    entry.slot = current + 1;
    if (!tooLate && memory.firstFree(current) === current) {
      if (entry.running) this.#skip(scheduled, current, current + 1, 'overlap');
      else this.#begin(entry, { slot: current, dueMs });
    }
    // Only now, when the guard knows of the run just begun.
    this.#arm(entry, wallMs);
  }

  #begin(entry: Entry, due: Due): void {
    entry.running = true;
    if (this.#runs++ === 0) this.#lag.start();
    entry.untold.put(due.slot);
    entry.memory.add(due.slot);
    this.#untold++;
    void this.#run(entry, due);
  }

  async #run(entry: Entry, due: Due): Promise<void> {
    const { scheduled, untold, cancel } = entry;
    const attempts = await run(this.#runner, scheduled, due, cancel);
    entry.running = false;
    if (--this.#runs === 0) this.#lag.stop();
    const result = attempts && (await resultOf(scheduled, due, attempts, this.#excuse, cancel));
    if (--this.#untold === 0) this.#allTold?.resolve();
    if (!result) return;
    untold.take(due.slot);
    if (!cancel.aborted) this.#sink.onResult(result);
  }

  #skip({ check, vantage }: ScheduledCheck, fromSlot: number, toSlot: number, reason: SkipReason): void {
    if (fromSlot >= toSlot) return;
    const key = { check: check.id, intervalMs: check.intervalMs, vantage };
    this.#sink.onSkipped({ ...key, fromSlot, toSlot, reason });
  }
}
