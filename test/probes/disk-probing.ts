import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { onTestFinished } from 'vitest';
import { systemClock, systemRandom } from '../../src/clock.ts';
import { classify } from '../../src/core/expectation.ts';
import type { ProbeKind } from '../../src/core/probe.ts';
import type { Reading } from '../../src/core/reading.ts';

/** A run of a check of these settings; its signal is aborted after `deadlineMs`, if there is one. */
export async function runOnce<Settings>(
  kind: ProbeKind<Settings>,
  settings: object,
  deadlineMs?: number,
): Promise<Reading> {
  const probe = kind.configure(kind.settings.parse(settings));
  const deadline = new AbortController();
  const cancel = deadlineMs === undefined ? undefined : systemClock.after(deadlineMs, () => deadline.abort());
  const reading = await probe.run({ signal: deadline.signal, clock: systemClock, random: systemRandom });
  cancel?.();
  return reading;
}

/** The outcome of a reading by the kind's defaults, or its cause, or why we are blind. */
export function verdictOn<Settings>(kind: ProbeKind<Settings>, settings: object, reading: Reading): string {
  const verdict = classify(reading, kind.defaults, kind.values(kind.settings.parse(settings)));
  if ('cause' in verdict) return verdict.cause;
  return 'blind' in verdict ? verdict.blind : verdict.outcome;
}

/** A kind that is closed when the test ends, with all that it has started. */
export function kindFor<Settings>(make: () => ProbeKind<Settings>): ProbeKind<Settings> {
  const kind = make();
  onTestFinished(() => kind.close());
  return kind;
}

/** An empty folder on the disk of the machine, removed when the test ends. */
export function folderForTest(): string {
  const { folder, remove } = temporaryFolder();
  onTestFinished(remove);
  return folder;
}

/** An empty folder on the disk of the machine. */
export function temporaryFolder(): { readonly folder: string; readonly remove: () => void } {
  const folder = mkdtempSync(join(tmpdir(), 'vigie-probe-'));
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/** The ids of the disk processes that this process has started and whose end it has not yet seen. */
export function diskProcesses(): readonly number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && isDiskProcess(name))
    .map(Number);
}

function isDiskProcess(pid: string): boolean {
  try {
    const [, parent] = /\) \S (\d+)/.exec(readFileSync(`/proc/${pid}/stat`, 'latin1')) ?? [];
    const command = readFileSync(`/proc/${pid}/cmdline`, 'latin1');
    return Number(parent) === process.pid && (command === '' || command.includes('disk-child'));
  } catch {
    return false;
  }
}

/** The longest that the event loop was late, in milliseconds, until a promise settled. */
export async function latenessUntil(promise: Promise<unknown>): Promise<number> {
  let isOver = false;
  const end = (): void => {
    isOver = true;
  };
  promise.then(end, end);
  let worstMs = 0;
  while (!isOver) {
    const dueMs = systemClock.monotonicMs() + 5;
    await pause(5);
    worstMs = Math.max(worstMs, systemClock.monotonicMs() - dueMs);
  }
  return worstMs;
}

/** SHA-256 of bytes, to compare them by. */
export function digest(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}
