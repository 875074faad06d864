import { describe, expect, it } from 'vitest';
import { BlindAlarm } from '../../src/live/blind-alarm.ts';
import type { Blind } from '../../src/core/cause.ts';
import type { Reading } from '../../src/core/reading.ts';
import { createLog } from '../../src/export/log.ts';
import { FakeClock } from '../fake-clock.ts';
import { scheduledCheck, watchedScheduler } from '../schedule/scheduled.ts';

const ANSWER: Reading = { kind: 'answer', latencyMs: 1 };
const blind = (cause: Blind): Reading => ({ kind: 'blind', blind: cause, detail: `${cause} it is` });

/** The lines that runs of one check leave, one reading each. */
async function linesOf(...readings: readonly Reading[]): Promise<readonly string[]> {
  const lines: string[] = [];
  const clock = new FakeClock();
  const log = createLog({
    ...{ clock, level: 'info', format: 'json' },
    destination: { write: (line) => void lines.push(line) },
  });
  const alarm = new BlindAlarm(log);
  const queue = [...readings];
  const { scheduler, results } = watchedScheduler(clock);
  scheduler.update([scheduledCheck(() => Promise.resolve(queue.shift() ?? ANSWER))]);
  await clock.advance(readings.length * 10_000);
  await scheduler.stop();
  for (const result of results) alarm.note(result);
  return lines.map((line) => {
    const { level, reason, msg, detail } = JSON.parse(line);
    return [level, reason, msg, detail].filter(Boolean).join(' ');
  });
}

describe('BlindAlarm: what only people can end is said loudly, and once', () => {
  it('refused credentials: an error with the detail, not repeated; and their end', async () => {
    const refused = blind('credentials');
    expect(await linesOf(refused, refused, refused, ANSWER, ANSWER)).toEqual([
      'error credentials a check sees nothing until this is mended credentials it is',
      'info credentials a check sees again',
    ]);
  });

  it('a clock that is off is another matter, and told as well', async () => {
    expect(await linesOf(blind('credentials'), blind('clock-skew'))).toHaveLength(2);
  });

  it.each(['local-network', 'skipped', 'local-resource'] as const)(
    '%s ends by itself: no line',
    async (cause) => {
      expect(await linesOf(blind(cause), ANSWER)).toEqual([]);
    },
  );

  it('a slot skipped in between does not say it again', async () => {
    expect(await linesOf(blind('credentials'), blind('skipped'), blind('credentials'))).toHaveLength(1);
  });
});
