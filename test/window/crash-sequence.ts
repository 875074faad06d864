import type { CheckKey, Observation } from '../../src/core/observation.ts';
import type { JudgeCommit } from '../../src/window/store.ts';

const CHECKS = 5;
const FIRST_SLOT = Date.parse('2026-03-01T00:00:00Z') / 10_000;

/** Where a round's observations begin; far enough apart that rounds lie on different days. */
export const ROUND_LENGTH = 100_000;

/** The checks of the sequence. */
export const CHECK_KEYS: readonly CheckKey[] = Array.from({ length: CHECKS }, (_, i) => ({
  check: `check-${i}`,
  intervalMs: 10_000,
}));

/** The n-th observation that a writer puts; known to whoever looks at what it left. */
export function observationAt(n: number): Observation {
  const key = CHECK_KEYS[n % CHECKS] ?? { check: 'none', intervalMs: 10_000 };
  const place = { ...key, vantage: 'a', slot: FIRST_SLOT + Math.floor(n / CHECKS) };
  if (n % 11 === 3) return { ...place, outcome: 'excluded', cause: 'throttled' };
  if (n % 7 === 0) return { ...place, outcome: 'bad', cause: 'timeout', evidence: { n } };
  return { ...place, outcome: 'good' };
}

/** The number of the observation of a check in a slot. */
export function numberOf(checkIndex: number, slot: number): number {
  return (slot - FIRST_SLOT) * CHECKS + checkIndex;
}

/** The range that holds all rounds before one. */
export function rangeBefore(round: number): { readonly fromSlot: number; readonly toSlot: number } {
  return { fromSlot: FIRST_SLOT, toSlot: FIRST_SLOT + (round * ROUND_LENGTH) / CHECKS };
}

/** The k-th commit of the judged check; each adds one transition. */
export function commitAt(k: number): JudgeCommit {
  const cursorMs = (FIRST_SLOT + k) * 10_000;
  const expectedCursorMs = k === 1 ? null : cursorMs - 10_000;
  const state = k % 2 === 0 ? 'U' : 'D';
  return {
    check: 'judged',
    epoch: 1,
    expectedCursorMs,
    cursorMs,
    replaceFromMs: cursorMs - 10_000,
    transitions: [{ atMs: cursorMs - 10_000, state, causes: [], contested: false }],
  };
}

/** Which commit a cursor belongs to. */
export function commitNumber(cursorMs: number): number {
  return cursorMs / 10_000 - FIRST_SLOT;
}
