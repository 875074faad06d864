import type { Clock } from '../../src/core/clock.ts';

/** What an HTTP exchange goes through, in this order; a kept connection starts at `ttfb`. */
export const HTTP_PHASES = ['resolve', 'connect', 'tls', 'ttfb', 'transfer'] as const;
export type HttpPhase = (typeof HTTP_PHASES)[number];

/** Durations of phases in milliseconds, those that were entered. */
export type HttpPhases = Partial<Record<HttpPhase, number>>;

/** Takes the time of the phases of one exchange. They follow each other without a gap, so they add up to the whole. */
export class PhaseWatch {
  readonly #clock: Clock;
  readonly #startedMs: number;
  readonly #phases: HttpPhases = {};
  #phase: HttpPhase | undefined;
  #sinceMs: number;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#startedMs = clock.monotonicMs();
    this.#sinceMs = this.#startedMs;
  }

  /** The phase that is going on, or was when the watch was stopped. */
  get phase(): HttpPhase | undefined {
    return this.#phase;
  }

  /** Milliseconds of every phase that has ended. */
  get phases(): Readonly<HttpPhases> {
    return this.#phases;
  }

  /** Ends the phase that is going on and starts the next; the time before the first phase belongs to it. */
  enter(phase: HttpPhase): void {
    if (phase === this.#phase) return;
    if (this.#phase !== undefined) this.#credit(this.#phase);
    this.#phase = phase;
  }

  /** Ends the phase that is going on. Returns the milliseconds of the whole. */
  stop(): number {
    if (this.#phase !== undefined) this.#credit(this.#phase);
    return this.#sinceMs - this.#startedMs;
  }

  #credit(phase: HttpPhase): void {
    const nowMs = this.#clock.monotonicMs();
    this.#phases[phase] = (this.#phases[phase] ?? 0) + nowMs - this.#sinceMs;
    this.#sinceMs = nowMs;
  }
}
