import type { CancelTimer, Clock } from '../core/clock.ts';
import { formatDuration } from '../core/duration.ts';
import type { LagMeter } from '../core/lag-meter.ts';
import type { ConfiguredProbe, ProbeContext } from '../core/probe.ts';
import type { FaultReading, Reading } from '../core/reading.ts';
import { type Cancel, Cancellation } from '../core/cancellation.ts';
import type { RunBug } from './scheduled-check.ts';

/** How long a probe may take to resolve after its abort before it counts as misbehaving. */
export const ABORT_GRACE_MS = 250;

// One for all: making an exception for each costs more than the rest of an attempt.
const DEADLINE = new DOMException('the deadline passed', 'TimeoutError');
const CANCELLED = new DOMException('the run was cut short', 'AbortError');

/** What one attempt came to. */
export interface AttemptEnd {
  readonly reading: Reading;
  readonly bug: Exclude<RunBug, 'excuse-rejected'> | undefined;
}

/** What one attempt needs. */
export interface AttemptOptions {
  readonly probe: ConfiguredProbe;
  readonly timeoutMs: number;
  readonly clock: Clock;
  readonly random: () => number;
  readonly lag?: LagMeter;
  /** Aborts the attempt before its deadline; whoever does so drops the end. */
  readonly cancel: Cancel;
}

/**
 * One attempt, begun before this returns. Owns the deadline: its signal is aborted `timeoutMs` after the start, and
 * whatever the probe then returns is a timeout, as is a reading that comes later than that. Never rejects, and
 * settles {@link ABORT_GRACE_MS} after the abort at the latest, whatever the probe does. A probe that rejects is
 * blind by a bug: only the name of its error is told, since a message might hold a secret.
 */
export function attempt(options: AttemptOptions): Promise<AttemptEnd> {
  const { probe, timeoutMs, clock, random, lag, cancel } = options;
  const deadline = new Cancellation();
  const startedMs = clock.monotonicMs();
  return new Promise((resolve) => {
    let stopTimer: CancelTimer;
    const finish = (end: AttemptEnd): void => {
      stopTimer();
      cancel.removeEventListener('abort', abort);
      resolve(end);
    };
    const abort = (): void => {
      stopTimer();
      stopTimer = clock.after(ABORT_GRACE_MS, () =>
        finish({ reading: timeoutReading(undefined, timeoutMs), bug: 'ignored-abort' }),
      );
      deadline.abort(cancel.aborted ? CANCELLED : DEADLINE);
    };
    const read = (reading: Reading): void => {
      const late = deadline.aborted || clock.monotonicMs() - startedMs > timeoutMs;
      finish({ reading: late ? timeoutReading(reading, timeoutMs) : reading, bug: undefined });
    };
    const fail = (error: unknown): void => finish({ reading: bugReading(error), bug: 'rejected' });
    stopTimer = clock.after(timeoutMs, abort);
    cancel.addEventListener('abort', abort, { once: true });
    begin(probe, new AttemptContext(deadline, { clock, random, lag })).then(read, fail);
  });
}

/** What an attempt lends to its probe. A signal is made only for a probe that asks for one. */
class AttemptContext implements ProbeContext {
  readonly clock: Clock;
  readonly random: () => number;
  readonly lag: LagMeter | undefined;
  readonly #deadline: Cancellation;

  constructor(deadline: Cancellation, { clock, random, lag }: Omit<ProbeContext, 'signal' | 'cancel'>) {
    this.#deadline = deadline;
    this.clock = clock;
    this.random = random;
    this.lag = lag;
  }

  // Neither is a property of its own: a context made of this one with another signal has no cancel.
  get signal(): AbortSignal {
    return this.#deadline.signal;
  }

  get cancel(): Cancel {
    return this.#deadline;
  }
}

/** Promise.try would wait two turns of the microtasks longer. */
function begin(probe: ConfiguredProbe, context: ProbeContext): Promise<Reading> {
  try {
    return probe.run(context);
  } catch (bug) {
    return Promise.reject(bug);
  }
}

function timeoutReading(late: Reading | undefined, timeoutMs: number): FaultReading {
  const detail = `no answer within ${formatDuration(timeoutMs)}`;
  if (late?.kind !== 'fault') return { kind: 'fault', fault: 'timeout', detail };
  // How far the probe had come is worth keeping.
  return { ...late, fault: 'timeout', detail: late.fault === 'timeout' ? late.detail : detail };
}

function bugReading(error: unknown): Reading {
  const name = error instanceof Error ? error.name : typeof error;
  return { kind: 'blind', blind: 'bug', detail: `the probe failed with ${name}` };
}
