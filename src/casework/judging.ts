import type { Config } from '../config/config.ts';
import type { Check } from '../core/check.ts';
import type { CheckKey } from '../core/observation.ts';
import { Judge } from '../judge/judge.ts';
import type { WindowStore } from '../window/store.ts';

/**
 * The judge of a configuration, before it has seen anything. `toldSubregions`: those of the region as its API tells them.
 */
export function judgeFor(config: Config, toldSubregions?: readonly string[]): Judge {
  const { contract, formerContracts, checks, compositions, exclusions } = config;
  return new Judge({
    contract,
    ...(formerContracts && { formerContracts }),
    checks,
    compositions,
    exclusions,
    coversRegion: coversRegion(config, toldSubregions),
  });
}

/**
 * Whether the deployment stands in every subregion; null when the one or the other is not known. What the configuration
 * or the contract says of the region goes before what its API tells.
 */
export function coversRegion(
  { subregions, regionSubregions }: Pick<Config, 'subregions' | 'regionSubregions'>,
  toldSubregions?: readonly string[],
): boolean | null {
  const all = regionSubregions ?? toldSubregions;
  if (!subregions || !all) return null;
  return all.every((subregion) => subregions.includes(subregion));
}

/** How many checks are judged before the event loop gets its turn. */
const CHECKS_A_TURN = 50;
/** How many slots are judged before it, as near as checks allow: some 10 ms, so that a judge far behind delays no probe. */
const SLOTS_A_TURN = 60_000;

/** What is taken in, and who is told. */
export interface TakeIn {
  /** Some of the judge's checks; all when absent. */
  readonly checks?: readonly Check[];
  /**
   * Where the stored judgement of a check ends: what was judged beyond it is judged again, where the store does not tell
   * what has changed. Undefined while nothing is stored of it: then all is, from the first slot ever seen, since late data
   * is told only behind a judgement. Absent where nothing is ever stored: then a check is judged once from its first slot
   * on.
   */
  readonly storedMs?: (check: string) => number | undefined;
  readonly settle?: (group: readonly Check[]) => Promise<void>;
}

/**
 * Takes everything that the windows hold up to `nowMs` into the judge: the same step live and in replay. Checks are
 * taken in groups, without those of which nothing can have changed; `settle` is called for each in the very turn in which
 * its bits were read, so that a commit made there misses no bit that comes later, and may give the event loop its turn
 * before it resolves.
 */
export async function takeIn(
  judge: Judge,
  store: WindowStore,
  nowMs: number,
  { checks: all = judge.checks, storedMs, settle }: TakeIn = {},
): Promise<void> {
  const changed = store.takeChanged?.();
  const goesBack = storedMs !== undefined && changed === undefined;
  if (changed) goBackTo(changed, judge);
  else for (const { id } of all) judge.touch(id);
  await goBackToLate(await store.takeLate(), judge, store);
  for (let i = 0; i < all.length; i += CHECKS_A_TURN) {
    const checks = all.slice(i, i + CHECKS_A_TURN);
    const isDue = ({ id }: Check): boolean => judge.isDue(id, nowMs);
    const isOpen = (check: Check): boolean => goesBack && storedMs(check.id) === undefined && isDue(check);
    await reachBack(
      judge,
      store,
      checks.filter((check) => judge.cursorMs(check.id) === undefined || isOpen(check)),
    );
    const due = checks.filter(isDue);
    if (goesBack) for (const check of due) goBack(judge, check, storedMs(check.id));
    for (const group of readableAtOnce(judge, due, nowMs)) {
      const behind = group.filter(({ id }) => (judge.cursorMs(id) ?? nowMs) < nowMs);
      const ranges = behind.map((check) => rangeOf(judge, check, nowMs));
      for (const bits of await store.read(ranges)) judge.advance(bits, nowMs);
      await settle?.(group);
    }
  }
}

/**
 * What was judged beyond an instant is judged again; all that is not stored where there is none. Not the slot that the
 * instant lies in: that was begun at another interval.
 */
function goBack(judge: Judge, { id, intervalMs }: Check, toMs: number | undefined): void {
  const ms = toMs ?? judge.unsaved(id)?.fromMs;
  if (ms !== undefined) judge.rewind(id, Math.ceil(ms / intervalMs) * intervalMs);
}

/**
 * What came late is judged again, unless it came at an interval that the check no longer has: the slots of that one would be
 * taken for unknown.
 */
async function goBackToLate(
  late: ReadonlyMap<string, number>,
  judge: Judge,
  store: WindowStore,
): Promise<void> {
  const concerned = judge.checks.filter(({ id }) => late.has(id));
  const seen = await Promise.allSettled(
    concerned.map(({ id: check, intervalMs }) => store.seen({ check, intervalMs })),
  );
  for (const [i, { id, intervalMs }] of concerned.entries()) {
    const atMs = late.get(id) ?? Infinity;
    const answer = seen[i];
    // It is told once: where it cannot be known at which interval it came, nothing may be missed.
    const firstMs =
      answer?.status === 'fulfilled' ? (answer.value?.firstSlot ?? Infinity) * intervalMs : -Infinity;
    if (firstMs <= atMs) judge.rewind(id, atMs);
  }
}

/** What has changed is judged again; where nothing of a check was judged yet, it is begun elsewhere. */
function goBackTo(changed: ReadonlyMap<CheckKey, number>, judge: Judge): void {
  for (const [{ check, intervalMs }, atMs] of changed) {
    const isJudged = judge.intervalMs(check) === intervalMs && judge.cursorMs(check) !== undefined;
    if (isJudged) judge.rewind(check, atMs);
  }
}

/** The checks in groups of not too many slots each; live, when little is new, that is one. */
function readableAtOnce(
  judge: Judge,
  checks: readonly Check[],
  nowMs: number,
): readonly (readonly Check[])[] {
  const groups: Check[][] = [];
  let slots = Infinity;
  for (const check of checks) {
    const { fromSlot, toSlot } = rangeOf(judge, check, nowMs);
    const own = (toSlot - fromSlot) * check.vantages.length;
    slots += own;
    if (slots > SLOTS_A_TURN) {
      groups.push([]);
      slots = own;
    }
    groups.at(-1)?.push(check);
  }
  return groups;
}

/**
 * A check's life begins with its first observation: those that begin later than with the first slot ever seen by now, or
 * have not begun, go back to it.
 */
export async function reachBack(judge: Judge, store: WindowStore, all: readonly Check[]): Promise<void> {
  for (let i = 0; i < all.length; i += CHECKS_A_TURN) {
    const checks = all.slice(i, i + CHECKS_A_TURN);
    const seen = await Promise.all(
      checks.map(({ id: check, intervalMs }) => store.seen({ check, intervalMs })),
    );
    for (const [n, { id, intervalMs }] of checks.entries()) {
      const firstMs = (seen[n]?.firstSlot ?? Infinity) * intervalMs;
      if (firstMs < (judge.beginMs(id) ?? Infinity)) judge.rewind(id, firstMs);
    }
  }
}

function rangeOf(judge: Judge, check: Check, nowMs: number) {
  const { id, intervalMs } = check;
  const fromSlot = Math.floor((judge.cursorMs(id) ?? nowMs) / intervalMs);
  return { check: id, intervalMs, fromSlot, toSlot: Math.ceil(nowMs / intervalMs) };
}
