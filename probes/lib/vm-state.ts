import type { Refusal } from '../../src/core/cause.ts';

/** The states that the provider tells of a virtual machine. */
export const VM_STATES = [
  'pending',
  'running',
  'stopping',
  'stopped',
  'shutting-down',
  'terminated',
  'quarantine',
] as const;

/** `gone`: not among the machines that the provider tells of. */
export type VmState = (typeof VM_STATES)[number] | 'gone';

/**
 * What came of a call to start a machine. `sent`: it was carried out, or may have been; it has failed when the machine
 * does not run in time. `failed`: the provider could not. `refused`: it did not, and the reason is not on record.
 * `quota`: the client's own limits were in the way. `void`: it says nothing (throttled, wrong state, wrong call).
 */
export type StartResult = 'sent' | 'failed' | 'refused' | 'quota' | 'void';

/** A call to start the machine, by vigie or by anyone of the account. */
export interface StartCall {
  readonly kind: 'start';
  /** Milliseconds since the epoch, by the provider's clock. */
  readonly atMs: number;
  /** Undefined when there was no answer. */
  readonly requestId: string | undefined;
  readonly result: StartResult;
  /** The provider's status, or the code of its error where it is on record, for the claim; undefined: no answer. */
  readonly answer: string | undefined;
}

/** A call of the account that stopped or deleted the machine, and was carried out. */
export interface StopCall {
  readonly kind: 'stop';
  readonly atMs: number;
  readonly requestId: string | undefined;
}

export type VmCall = StartCall | StopCall;

/** The machine at one instant. */
export interface VmSight {
  readonly state: VmState;
  /** By the provider's clock, in milliseconds since the epoch. */
  readonly nowMs: number;
  /** Whether the client said beforehand that it stands still now. */
  readonly knownStop: boolean;
}

/** What is remembered of a machine from one look to the next. */
export interface VmMemory {
  /** When it was last seen running. */
  readonly ranMs: number | undefined;
  /** When it was first seen not running since; undefined while it runs. */
  readonly downMs: number | undefined;
  /** Vigie's own calls since it last ran, in the order of their instants. */
  readonly ownStarts: readonly StartCall[];
}

/** The memory of one who never looked. */
export const NO_MEMORY: VmMemory = { ranMs: undefined, downMs: undefined, ownStarts: [] };

/** What a look amounts to (sla-math §8, contract SLA9), with the call that decided it. */
export type VmVerdict =
  | { readonly kind: 'running' }
  | {
      readonly kind: 'excluded';
      readonly refusal: Extract<Refusal, 'client-stop' | 'not-restarted' | 'client-quota'>;
      readonly call: VmCall | undefined;
    }
  | { readonly kind: 'cannot-restart'; readonly call: StartCall };

/** What the provider tells may be so old: a machine is told to run for a while after it was stopped. */
const STOP_LAG_MS = 60_000;

const MOST_OWN_STARTS = 50;

/** The memory after a look. A machine that runs has no past. */
export function afterLook(memory: VmMemory, { state, nowMs }: VmSight): VmMemory {
  if (state === 'running') return { ranMs: nowMs, downMs: undefined, ownStarts: [] };
  return { ...memory, downMs: memory.downMs ?? nowMs };
}

/** The memory after a call of our own. Of very many the first that failed and the last are kept. */
export function afterStart(memory: VmMemory, call: StartCall): VmMemory {
  const calls = [...memory.ownStarts, call];
  const surplus = calls.slice(0, -MOST_OWN_STARTS).filter(({ result }) => result === 'failed');
  return { ...memory, ownStarts: [...surplus.slice(0, 1), ...calls.slice(-MOST_OWN_STARTS)] };
}

/** Our own calls and those on record, in order of time, each once: of our own we know more than is on record. */
export function allCalls({ ownStarts }: VmMemory, logged: readonly VmCall[]): readonly VmCall[] {
  const own = new Set(ownStarts.map(({ requestId }) => requestId));
  own.delete(undefined);
  const others = logged.filter(({ requestId }) => !own.has(requestId));
  return [...ownStarts, ...others].sort((a, b) => a.atMs - b.atMs);
}

