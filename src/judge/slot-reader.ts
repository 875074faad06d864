import type { Cause } from '../core/cause.ts';
import { getBit, type SlotBits, type VantageBits } from '../core/slots.ts';
import type { SlotState } from '../core/timeline.ts';
import { slotState } from './quorum.ts';
import { type RunKind, UNKNOWN, UP } from './runs.ts';

/** What is known of a check when its slots are judged. */
export interface SlotRules {
  readonly intervalMs: number;
  readonly timeoutMs: number;
  /** All vantages that are expected; bits of others are not looked at. */
  readonly vantages: readonly string[];
  /** How many objects a good slot vouches for; 1 when absent. */
  readonly objects?: number;
}

/** When a slot stops waiting for its vantages: slot end + max(timeout, T) (sla-math §2). */
export function watermarkMs(slot: number, rules: SlotRules): number {
  return (slot + 1) * rules.intervalMs + Math.max(rules.timeoutMs, rules.intervalMs);
}

/**
 * Judges slots [fromSlot, toSlot) one after the other and calls `emit` for each stretch that is alike, in order;
 * `pending` stretches included. Stretches that follow one another may be alike.
 */
export function readSlots(
  bits: SlotBits,
  rules: SlotRules,
  fromSlot: number,
  toSlot: number,
  nowMs: number,
  emit: (fromSlot: number, toSlot: number, kind: RunKind | 'pending') => void,
): void {
  const expected = rules.vantages.map((name) => bits.vantages.find((vantage) => vantage.vantage === name));
  let slot = fromSlot;
  while (slot < toSlot) {
    const end = uniformEnd(bits, expected, rules, { slot, toSlot, nowMs });
    if (end === undefined) {
      emit(slot, slot + 1, judgeSlot(bits, expected, slot, watermarkMs(slot, rules) <= nowMs));
      slot++;
    } else {
      emit(slot, end.slot, end.kind);
      slot = end.slot;
    }
  }
}

/** How far from a slot on whole bytes are all up or all unknown; undefined when not even one byte is. */
function uniformEnd(
  bits: SlotBits,
  expected: Expected,
  rules: SlotRules,
  { slot, toSlot, nowMs }: { readonly slot: number; readonly toSlot: number; readonly nowMs: number },
): { readonly slot: number; readonly kind: RunKind } | undefined {
  if (((slot - bits.baseSlot) & 7) !== 0) return undefined;
  let kind: 'up' | 'unseen' | undefined;
  let end = slot;
  for (; end + 8 <= toSlot; end += 8) {
    const eight = uniformEight(expected, (end - bits.baseSlot) >> 3);
    if (eight === undefined || (kind !== undefined && eight !== kind)) break;
    if (eight === 'unseen' && watermarkMs(end + 7, rules) > nowMs) break;
    kind = eight;
  }
  return kind && { slot: end, kind: kind === 'up' ? UP : UNKNOWN };
}

type Expected = readonly (VantageBits | undefined)[];

/** Whether the eight slots of a byte are all good for everyone, or unseen by everyone: nearly all bytes are. */
function uniformEight(expected: Expected, byte: number): 'up' | 'unseen' | undefined {
  let allSeen = true;
  let noneSeen = true;
  for (const vantage of expected) {
    const seen = vantage?.seen[byte] ?? 0;
    if (seen !== 0) noneSeen = false;
    if (seen !== 0xff || vantage?.bad[byte] || vantage?.excluded[byte]) allSeen = false;
  }
  if (allSeen) return 'up';
  return noneSeen ? 'unseen' : undefined;
}

function judgeSlot(bits: SlotBits, expected: Expected, slot: number, past: boolean): RunKind | 'pending' {
  let good = 0;
  let bad = 0;
  let excluded = 0;
  const i = slot - bits.baseSlot;
  for (const vantage of expected) {
    if (!vantage || !getBit(vantage.seen, i)) continue;
    if (getBit(vantage.excluded, i)) excluded++;
    else if (getBit(vantage.bad, i)) bad++;
    else good++;
  }
  const state = slotState({ good, bad, excluded }, expected.length, past);
  if (state === 'pending') return 'pending';
  const contested = good > 0 && bad > 0;
  if (!contested && state === 'U') return UP;
  if (!contested && state === '?') return UNKNOWN;
  return { state, contested, causes: causesOf(bits, slot, state) };
}

/** A slot that is down is not explained by what another vantage was refused for, nor the other way round. */
function causesOf(bits: SlotBits, slot: number, state: SlotState): readonly Cause[] {
  if (state === 'D') return bits.causesAt(slot, 'bad');
  return state === 'X' ? bits.causesAt(slot, 'excluded') : [];
}
