import { errorAt, type Finding, warningAt } from '../contract/finding.ts';
import { formatDuration } from '../core/duration.ts';
import { type CheckDraft, checkPath, type ConfigDraft, vantagesOf } from './draft.ts';

const HOUR_MS = 3_600_000;
const SECOND_MS = 1_000;

/**
 * What is wrong with the times of a check: its interval divides an hour (sla-math §1), its attempts end inside the
 * slot, and identical requests leave a second apart.
 */
export function timingFindings(draft: ConfigDraft, check: CheckDraft, index: number): readonly Finding[] {
  return [
    ...intervalFindings(check, index),
    ...slackFindings(check, index),
    ...timeoutFindings(check, index),
    ...vantageFindings(draft, check, index),
  ];
}

function intervalFindings({ interval }: CheckDraft, index: number): readonly Finding[] {
  if (interval === undefined || isInterval(interval)) return [];
  const got = `got ${formatDuration(interval)}`;
  if (interval < SECOND_MS) return [errorAt(checkPath(index, 'interval'), `must be at least 1s, ${got}`)];
  return [
    errorAt(checkPath(index, 'interval'), `must divide an hour, ${got}; ${nearestIntervals(interval)}`),
  ];
}

/** Identical requests are kept a second apart, so a run that was late once could never be in time again. */
function slackFindings({ interval }: CheckDraft, index: number): readonly Finding[] {
  if (interval !== SECOND_MS) return [];
  const message =
    'leaves no slack beside the second between identical requests: a late run costs a slot; 2s does not';
  return [warningAt(checkPath(index, 'interval'), message)];
}

function isInterval(ms: number): boolean {
  return ms >= SECOND_MS && HOUR_MS % ms === 0;
}

function nearestIntervals(intervalMs: number): string {
  if (intervalMs > HOUR_MS) return 'the longest is 1h';
  let below = Math.floor(intervalMs / SECOND_MS) * SECOND_MS;
  while (!isInterval(below)) below -= SECOND_MS;
  let above = Math.ceil(intervalMs / SECOND_MS) * SECOND_MS;
  while (!isInterval(above)) above += SECOND_MS;
  return `the nearest are ${formatDuration(below)} and ${formatDuration(above)}`;
}

function timeoutFindings({ interval, timeout, attempts }: CheckDraft, index: number): readonly Finding[] {
  if (timeout === undefined) return [];
  const path = checkPath(index, 'timeout');
  if (timeout === 0) return [errorAt(path, 'must be more than 0s, got 0s')];
  if (interval === undefined) return [];
  if (timeout >= interval) {
    const limits = `must be less than the interval ${formatDuration(interval)}`;
    return [errorAt(path, `${limits}, got ${formatDuration(timeout)}`)];
  }
  if (attempts === undefined) return [];
  const neededMs = attempts * timeout + (attempts - 1) * SECOND_MS;
  if (neededMs <= interval) return [];
  return [
    errorAt(
      checkPath(index, 'attempts'),
      `must fit in the interval ${formatDuration(interval)}: ` +
        `${attempts} of ${formatDuration(timeout)}, 1s apart, take ${formatDuration(neededMs)}`,
    ),
  ];
}

function vantageFindings(draft: ConfigDraft, check: CheckDraft, index: number): readonly Finding[] {
  const { interval } = check;
  const count = vantagesOf(draft, check)?.length ?? 0;
  if (interval === undefined || count * SECOND_MS <= interval || count === 1) return [];
  return [
    warningAt(
      checkPath(index, 'interval'),
      `is too short for ${count} vantages: their requests are identical and leave 1s apart, ` +
        `which takes ${count}s of ${formatDuration(interval)}; slots will be missed`,
    ),
  ];
}