/**
 * What it means that the machine is in this state. `calls` are in order of time; `memory` is that after the look.
 *
 * - Running is good, whatever was before.
 * - From the first call to start it that failed, since it was last stopped or seen running, it can't be restarted. That
 *   a client stopped it does not change that.
 * - A start that was carried out before anyone saw the machine down is taken to have worked; one carried out since
 *   has failed when the machine does not run `startWithinMs` later.
 * - A start refused for a reason that is not on record counts, unless another is known to be refused for quota.
 */
export function judgeVm(
  sight: VmSight,
  memory: VmMemory,
  calls: readonly VmCall[],
  startWithinMs: number,
): VmVerdict {
  if (sight.state === 'running') return { kind: 'running' };
  if (sight.knownStop) return { kind: 'excluded', refusal: 'client-stop', call: undefined };
  const stop = lastStop(memory, calls);
  const starts = startsThatTell(memory, calls, stop);
  const failed = firstFailed(starts, sight.nowMs - startWithinMs);
  if (failed) return { kind: 'cannot-restart', call: failed };
  const quota = starts.find(({ result }) => result === 'quota');
  if (quota) return { kind: 'excluded', refusal: 'client-quota', call: quota };
  const undone = stop && calls.some((call) => call.atMs > stop.atMs && isSent(call));
  if (stop && !undone) return { kind: 'excluded', refusal: 'client-stop', call: stop };
  return { kind: 'excluded', refusal: 'not-restarted', call: undefined };
}

function isSent(call: VmCall): call is StartCall {
  return call.kind === 'start' && call.result === 'sent';
}

function lastStop({ ranMs = -Infinity }: VmMemory, calls: readonly VmCall[]): StopCall | undefined {
  return calls.findLast((call): call is StopCall => call.kind === 'stop' && call.atMs > ranMs - STOP_LAG_MS);
}

/** Starts since the machine last ran, as far as that is known. */
function startsThatTell(
  { ranMs = -Infinity, downMs = Infinity }: VmMemory,
  calls: readonly VmCall[],
  stop: StopCall | undefined,
): readonly StartCall[] {
  const fromMs = Math.max(ranMs, stop?.atMs ?? -Infinity);
  const starts = calls.filter(
    (call): call is StartCall => call.kind === 'start' && call.atMs > fromMs && call.result !== 'void',
  );
  return starts.slice(starts.findLastIndex((call) => isSent(call) && call.atMs < downMs) + 1);
}

function firstFailed(starts: readonly StartCall[], dueMs: number): StartCall | undefined {
  const refusedForQuota = starts.some(({ result }) => result === 'quota');
  return starts.find(
    ({ result, atMs }) =>
      result === 'failed' ||
      (result === 'refused' && !refusedForQuota) ||
      (result === 'sent' && atMs <= dueMs),
  );
}

/** When vigie itself may start a machine; all in milliseconds. */
export interface RestartPlan {
  readonly allowed: boolean;
  /** From one call, whoever made it, to the next. */
  readonly everyMs: number;
  /** How long it must have been seen down, so that the record has time to tell who stopped it. */
  readonly afterMs: number;
  readonly startWithinMs: number;
}

/**
 * Whether vigie is to start the machine now. Never one that a client stopped and nobody tried to start since, never
 * one that is not plainly `stopped`, and never while another start is under way.
 */
export function restartDue(
  sight: VmSight,
  memory: VmMemory,
  calls: readonly VmCall[],
  { allowed, everyMs, afterMs, startWithinMs }: RestartPlan,
): boolean {
  if (!allowed || sight.state !== 'stopped') return false;
  const { nowMs } = sight;
  const verdict = judgeVm(sight, memory, calls, startWithinMs);
  if (verdict.kind === 'excluded' && verdict.refusal === 'client-stop') return false;
  const waited = nowMs - (memory.downMs ?? nowMs) >= afterMs;
  return waited && calls.every((call) => call.kind === 'stop' || nowMs - call.atMs >= pause(call));

  function pause(call: StartCall): number {
    return isSent(call) ? Math.max(everyMs, startWithinMs) : everyMs;
  }
}
