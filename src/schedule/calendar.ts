import { createTask, validateDetailed, type Logger, type ScheduledTask } from 'node-cron';

/** Work that follows the calendar: closing a period, pruning. */
export interface CalendarJob {
  /** For logs. */
  readonly name: string;
  /** Five fields: minute, hour, day of month, month, day of week. */
  readonly cron: string;
  /**
   * Must be idempotent: it is run once for any number of instants that were missed. The signal is aborted at
   * shutdown.
   */
  run(signal: AbortSignal): Promise<void> | void;
}

/** What the calendar is made of. */
export interface CalendarOptions {
  /** The IANA zone that the jobs' fields are read in. */
  readonly timezone: string;
  readonly jobs: readonly CalendarJob[];
  /** Told what a job threw; the job stays scheduled. Must not throw. */
  readonly onError: (job: string, error: unknown) => void;
}

/** Jobs that are scheduled. */
export interface Calendar {
  /** The next instant at which a job is due, in milliseconds since the epoch, by its name. */
  nextRuns(): ReadonlyMap<string, number>;
  /** Begins nothing more, aborts the jobs under way and resolves when they have settled. */
  stop(): Promise<void>;
}

/** A job for every day at a local time: `daily('prune', '04:10', prune)`. */
export function daily(name: string, at: string, run: CalendarJob['run']): CalendarJob {
  return { name, cron: `${minuteAndHour(at)} * * *`, run };
}

/** A job for the first day of every month at a local time. */
export function monthly(name: string, at: string, run: CalendarJob['run']): CalendarJob {
  return { name, cron: `${minuteAndHour(at)} 1 * *`, run };
}

function minuteAndHour(at: string): string {
  const [, hour, minute] = /^([01]\d|2[0-3]):([0-5]\d)$/.exec(at) ?? [];
  if (hour === undefined || minute === undefined)
    throw new RangeError(`expected a time like "04:10", got ${at}`);
  return `${Number(minute)} ${Number(hour)}`;
}

/**
 * Runs jobs by the calendar of a time zone, through node-cron: to the minute, which is what it is good for; the
 * cadence of checks is the Scheduler's. A job never overlaps itself. Instants that were missed (a stalled or
 * suspended machine) are made up for by one run as soon as that shows. Throws on a cron expression or zone that
 * does not exist.
 */
export function scheduleCalendar(options: CalendarOptions): Calendar {
  const stopping = new AbortController();
  const tasks = options.jobs.map((job) => scheduleJob(job, options, stopping.signal));
  for (const { task } of tasks) void task.start();
  return {
    nextRuns() {
      const pairs = tasks.map(({ name, task }): [string, number] => [
        name,
        task.getNextRun()?.getTime() ?? NaN,
      ]);
      return new Map(pairs.filter(([, atMs]) => Number.isFinite(atMs)));
    },
    async stop() {
      stopping.abort();
      for (const { task } of tasks) void task.destroy();
      await Promise.all(tasks.map((one) => one.settled()));
    },
  };
}

interface JobTask {
  readonly name: string;
  readonly task: ScheduledTask;
  settled(): Promise<void>;
}

function scheduleJob(
  job: CalendarJob,
  { timezone, onError }: CalendarOptions,
  stopping: AbortSignal,
): JobTask {
  if (!validateDetailed(job.cron).valid)
    throw new RangeError(`job ${job.name}: ${job.cron} is not a cron expression`);
  let underWay: Promise<void> | undefined;
  const begin = (): Promise<void> => {
    if (stopping.aborted) return Promise.resolve();
    underWay ??= Promise.try(() => job.run(stopping))
      .catch((error: unknown) => onError(job.name, error))
      .finally(() => {
        underWay = undefined;
      });
    return underWay;
  };
  const task = createTask(job.cron, begin, { name: job.name, timezone, noOverlap: true, logger: SILENT });
  task.on('execution:missed', begin);
  return { name: job.name, task, settled: () => underWay ?? Promise.resolve() };
}

/** Overlaps and misses are dealt with here, and a job's errors go to `onError`. */
const SILENT: Logger = {
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  debug: () => undefined,
};
