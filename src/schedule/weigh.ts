import { formatDuration } from '../core/duration.ts';
import type { Classification } from '../core/expectation.ts';
import { classify } from '../core/expectation.ts';
import type { Answer, Reading, Value } from '../core/reading.ts';
import type { ScheduledCheck } from './scheduled-check.ts';

const LONGEST_TOLERANCE_MS = 250;

/**
 * How late the event loop may be during an attempt before what looks bad is no longer believed: a tenth of the
 * timeout, 250 ms at the most. Less, and the daemon's own housekeeping would hide real outages; more, and a stall
 * of ours could pass for one.
 */
export function lagToleranceMs(timeoutMs: number): number {
  return Math.min(LONGEST_TOLERANCE_MS, timeoutMs / 10);
}

/**
 * What one attempt's reading amounts to, given how late the event loop was meanwhile. Bad becomes absent
 * (`loop-late`) when the loop was late by more than the tolerance, or when an answer was too slow by no more than may
 * be our own lateness. Good stays good: an answer in time proves the service however late we were.
 *
 * The doubt belongs to the value. Where the probe says how much of a time may be our own ({@link Answer.ownMs}), that
 * counts: the smallest of a series of round trips is not the worse for a stall between two of them. Any other time may
 * be late by as much as the loop ever was during the attempt.
 */
export function weigh(scheduled: ScheduledCheck, reading: Reading, lagMs: number): Classification {
  const { check, specs } = scheduled;
  const classification = classify(reading, check.expectations, specs);
  if (classification.outcome !== 'bad') return classification;
  const doubtful =
    lagMs > lagToleranceMs(check.timeoutMs) ||
    (classification.cause === 'slow' &&
      reading.kind === 'answer' &&
      classify(atBest(reading, specs, lagMs), check.expectations, specs).outcome === 'good');
  if (!doubtful) return classification;
  const detail = `the event loop was late by ${formatDuration(Math.ceil(lagMs))}: ${classification.detail}`;
  return { outcome: 'absent', blind: 'loop-late', detail };
}

/** The answer as it would be, had we not been late: each of its times less by what may be our own. */
function atBest(answer: Answer, specs: ScheduledCheck['specs'], lagMs: number): Answer {
  const { latencyMs, values = {}, ownMs = {} } = answer;
  const quicker = ([name, value]: [string, Value]): [string, Value] => {
    const isTime = specs[name]?.cause === 'slow' && (name in ownMs || name.endsWith('Ms'));
    return [name, typeof value === 'number' && isTime ? value - (ownMs[name] ?? lagMs) : value];
  };
  return {
    ...answer,
    latencyMs: latencyMs - (ownMs['latency'] ?? lagMs),
    values: Object.fromEntries(Object.entries(values).map(quicker)),
  };
}

/**
 * Which attempt of a slot decides (sla-math §1: a slot is bad only if every attempt was). The last good one; else
 * the last excluded one; else the last absent one, since what we did not see might have been good; else the last
 * bad one. Undefined when there was no attempt.
 */
export function deciding<A extends { readonly classification: Classification }>(
  attempts: readonly A[],
): A | undefined {
  for (const outcome of ['good', 'excluded', 'absent', 'bad'] as const) {
    const found = attempts.findLast((one) => one.classification.outcome === outcome);
    if (found) return found;
  }
  return undefined;
}
