import type { Cause } from '../core/cause.ts';
import { strongerMark, type CheckKey } from '../core/observation.ts';
import type { Evidence } from '../core/reading.ts';
import { getBit, type SlotBits, type VantageBits } from '../core/slots.ts';

/** Why a slot was not good, as one vantage saw it. */
export interface SlotMark {
  readonly vantage: string;
  readonly slot: number;
  readonly outcome: 'bad' | 'excluded';
  readonly cause: Cause;
  readonly evidence?: Evidence;
}

/** The slots [fromSlot, toSlot) of a check, with all that is known of them. */
export interface SeenSlots extends CheckKey {
  readonly fromSlot: number;
  readonly toSlot: number;
  readonly bits: SlotBits;
  /** Of the same slots, in any order. */
  readonly marks: readonly SlotMark[];
}

type Outcome = 'good' | 'bad' | 'excluded';

/** Slots [from, to) that one vantage saw alike. */
export interface SeenRun {
  readonly from: number;
  readonly to: number;
  readonly outcome: Outcome;
  readonly cause?: Cause;
  readonly evidence?: Evidence;
}

interface Run {
  readonly from: number;
  to: number;
  readonly outcome: Outcome;
  readonly cause?: Cause;
  readonly evidence?: Evidence;
}

/**
 * What one vantage saw, as lines of JSON in the shape that `vigie replay` reads (interfaces.md), in the order of the
 * slots: runs of equal slots without evidence share a line, a slot with evidence has its own. Slots that nobody saw
 * have none. The same slots give the same bytes.
 */
export function* observationLines(seen: SeenSlots, vantage: string): Generator<string, void, void> {
  for (const run of seenRuns(seen, vantage)) yield observationLine(seen, vantage, run);
}

/** What one vantage saw, in the order of the slots: runs of equal slots, a slot with evidence by itself. */
export function* seenRuns(seen: SeenSlots, vantage: string): Generator<SeenRun, void, void> {
  const bits = seen.bits.vantages.find((one) => one.vantage === vantage);
  if (bits) yield* runsOf(seen, bits);
}

function* runsOf(seen: SeenSlots, bits: VantageBits): Generator<Run, void, void> {
  const marks = marksBySlot(seen.marks, bits.vantage);
  let run: Run | undefined;
  for (let slot = seen.fromSlot; slot < seen.toSlot; slot++) {
    const next = slotAsRun(slot, outcomeAt(bits, slot - seen.bits.baseSlot), marks.get(slot));
    if (run && next && joins(run, next)) {
      run.to = next.to;
      continue;
    }
    if (run) yield run;
    run = next;
  }
  if (run) yield run;
}

function marksBySlot(marks: readonly SlotMark[], vantage: string): ReadonlyMap<number, SlotMark> {
  const bySlot = new Map<number, SlotMark>();
  for (const mark of marks) {
    if (mark.vantage !== vantage) continue;
    const known = bySlot.get(mark.slot);
    bySlot.set(mark.slot, known ? strongerMark(known, mark) : mark);
  }
  return bySlot;
}

function outcomeAt(bits: VantageBits, i: number): Outcome | undefined {
  if (!getBit(bits.seen, i)) return undefined;
  if (getBit(bits.excluded, i)) return 'excluded';
  return getBit(bits.bad, i) ? 'bad' : 'good';
}

function slotAsRun(slot: number, outcome: Outcome | undefined, mark: SlotMark | undefined): Run | undefined {
  if (!outcome) return undefined;
  const at = { from: slot, to: slot + 1, outcome };
  if (outcome === 'good' || mark?.outcome !== outcome) return at;
  const { cause, evidence } = mark;
  return evidence && Object.keys(evidence).length > 0 ? { ...at, cause, evidence } : { ...at, cause };
}

function joins(run: Run, next: Run): boolean {
  if (run.evidence || next.evidence || run.to !== next.from) return false;
  return run.outcome === next.outcome && run.cause === next.cause;
}

/** A run as a line of JSON in the shape of interfaces.md. */
export function observationLine({ check, intervalMs }: CheckKey, vantage: string, run: SeenRun): string {
  const { from, to, outcome, cause, evidence } = run;
  const start = new Date(from * intervalMs).toISOString();
  const span =
    to === from + 1 ? { slot: start } : { from: start, to: new Date(to * intervalMs).toISOString() };
  return JSON.stringify({
    check,
    vantage,
    ...span,
    outcome,
    cause,
    evidence: evidence && sortedEvidence(evidence),
  });
}

/** Evidence with its fields in one order, whatever theirs is. */
export function sortedEvidence(evidence: Evidence): Evidence {
  return Object.fromEntries(Object.entries(evidence).sort(([a], [b]) => (a < b ? -1 : 1)));
}
