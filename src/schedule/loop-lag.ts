import type { CancelTimer, Clock } from '../core/clock.ts';
import type { LagMeter } from '../core/lag-meter.ts';

export type { LagMeter } from '../core/lag-meter.ts';

interface LateBeat {
  readonly dueMs: number;
  readonly firedMs: number;
}

const BEAT_MS = 10;

/** Nothing is sampled for longer than the longest interval. */
const HORIZON_MS = 3_600_000;

/**
 * Measures the event loop by a beat of its own every 10 ms: a beat that fires late shows a loop that was late for
 * at least as long. A stall is seen the moment it ends, before the beat itself comes to fire.
 *
 * Only beats that were later than every beat after them are kept, in whole milliseconds: the memory is bounded by
 * the lateness, and the answer for any start is exact.
 */
export class LoopLag implements LagMeter {
  readonly #clock: Clock;
  readonly #late: LateBeat[] = [];
  #nextMs = Infinity;
  #cancel: CancelTimer = () => undefined;
  /** The beat that fired late in this turn. */
  #heldUp: LateBeat | undefined;
  #cancelTurn: CancelTimer = () => undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Starts to beat, until {@link stop}. */
  start(): void {
    this.#cancel();
    this.#nextMs = this.#clock.monotonicMs() + BEAT_MS;
    this.#cancel = this.#clock.after(BEAT_MS, () => this.#beat());
  }

  /** Ends the beat: from now on the loop passes for being in time. What was measured stays. */
  stop(): void {
    this.#cancel();
    this.#nextMs = Infinity;
    this.#cancelTurn();
    this.#heldUp = undefined;
  }

  worstSince(fromMs: number): number {
    const nowMs = this.#clock.monotonicMs();
    const overdueMs = nowMs - Math.max(this.#nextMs, fromMs);
    const first = this.#late.findIndex((beat) => beat.firedMs > fromMs);
    if (first < 0) return Math.max(0, overdueMs);
    // Only the first can have begun before the span; those after it are in falling order of lateness.
    return Math.max(
      0,
      overdueMs,
      latenessMs(this.#late[first], fromMs),
      latenessMs(this.#late[first + 1], fromMs),
    );
  }

  waitedMs(fromMs: number): number {
    const nowMs = this.#clock.monotonicMs();
    const held = this.#heldUp && this.#heldUp.firedMs > fromMs ? this.#heldUp.dueMs : Infinity;
    return Math.max(0, nowMs - Math.max(fromMs, Math.min(this.#nextMs, held)));
  }

  #beat(): void {
    const firedMs = this.#clock.monotonicMs();
    this.#note({ dueMs: this.#nextMs, firedMs });
    this.start();
  }

  #note(beat: LateBeat): void {
    const lateness = wholeMs(beat);
    if (lateness < 1) return;
    this.#holdUp(beat);
    for (let last = this.#late.at(-1); last && wholeMs(last) <= lateness; last = this.#late.at(-1))
      this.#late.pop();
    this.#late.push(beat);
    while ((this.#late[0]?.firedMs ?? Infinity) < beat.firedMs - HORIZON_MS) this.#late.shift();
  }

  /** Until a timer of the next turn fires: in between the loop comes to all that had waited. */
  #holdUp(beat: LateBeat): void {
    this.#cancelTurn();
    this.#heldUp = beat;
    this.#cancelTurn = this.#clock.after(0, () => {
      this.#heldUp = undefined;
    });
  }
}

function wholeMs(beat: LateBeat): number {
  return Math.floor(beat.firedMs - beat.dueMs);
}

function latenessMs(beat: LateBeat | undefined, fromMs: number): number {
  return beat ? beat.firedMs - Math.max(beat.dueMs, fromMs) : 0;
}
