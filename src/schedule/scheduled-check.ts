import type { Check } from '../core/check.ts';
import type { Classification } from '../core/expectation.ts';
import type { CheckKey, Hole, Observation } from '../core/observation.ts';
import type { ConfiguredProbe, ValueSpec } from '../core/probe.ts';
import type { Reading } from '../core/reading.ts';

/** One check as one vantage runs it. Its identity is (check.id, vantage). */
export interface ScheduledCheck {
  readonly check: Check;
  /** One of the check's vantages: the one that this run speaks for. */
  readonly vantage: string;
  readonly probe: ConfiguredProbe;
  /** The values of the probe's kind, for classification. */
  readonly specs: Readonly<Record<string, ValueSpec>>;
  /** Equal exactly when nothing about the check has changed, settings and vantages included. */
  readonly fingerprint: string;
}

/** The instant a run is due, and the slot that it belongs to whenever it takes place. */
export interface Due {
  readonly slot: number;
  /** Monotonic milliseconds. */
  readonly dueMs: number;
}

/**
 * A mistake of our own that a run showed: the probe rejected, it did not resolve after its abort, or the excuse
 * rejected.
 */
export type RunBug = 'rejected' | 'ignored-abort' | 'excuse-rejected';

/** What came of one run. */
export interface RunResult {
  readonly check: Check;
  readonly vantage: string;
  readonly slot: number;
  readonly seen: Observation | Hole;
  /** One line for people about an outcome that is not good, and about some that are. Never a secret. */
  readonly detail: string | undefined;
  /** The reading that decided; undefined when no attempt was made. */
  readonly reading: Reading | undefined;
  /** Latency of the answer that decided, or of the fault where the probe measured one. */
  readonly latencyMs: number | undefined;
  /** Attempts that were made. */
  readonly attempts: number;
  /** When the first attempt began, by the wall clock; undefined when none did. */
  readonly startedWallMs: number | undefined;
  /** How long after its due instant the first attempt began; undefined when none did. */
  readonly lateMs: number | undefined;
  /** How much of that it had to wait until an identical request was a second ago. */
  readonly heldMs: number;
  /** The longest that the event loop was late during the attempt that decided. */
  readonly lagMs: number;
  readonly bug: RunBug | undefined;
}

/**
 * Why slots went by without a run: `missed` (we were too late: a stall, a suspended machine, a wall clock that
 * stepped forward), `overlap` (the run before was still under way), `changed` (a reload dropped the run).
 */
export type SkipReason = 'missed' | 'overlap' | 'changed';

/** Slots [fromSlot, toSlot) of one check and vantage that were not run: holes, `blind: skipped`. */
export interface SkippedSlots extends CheckKey {
  readonly vantage: string;
  readonly fromSlot: number;
  readonly toSlot: number;
  readonly reason: SkipReason;
}

/** Where the scheduler's findings go. Called in the turn of the finding; must not throw. */
export interface ScheduleSink {
  /** Every reading of every attempt, as it arrives, before it is known what the slot amounts to. */
  onReading?(scheduled: ScheduledCheck, reading: Reading): void;
  onResult(result: RunResult): void;
  onSkipped(skipped: SkippedSlots): void;
}

/** A slot that is bad as far as the attempt that decided could see. Instants are monotonic milliseconds. */
export interface FailedRun {
  readonly scheduled: ScheduledCheck;
  readonly slot: number;
  readonly classification: Classification;
  readonly reading: Reading;
  readonly startedMs: number;
  readonly endedMs: number;
}

/**
 * Asked before a request leaves that other processes may send, too: resolves with 0 when it may, and then it is ours
 * for a second; else with how long to wait, in milliseconds. Undefined when nobody else sends it. Never rejects.
 */
export type Reserve = (identity: string) => Promise<number> | undefined;

/**
 * Asked about a bad slot before it is told, so that a fault of our own can be recognised as one: resolves with what
 * the slot amounts to after all. Runs of later slots don't wait for it. The signal is aborted when the check is
 * dropped and at shutdown; the answer is then dropped.
 */
export type Excuse = (failed: FailedRun, signal: AbortSignal) => Promise<Classification>;
