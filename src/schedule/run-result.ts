import type { Classification } from '../core/expectation.ts';
import type { Hole, Observation } from '../core/observation.ts';
import type { Cancellation } from '../core/cancellation.ts';
import type { WeighedAttempt } from './runner.ts';
import type { Due, Excuse, RunResult, ScheduledCheck } from './scheduled-check.ts';
import { deciding } from './weigh.ts';

/**
 * What a run amounts to as a whole: its attempts together, and what the excuse says of it if it is bad; a promise only
 * where the excuse is asked. A run without an attempt is a hole (`skipped`). Never rejects; resolves at once when the
 * signal is aborted.
 */
export function resultOf(
  scheduled: ScheduledCheck,
  due: Due,
  attempts: readonly WeighedAttempt[],
  excuse: Excuse | undefined,
  cancel: Cancellation,
): RunResult | Promise<RunResult> {
  const decisive = deciding(attempts);
  if (!decisive) return skippedResult(scheduled, due);
  if (!excuse || decisive.classification.outcome !== 'bad') {
    return decidedResult(scheduled, due, attempts, decisive);
  }
  return ask(excuse, scheduled, due, decisive, cancel.signal).then((excused) =>
    decidedResult(scheduled, due, attempts, excused),
  );
}

async function ask(
  excuse: Excuse,
  scheduled: ScheduledCheck,
  { slot }: Due,
  decisive: WeighedAttempt,
  cancel: AbortSignal,
): Promise<WeighedAttempt> {
  const { classification, reading, startedMs, endedMs } = decisive;
  const failed = { scheduled, slot, classification, reading, startedMs, endedMs };
  try {
    const answer = Promise.try(() => excuse(failed, cancel));
    return { ...decisive, classification: await unlessAborted(answer, cancel, classification) };
  } catch {
    return { ...decisive, bug: 'excuse-rejected' };
  }
}

function unlessAborted<T>(answer: Promise<T>, cancel: AbortSignal, otherwise: T): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => resolve(otherwise);
    cancel.addEventListener('abort', onAbort, { once: true });
    void answer.then(resolve, reject).finally(() => cancel.removeEventListener('abort', onAbort));
  });
}

function decidedResult(
  scheduled: ScheduledCheck,
  { slot, dueMs }: Due,
  attempts: readonly WeighedAttempt[],
  decisive: WeighedAttempt,
): RunResult {
  const { check, vantage } = scheduled;
  const { reading, classification } = decisive;
  const first = attempts[0] ?? decisive;
  return {
    check,
    vantage,
    slot,
    seen: seenOf(scheduled, slot, classification),
    detail: classification.detail,
    reading,
    latencyMs: reading.kind === 'blind' ? undefined : reading.latencyMs,
    attempts: attempts.length,
    startedWallMs: first.startedWallMs,
    lateMs: first.startedMs - dueMs,
    heldMs: Math.max(0, first.freeAtMs - dueMs),
    lagMs: decisive.lagMs,
    bug: decisive.bug ?? attempts.find((one) => one.bug)?.bug,
  };
}

function skippedResult(scheduled: ScheduledCheck, { slot }: Due): RunResult {
  const { check, vantage } = scheduled;
  const detail =
    'no request could leave in time: an identical one had left less than a second before, or we were late';
  return {
    check,
    vantage,
    slot,
    seen: seenOf(scheduled, slot, { outcome: 'absent', blind: 'skipped', detail }),
    detail,
    reading: undefined,
    latencyMs: undefined,
    attempts: 0,
    startedWallMs: undefined,
    lateMs: undefined,
    heldMs: 0,
    lagMs: 0,
    bug: undefined,
  };
}

function seenOf(
  { check, vantage }: ScheduledCheck,
  slot: number,
  classification: Classification,
): Observation | Hole {
  const { id, intervalMs } = check;
  if (classification.outcome === 'good') return { check: id, intervalMs, vantage, slot, outcome: 'good' };
  const key = { check: id, intervalMs, vantage, slot };
  if (classification.outcome === 'absent') return { ...key, ...classification };
  const { outcome, cause, evidence } = classification;
  return { ...key, outcome, cause, ...(evidence ? { evidence } : {}) };
}
