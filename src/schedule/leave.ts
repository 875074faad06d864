import type { Clock } from '../core/clock.ts';
import { IDENTICAL_GAP_MS, type IdenticalGuard } from './identical-guard.ts';
import type { Reserve } from './scheduled-check.ts';

/** How long other processes are waited for before a request leaves. */
const ANSWER_WITHIN_MS = 200;

/** An answer that was come to later than this says nothing of now: the right to send may be another's again. */
const CURRENT_MS = ANSWER_WITHIN_MS + 50;

/** A request that leaves so long after it was asked for is told once more, so that others count from when it left. */
const PROMPT_MS = 20;

/** What keeps identical requests apart, in this process and among all. */
interface Askers {
  readonly clock: Clock;
  readonly guard: IdenticalGuard;
  readonly reserve?: Reserve;
}

/** Whether a request leaves: `unanswered` when that is to be asked once more, since we came late to the silence. */
export type Leave = 'now' | 'again' | 'unanswered' | 'never';

/** What was asked of other processes. */
export interface Asked {
  readonly reserved: Promise<number>;
  /** The last instant at which the attempt may begin. */
  readonly lastMs: number;
  /** What came of the asking before. */
  readonly before: Leave;
}

/**
 * Whether a request may leave that other processes were asked about, given when their answer was come to. Who does not
 * answer soon cannot be asked: then each process keeps its own requests apart.
 */
export async function leaveOf(
  { clock, guard, reserve }: Askers,
  identity: string,
  { reserved, lastMs, before }: Asked,
): Promise<Leave> {
  const askedMs = clock.monotonicMs();
  const turnMs = guard.freeAtMs(identity);
  const refusedMs = await answerOf(clock, reserved);
  const nowMs = clock.monotonicMs();
  // Meanwhile our turn ran out and another run of ours took its own.
  if (guard.freeAtMs(identity) !== turnMs) return 'again';
  guard.holdUntil(identity, nowMs + (refusedMs ?? 0));
  if (refusedMs) return 'again';
  const isCurrent = nowMs - askedMs <= CURRENT_MS;
  if (!isCurrent && refusedMs !== undefined) return 'again';
  if (!isCurrent && before !== 'unanswered') return 'unanswered';
  if (nowMs > lastMs) return 'never';
  guard.holdUntil(identity, nowMs + IDENTICAL_GAP_MS);
  if (nowMs - askedMs > PROMPT_MS) void reserve?.(identity);
  return 'now';
}

/** For how long the request has to wait; undefined when nobody answers. */
async function answerOf(clock: Clock, reserved: Promise<number>): Promise<number | undefined> {
  const { promise: unanswered, resolve } = Promise.withResolvers<undefined>();
  const cancel = clock.after(ANSWER_WITHIN_MS, () => resolve(undefined));
  const refusedMs = await Promise.race([reserved, unanswered]);
  cancel();
  return refusedMs;
}
