import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import {
  daily,
  monthly,
  scheduleCalendar,
  type Calendar,
  type CalendarJob,
} from '../../src/schedule/calendar.ts';

let calendar: Calendar | undefined;
const errors: [job: string, error: unknown][] = [];

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(async () => {
  const stopping = calendar?.stop();
  await vi.advanceTimersByTimeAsync(HOUR_MS);
  await stopping;
  calendar = undefined;
  errors.length = 0;
  vi.useRealTimers();
});

function start(at: string, ...jobs: readonly CalendarJob[]): Calendar {
  vi.setSystemTime(at);
  const onError = (job: string, error: unknown): void => void errors.push([job, error]);
  calendar = scheduleCalendar({ timezone: 'Europe/Paris', jobs, onError });
  return calendar;
}

/** A job that notes when it ran, to the minute. */
function noting(make: typeof daily, at: string): { readonly job: CalendarJob; readonly ran: string[] } {
  const ran: string[] = [];
  const job = make('note', at, () => void ran.push(new Date().toISOString().slice(0, 16)));
  return { job, ran };
}

const HOUR_MS = 3_600_000;

describe('scheduleCalendar', () => {
  test('daily: at the local time of the zone, across the change to summer time', async () => {
    const { job, ran } = noting(daily, '04:10');
    start('2026-03-28T00:00:00Z', job);
    await vi.advanceTimersByTimeAsync(72 * HOUR_MS);
    expect(ran).toEqual(['2026-03-28T03:10', '2026-03-29T02:10', '2026-03-30T02:10']);
  });

  test('monthly: on the first day of the month of the zone', async () => {
    const { job, ran } = noting(monthly, '00:05');
    start('2026-01-31T00:00:00Z', job);
    await vi.advanceTimersByTimeAsync(30 * 24 * HOUR_MS);
    expect(ran).toEqual(['2026-01-31T23:05', '2026-02-28T23:05']);
  });

  test('nextRuns tells the instants by name', () => {
    const { job } = noting(daily, '04:10');
    const next = start('2026-03-28T00:00:00Z', job).nextRuns();
    expect(next).toEqual(new Map([['note', Date.parse('2026-03-28T03:10:00Z')]]));
  });

  test('a job never overlaps itself', async () => {
    let underWay = 0;
    let most = 0;
    let runs = 0;
    const slow: CalendarJob = {
      name: 'slow',
      cron: '* * * * *',
      async run() {
        runs += 1;
        most = Math.max(most, ++underWay);
        await new Promise((resolve) => setTimeout(resolve, 150_000));
        underWay -= 1;
      },
    };
    start('2026-03-28T00:00:30Z', slow);
    await vi.advanceTimersByTimeAsync(10 * 60_000);
    expect(most).toBe(1);
    expect(runs).toBeGreaterThanOrEqual(3);
  });

  test('what was missed while the machine slept is made up for once', async () => {
    const { job, ran } = noting(daily, '04:10');
    start('2026-03-02T00:00:00Z', job);
    await vi.advanceTimersByTimeAsync(HOUR_MS);
    vi.setSystemTime('2026-03-05T12:00:00Z');
    await vi.advanceTimersByTimeAsync(3 * HOUR_MS);
    expect(ran).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(24 * HOUR_MS);
    expect(ran).toHaveLength(2);
  });

  test.each<[string, () => Promise<void>]>([
    ['rejects', () => Promise.reject(new Error('disk full'))],
    [
      'throws',
      () => {
        throw new Error('disk full');
      },
    ],
  ])('a job that %s is told, and runs again the next day', async (_case, run) => {
    start('2026-03-02T00:00:00Z', daily('prune', '04:10', run));
    await vi.advanceTimersByTimeAsync(48 * HOUR_MS);
    expect(errors).toEqual([
      ['prune', new Error('disk full')],
      ['prune', new Error('disk full')],
    ]);
  });

  test('stop aborts the job under way, waits for it, and runs nothing more', async () => {
    let ended = false;
    let begun = 0;
    const job = daily('close', '04:10', async (signal) => {
      begun += 1;
      await new Promise<void>((resolve) =>
        signal.addEventListener('abort', () => setTimeout(resolve, 5_000)),
      );
      ended = true;
    });
    const running = start('2026-03-02T03:00:00Z', job);
    await vi.advanceTimersByTimeAsync(HOUR_MS);
    expect([begun, ended]).toEqual([1, false]);
    const stopped = running.stop().then(() => ended);
    await vi.advanceTimersByTimeAsync(5_000);
    expect(await stopped).toBe(true);
    await vi.advanceTimersByTimeAsync(48 * HOUR_MS);
    expect([begun, vi.getTimerCount()]).toEqual([1, 0]);
  });

  test.each([
    ['a cron expression', { cron: '61 * * * *' }, 'Europe/Paris'],
    ['a zone', {}, 'Europe/Atlantis'],
  ])('%s that does not exist is refused at the start', (_case, over, timezone) => {
    const job = { ...daily('prune', '04:10', () => undefined), ...over };
    expect(() => scheduleCalendar({ timezone, jobs: [job], onError: () => undefined })).toThrow(RangeError);
  });

  test.each(['4:10', '24:00', '04:60', ''])('daily refuses %j as a time', (at) => {
    expect(() => daily('prune', at, () => undefined)).toThrow(RangeError);
  });
});
