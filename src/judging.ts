import type { Check } from './core/check.ts';
import type { Config } from './config/config.ts';
import { Judge } from './judge/judge.ts';
import type { WindowStore } from './window/store.ts';

/** The judge of a configuration, before it has seen anything. */
export function judgeFor(config: Config): Judge {
  return new Judge({ ...config, coversRegion: coversRegion(config) });
}

/** Whether the deployment stands in every subregion; null when the one or the other is not known. */
function coversRegion({ subregions, regionSubregions }: Config): boolean | null {
  if (!subregions || !regionSubregions) return null;
  return regionSubregions.every((subregion) => subregions.includes(subregion));
}

/** How many checks are judged before the event loop gets its turn. */
const CHECKS_A_TURN = 50;

/**
 * Takes everything that the windows hold up to `nowMs` into the judge: the same step live and in replay. Checks are
 * taken in groups; `settle` is called for each in the very turn in which its bits were read, so that a commit made
 * there misses no bit that comes later, and may give the event loop its turn before it resolves.
 */
export async function takeIn(
  judge: Judge,
  store: WindowStore,
  nowMs: number,
  settle: (group: readonly Check[]) => Promise<void> = () => Promise.resolve(),
): Promise<void> {
  for (const [check, changedMs] of await store.takeLate()) judge.rewind(check, changedMs);
  for (let i = 0; i < judge.checks.length; i += CHECKS_A_TURN) {
    const group = judge.checks.slice(i, i + CHECKS_A_TURN);
    await beginSeen(judge, store, group);
    const due = group.filter((check) => (judge.cursorMs(check.id) ?? nowMs) < nowMs);
    const ranges = due.map((check) => rangeOf(judge, check, nowMs));
    for (const bits of await store.read(ranges)) judge.advance(bits, nowMs);
    await settle(group);
  }
}

/** A check's life begins with its first observation. */
async function beginSeen(judge: Judge, store: WindowStore, checks: readonly Check[]): Promise<void> {
  for (const check of checks) {
    if (judge.cursorMs(check.id) !== undefined) continue;
    const seen = await store.seen({ check: check.id, intervalMs: check.intervalMs });
    if (seen) judge.rewind(check.id, seen.firstSlot * check.intervalMs);
  }
}

function rangeOf(judge: Judge, check: Check, nowMs: number) {
  const { id, intervalMs } = check;
  const fromSlot = Math.floor((judge.cursorMs(id) ?? nowMs) / intervalMs);
  return { check: id, intervalMs, fromSlot, toSlot: Math.ceil(nowMs / intervalMs) };
}
