import { formatDuration } from '../core/duration.ts';
import type { Classification } from '../core/expectation.ts';
import { classify } from '../core/expectation.ts';
import type { Reading, Value } from '../core/reading.ts';
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
 * (`loop-late`) when the loop was late by more than the tolerance, or when an answer was too slow by no more than
 * the loop was late. Good stays good: an answer in time proves the service however late we were.
 */
export function weigh(scheduled: ScheduledCheck, reading: Reading, lagMs: number): Classification {
  const { check } = scheduled;
  const classification = weighed(scheduled, reading, 0);
  if (classification.outcome !== 'bad') return classification;
  const doubtful =
    lagMs > lagToleranceMs(check.timeoutMs) ||
    (classification.cause === 'slow' && weighed(scheduled, reading, lagMs).outcome === 'good');
  if (!doubtful) return classification;
  const detail = `the event loop was late by ${formatDuration(Math.ceil(lagMs))}: ${classification.detail}`;
  return { outcome: 'absent', blind: 'loop-late', detail };
}

/** What a reading would amount to had everything that it timed been so much quicker, in milliseconds. */
function weighed({ check, specs }: ScheduledCheck, reading: Reading, quickerMs: number): Classification {
  if (reading.kind !== 'answer' || quickerMs === 0) return classify(reading, check.expectations, specs);
  const values = Object.entries(reading.values ?? {}).map(([name, value]): [string, Value] => [
    name,
    typeof value === 'number' && name.endsWith('Ms') && specs[name]?.cause === 'slow'
      ? value - quickerMs
      : value,
  ]);
  const quicker = {
    ...reading,
    latencyMs: reading.latencyMs - quickerMs,
    values: Object.fromEntries(values),
  };
  return classify(quicker, check.expectations, specs);
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
