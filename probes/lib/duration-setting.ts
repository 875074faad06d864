import { z } from 'zod';
import { formatDuration, parseDuration } from '../../src/core/duration.ts';

/** Schema of a duration between two bounds, both included; written as `500ms` or `PT1S`, parsed to milliseconds. */
export function durationSetting(shortestMs: number, longestMs: number) {
  const expected = `expected a duration from ${formatDuration(shortestMs)} to ${formatDuration(longestMs)}`;
  return z.string({ error: expected }).transform((text, context): number => {
    const ms = parseDuration(text);
    if (ms !== undefined && ms >= shortestMs && ms <= longestMs) return ms;
    context.addIssue({ code: 'custom', message: expected });
    return z.NEVER;
  });
}
