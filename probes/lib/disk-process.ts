import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import type { Clock } from '../../src/core/clock.ts';
import type { ProbeContext } from '../../src/core/probe.ts';
import type { DiskJob, DiskMessage, DiskResult, DiskStep } from './disk-messages.ts';

/** How long the process may take to start on a job, its own start included, before it is we who are in trouble. */
export const REACT_MS = 2_000;

/** How long a killed process is waited for at the end. */
const GOES_WITHIN_MS = 500;

/** How a job ended, seen from the daemon. Lengths of time in milliseconds. */
export type DiskEnd =
  | DiskResult
  /** The deadline came first; the process is being killed. No step: it came while another run had the process. */
  | { readonly kind: 'aborted'; readonly step: DiskStep | undefined }
  /** A process that was to be killed has not ended: the system call that it is in has not returned. */
  | { readonly kind: 'still-hanging'; readonly step: DiskStep | undefined; readonly forMs: number }
  /** The process did not start on the job, or ended within it: nothing that a disk does to us. */
  | { readonly kind: 'no-process' }
  /** The file is being made; that goes on. */
  | { readonly kind: 'creating' };

interface Running {
  readonly sinceMs: number;
  step: DiskStep | undefined;
  readonly settle: (end: DiskEnd) => void;
}

/** What a process was in when it was killed; no step: it had not started on its job. */
interface Killed {
  readonly step: DiskStep | undefined;
  readonly sinceMs: number;
}

/**
 * The process that does the jobs of one file, started when needed and kept. At most one at any time: a process that
 * was killed but hangs in the disk is waited for, and there is no other until it has gone.
 */
export class DiskProcess {
  readonly #threads: number;
  #child: ChildProcess | undefined;
  #running: Running | undefined;
  #killed: Killed | undefined;
  #creation: Promise<DiskEnd> | undefined;
  #last: Promise<unknown> = Promise.resolve();
  #clock: Clock | undefined;

  /** `threads`: operations that it can have under way at once. */
  constructor(threads: number) {
    this.#threads = threads;
  }

  /** The process's id; undefined when there is none. */
  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** Does a job, after those asked for before it. Never rejects; resolves within the turn of the abort. */
  async perform(job: DiskJob, context: ProbeContext): Promise<DiskEnd> {
    return this.#creation ? { kind: 'creating' } : this.#inTurn(job, context);
  }

  /**
   * Makes the place, once for all who ask at the same time, and waits for it `patienceMs` at the most. Then, or when
   * the signal is aborted, it goes on being made, and all that is asked meanwhile ends as `creating`.
   */
  async create(job: DiskJob, patienceMs: number, context: ProbeContext): Promise<DiskEnd> {
    const { signal, clock } = context;
    this.#creation ??= this.#inTurn(job, { ...context, signal: new AbortController().signal }).finally(() => {
      this.#creation = undefined;
    });
    const enough = Promise.withResolvers<DiskEnd>();
    const giveUp = (): void => enough.resolve({ kind: 'creating' });
    const cancel = clock.after(patienceMs, giveUp);
    signal.addEventListener('abort', giveUp, { once: true });
    const end = await Promise.race([this.#creation, enough.promise]);
    cancel();
    signal.removeEventListener('abort', giveUp);
    return end;
  }

  /** Kills the process and waits until it has gone; not for long where it hangs in the disk. */
  async close(): Promise<void> {
    const child = this.#child;
    if (!child || !this.#clock) return;
    const gone = Promise.withResolvers<void>();
    const cancel = this.#clock.after(GOES_WITHIN_MS, gone.resolve);
    child.once('exit', gone.resolve);
    child.kill('SIGKILL');
    await gone.promise;
    cancel();
    if (child.connected) child.disconnect();
    child.unref();
  }

  async #inTurn(job: DiskJob, context: ProbeContext): Promise<DiskEnd> {
    const before = this.#last;
    const left = Promise.withResolvers<void>();
    this.#last = left.promise;
    if (await settledBeforeAbort(before, context.signal)) {
      const end = await this.#performNow(job, context);
      left.resolve();
      return end;
    }
    void before.then(() => left.resolve());
    return { kind: 'aborted', step: undefined };
  }

  async #performNow(job: DiskJob, { signal, clock }: ProbeContext): Promise<DiskEnd> {
    this.#clock = clock;
    const sinceMs = clock.monotonicMs();
    if (this.#killed)
      return { kind: 'still-hanging', step: this.#killed.step, forMs: sinceMs - this.#killed.sinceMs };
    return new Promise((resolve) => {
      const settle = (end: DiskEnd): void => {
        this.#running = undefined;
        cancel();
        signal.removeEventListener('abort', abort);
        resolve(end);
      };
      const running: Running = { sinceMs, step: undefined, settle };
      const abort = (): void => this.#abandon(running, { kind: 'aborted', step: running.step });
      const cancel = clock.after(REACT_MS, () => {
        if (running.step === undefined) this.#abandon(running, { kind: 'no-process' });
      });
      signal.addEventListener('abort', abort, { once: true });
      this.#running = running;
      this.#send(job);
    });
  }

  /** Ends a job that the process does not end, and the process with it. */
  #abandon({ step, sinceMs, settle }: Running, end: DiskEnd): void {
    this.#killed = { step, sinceMs };
    this.#child?.kill('SIGKILL');
    settle(end);
  }

  #send(job: DiskJob): void {
    this.#child ??= this.#start();
    // A process that went this very moment is told of by its exit.
    this.#child.send(job, () => undefined);
  }

  #start(): ChildProcess {
    const child = fork(new URL('./disk-child.ts', import.meta.url), {
      // Nothing of ours is handed on: neither secrets in the environment nor debuggers in the arguments.
      env: { UV_THREADPOOL_SIZE: String(this.#threads) },
      execArgv: ['--max-semi-space-size=1'],
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    });
    child.on('message', (message: DiskMessage) => this.#hear(child, message));
    // A process that could not be started, or could not be sent to: it counts as gone.
    child.on('error', () => this.#gone(child));
    child.on('exit', () => this.#gone(child));
    return child;
  }

  #hear(child: ChildProcess, message: DiskMessage): void {
    if (child !== this.#child || !this.#running) return;
    if (message.say === 'step') this.#running.step = message.step;
    else this.#running.settle(message.result);
  }

  #gone(child: ChildProcess): void {
    if (child !== this.#child) return;
    this.#child = undefined;
    this.#killed = undefined;
    this.#running?.settle({ kind: 'no-process' });
  }
}

/** Whether a promise settled before the signal was aborted. */
async function settledBeforeAbort(promise: Promise<unknown>, signal: AbortSignal): Promise<boolean> {
  const aborted = Promise.withResolvers<void>();
  const giveUp = (): void => aborted.resolve();
  signal.addEventListener('abort', giveUp, { once: true });
  if (!signal.aborted) await Promise.race([promise, aborted.promise]);
  signal.removeEventListener('abort', giveUp);
  return !signal.aborted;
}
